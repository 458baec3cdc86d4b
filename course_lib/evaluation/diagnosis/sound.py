"""What can be heard of a model's output: nothing, distortion, or the same for everything."""

from __future__ import annotations

import numpy as np

from course_lib.audio.level import active_rms
from course_lib.evaluation.diagnosis.symptom import Symptom
from course_lib.evaluation.diagnosis.words import percent, usual_rate

# After 100 steps healthy reconstructions lie at most 17 dB below their originals (a network that has not
# learnt the pauses yet is quiet); untrained ones lie 27 to 34 dB below. Without an original: 50 dB below full
# scale.
SILENT_DB, SILENT_PEAK = -25.0, 10 ** (-50 / 20)
# The loudest PCM16 sample, with room for one step of rounding.
FULL_SCALE = 1 - 1.5 / 32768
# One sample at full scale is a peak; three in a row are a peak cut off. Clipping of 1 sample in 1,000 is
# heard as a crackle on vowels.
CLIP_RUN, CLIPPED_SHARE, MUCH_CLIPPED = 3, 1e-3, 1e-2
# Spread between outputs over spread between inputs, both in dB. After 100 steps a network with two latent
# numbers has 0.3 to 0.5, with 64 over 0.6; one whose learning rate was a hundred times too high has 0.000.
SAME, NEARLY_SAME = 0.05, 0.15


def silent(outputs, originals=None, *, sr: int = 8000, learning_rate: float | None = None) -> Symptom | None:
    """What comes out cannot be heard.

    Parameters
    ----------
    outputs : np.ndarray, shape (clips, samples)
        What the model makes, full scale [-1, 1].
    originals : np.ndarray, shape (clips, samples), optional
        The same clips as they should sound. Without them full scale is the measure.
    learning_rate : float, optional
        The peak rate of the run, for the remedy.
    """
    outputs = np.asarray(outputs, np.float32)
    peaks = np.abs(outputs).max(axis=1)
    if originals is None:
        quiet, level = peaks < SILENT_PEAK, 20 * np.log10(np.maximum(peaks, 1e-6))
        below = "below full scale"
    else:
        level = _levels(outputs, sr) - _levels(np.asarray(originals, np.float32), sr)
        quiet, below = level < SILENT_DB, "below the original"
    if not quiet.any():
        return None
    count, clips = int(quiet.sum()), len(outputs)
    loudest = float(level[quiet].max())
    evidence = {"silent_clips": count, "clips": clips, "level_db": loudest, "peak": float(peaks[quiet].max())}
    which = "Every clip" if count == clips else f"{count} of {clips} clips"
    what = "silent" if peaks[quiet].max() == 0 else f"barely audible: at least {-loudest:.0f} dB {below}"
    return Symptom(
        "silent output",
        "serious" if count == clips else "warning",
        f"{which} that the model makes {'is' if count in (1, clips) else 'are'} {what}.",
        (usual_rate(learning_rate) or "Train longer.")
        + " In a network of your own look at the decoder's last "
        "layer: features are standardised and lie on both sides of zero, which an activation such as relu or "
        "sigmoid cannot reach.",
        evidence,
        lab="01",
    )


def _levels(y: np.ndarray, sr: int) -> np.ndarray:
    """Speech-active level of each clip in dB, -120 for silence."""
    return np.array([20 * np.log10(max(active_rms(clip, sr=sr), 1e-6)) for clip in y])


def clipped(outputs, originals=None) -> Symptom | None:
    """What comes out is cut off at full scale, more than the originals are.

    Parameters
    ----------
    outputs, originals : np.ndarray, shape (clips, samples)
        Full scale [-1, 1]; what lies outside counts as cut off, because every player does it.
    """
    share, longest = _cut_off(outputs)
    share -= 0.0 if originals is None else _cut_off(originals)[0]
    if share < CLIPPED_SHARE:
        return None
    evidence = {"clipped_share": float(share), "longest_run": longest, "clips": len(outputs)}
    return Symptom(
        "clipped output",
        "serious" if share >= MUCH_CLIPPED else "warning",
        f"{100 * share:.2g} % of the output's samples are cut off at full scale, up to {longest} in a row: "
        "it crackles.",
        "The features come out too loud. Lower learning_rate or train longer; in a network of your own leave "
        "the decoder's last layer without activation and without a scale of its own.",
        evidence,
        lab="00",
    )


def _cut_off(y) -> tuple[float, int]:
    """Share of samples in runs of three or more at full scale, and the longest run."""
    y = np.asarray(y, np.float32)
    inside, longest = 0, 0
    for side in (y >= FULL_SCALE, y <= -FULL_SCALE):
        # A column of False on both sides: runs end with their clip.
        edges = np.diff(np.pad(side, ((0, 0), (1, 1))).astype(np.int8).ravel())
        lengths = np.flatnonzero(edges == -1) - np.flatnonzero(edges == 1)
        lengths = lengths[lengths >= CLIP_RUN]
        inside += int(lengths.sum())
        longest = max(longest, int(lengths.max(initial=0)))
    return inside / y.size, longest


def same_for_everything(outputs, inputs, *, learning_rate: float | None = None) -> Symptom | None:
    """The model answers every clip with nearly the same sound: its decoder does not listen to the latent.

    Parameters
    ----------
    outputs, inputs : np.ndarray, shape (clips, frames, bands)
        Features or spectrograms, in one unit; two different clips at least.
    """
    outputs, inputs = (np.asarray(x, np.float32) for x in (outputs, inputs))
    of_inputs = _spread(inputs)
    if len(inputs) < 2 or not of_inputs > 0:
        return None
    ratio = _spread(outputs) / of_inputs
    if not ratio < NEARLY_SAME:
        return None
    return Symptom(
        "same output for everything",
        "serious" if ratio < SAME else "warning",
        f"Whatever goes in, nearly the same comes out: the outputs differ by {percent(ratio)} of what "
        "the clips differ.",
        usual_rate(learning_rate)
        or "Train longer; if the loss stands still, lower learning_rate ten times, "
        "then raise it ten times, then raise latent_dim.",
        {"spread_ratio": float(ratio), "clips": len(inputs)},
        lab="01",
    )


def _spread(x: np.ndarray) -> float:
    """Mean absolute difference between two clips."""
    pairs = [np.abs(x[i] - x[j]).mean() for i in range(len(x)) for j in range(i)]
    return float(np.mean(pairs)) if pairs else 0.0
