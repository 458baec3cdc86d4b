"""Restoration without learning: the honest baselines that a network has to beat.

``RESTORERS`` maps a name to a denoiser; all take ``(y, *, sr=8000, noise=None, estimator="quietest", ...)``
and return a sound of the same shape. Gaps are filled by :func:`interpolate_gaps`.

Their defaults are tuned, so that a network beats them at their best, but never on a voice that any table
scores: on ten-digit strings of FSDD's jackson, nicolas and yweweler and of the bundled digits' training
voices, under white noise and babble of six at -5, 0 and 5 dB, 204 in all. Chosen is what has the highest mean
PESQ-NB without a mean STOI below that of the noisy strings: at full strength all of them trade
intelligibility for comfort. :mod:`course_lib.evaluation.enhancement` scores them on the fixed test strings.
"""

from course_lib.audio.restore.gaps import interpolate_gaps
from course_lib.audio.restore.spectral_gate import spectral_gate
from course_lib.audio.restore.suppression import log_mmse, wiener

RESTORERS = {"spectral_gate": spectral_gate, "wiener": wiener, "log_mmse": log_mmse}

__all__ = ["RESTORERS", "interpolate_gaps", "log_mmse", "spectral_gate", "wiener"]
