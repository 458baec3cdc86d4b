"""Restoration without learning: the honest baselines that a network has to beat.

``RESTORERS`` maps a name to a denoiser; all take ``(y, *, sr=8000, noise=None, estimator="quietest", ...)``
and return a sound of the same shape. Gaps are filled by :func:`interpolate_gaps`.
"""

from course_lib.audio.restore.gaps import interpolate_gaps
from course_lib.audio.restore.spectral_gate import spectral_gate
from course_lib.audio.restore.suppression import log_mmse, wiener

RESTORERS = {"spectral_gate": spectral_gate, "wiener": wiener, "log_mmse": log_mmse}

__all__ = ["RESTORERS", "interpolate_gaps", "log_mmse", "spectral_gate", "wiener"]
