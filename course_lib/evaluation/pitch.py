"""How high a note sounds, and how far from what was asked for."""

from __future__ import annotations

import numpy as np
import scipy.signal

from course_lib.evaluation import validate

# From a third below the lowest note of the course, C2, to one above its highest, B5.
LOWEST_HZ, HIGHEST_HZ = 52.0, 1250.0
# Four periods of the lowest; a step is 32 ms.
FRAME_SECONDS, HOP_SECONDS = 0.128, 0.032
# Of the shortest period: with fewer, one that lies between two samples is taken for two of them.
PERIOD_SAMPLES = 12
# Of a sound that dies away only what is at most so much below its loudest frame is listened to.
RANGE_DB = 30.0


def pitch_hz(y, *, sr: int) -> float:
    """Fundamental frequency of one note in Hz, shape (samples,); NaN where none is heard.

    The median over frames of probabilistic YIN (M. Mauch, S. Dixon, "pYIN: a fundamental frequency estimator
    using probabilistic threshold distributions", ICASSP 2014), which looks for a period: for harmonic sounds.
    """
    import librosa
    import soxr

    y = validate.mono(y, name="y")
    finer = int(np.ceil(PERIOD_SAMPLES * HIGHEST_HZ / sr))
    y, sr = soxr.resample(np.asarray(y, np.float32), sr, finer * sr), finer * sr
    frame = int(2 ** np.ceil(np.log2(FRAME_SECONDS * sr)))
    f0, voiced, _ = librosa.pyin(
        y,
        fmin=LOWEST_HZ,
        fmax=HIGHEST_HZ,
        sr=sr,
        frame_length=frame,
        hop_length=round(HOP_SECONDS * sr),
    )
    level = librosa.feature.rms(y=y, frame_length=frame, hop_length=round(HOP_SECONDS * sr))[0]
    heard = voiced & (level[: len(f0)] > level.max() * 10 ** (-RANGE_DB / 20))
    return float(np.median(f0[heard])) if heard.any() else float("nan")


def strongest_partial_hz(y, *, sr: int) -> float:
    """Frequency in Hz of the strongest partial of one note after its attack; NaN for silence.

    For bells, whose partials have no common period: the clang dies first, and the note that one hears stays.
    """
    y = np.asarray(validate.mono(y, name="y"), np.float64)
    sounding = np.flatnonzero(np.abs(y) > 10 ** (-RANGE_DB / 20) * np.abs(y).max())
    if not len(sounding) or not np.abs(y).max() > 0:
        return float("nan")
    # The second half of what sounds.
    part = y[(sounding[0] + sounding[-1]) // 2 : sounding[-1] + 1]
    size = 1 << int(np.ceil(np.log2(8 * max(len(part), sr // 4))))
    power = np.abs(np.fft.rfft(part * scipy.signal.get_window("hann", len(part)), size)) ** 2
    low, high = (round(hz * size / sr) for hz in (LOWEST_HZ, HIGHEST_HZ))
    return float((low + np.argmax(power[low:high])) * sr / size)


def cents(hz, reference_hz) -> np.ndarray:
    """How far ``hz`` lies above the reference, in hundredths of a semitone; NaN stays NaN."""
    return 1200 * np.log2(np.asarray(hz, np.float64) / np.asarray(reference_hz, np.float64))
