"""How loud a sound is, and how to add one to another at an exact signal-to-noise ratio."""

from __future__ import annotations

import numpy as np

from course_lib.audio.files import AudioError, check_samples

# Fewer samples (8 ms at 8 kHz) hold no pitch period: noise colours and levels mean nothing there.
SHORTEST_SAMPLES = 64
# -120 dB re full scale: quieter than the last bit of any recording.
SILENT_PEAK = 1e-6
# A 20 ms frame counts as active when it is at most this much below the loudest one.
ACTIVE_RANGE_DB, ACTIVE_FRAME_SECONDS = 25.0, 0.02
LEVELS = ("clip", "active")


def check_clip(y, *, name: str = "y") -> np.ndarray:
    """``y`` as float32, shape (samples,), at least 64 samples; AudioError says what is wrong."""
    y = check_samples(y, name=name)
    if len(y) < SHORTEST_SAMPLES:
        raise AudioError(f"{name} has {len(y)} samples; expected at least {SHORTEST_SAMPLES}")
    return y


def check_audible(y, *, name: str = "y") -> np.ndarray:
    """As :func:`check_clip`, and not silent: a level or a ratio needs something to measure."""
    y = check_clip(y, name=name)
    peak = float(np.abs(y).max())
    if peak < SILENT_PEAK:
        raise AudioError(f"{name} is silent (peak {peak:.1e}): a level relative to it is not defined")
    return y


def check_number(value, *, name: str, low: float, high: float, unit: str = "") -> float:
    """``value`` as a float within [low, high]; ValueError states the range and what came."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = float("nan")
    if not low <= number <= high:
        unit = f" {unit}" if unit else ""
        raise ValueError(f"{name} must lie between {low:g} and {high:g}{unit}; received {value!r}")
    return number


def active_rms(y: np.ndarray, *, sr: int = 8000) -> float:
    """Root mean square of ``y``, shape (samples,), over its active frames: 20 ms, near the loudest one.

    Pauses and padding do not count. 0.0 for silence.
    """
    size = max(1, min(len(y), round(ACTIVE_FRAME_SECONDS * sr)))
    frames = np.asarray(y[: len(y) // size * size], np.float64).reshape(-1, size)
    power = np.mean(frames**2, axis=1)
    if not power.size or power.max() == 0:
        return 0.0
    return float(np.sqrt(power[power >= power.max() * 10 ** (-ACTIVE_RANGE_DB / 10)].mean()))


def rms(y: np.ndarray, *, level: str = "clip", sr: int = 8000) -> float:
    """Root mean square of ``y``, shape (samples,): over the whole ``"clip"`` or its ``"active"`` frames."""
    if level not in LEVELS:
        raise ValueError(f"level must be one of {', '.join(LEVELS)}; received {level!r}")
    if level == "active":
        return active_rms(y, sr=sr)
    return float(np.sqrt(np.mean(np.asarray(y, np.float64) ** 2)))


def add_at_snr(y, noise, *, snr_db: float, level: str = "clip", sr: int = 8000) -> np.ndarray:
    """Add ``noise`` to ``y`` at an exact signal-to-noise ratio.

    Parameters
    ----------
    y, noise : np.ndarray, shape (samples,)
        The sound, and what disturbs it at any level.
    snr_db : float
        10 log10 of the power of ``y`` over the power of the added noise, in dB, -60 to 100.
    level : {"clip", "active"}
        Where the power of ``y`` is measured: over all given samples (the ratio of energies, as
        :func:`course_lib.evaluation.signal.snr` measures it), or over its active frames only. The noise is
        always measured over all samples. A word of 0.4 s in a clip of 1 s gets about 4 dB more noise with
        "active", and the same noise whatever the padding.
    sr : int
        Sampling rate in Hz; only "active" depends on it.

    Returns
    -------
    np.ndarray, shape (samples,), float32
        Exact to 1e-3 dB between -40 and 60 dB. It may leave [-1, 1]: nothing is clipped or rescaled here.

    Raises
    ------
    AudioError
        Too short, silent, NaN.
    ValueError
        Another length of noise, a ratio or level out of range.
    """
    y = check_audible(y)
    snr_db = check_number(snr_db, name="snr_db", low=-60, high=100, unit="dB")
    noise = np.asarray(noise, np.float64)
    if noise.shape != y.shape:
        raise ValueError(f"noise must have the shape of y, {y.shape}; received {noise.shape}")
    noise_rms = rms(noise)
    if not (np.isfinite(noise_rms) and noise_rms > 0):
        raise AudioError("the noise is silent or not finite: it cannot be scaled to a ratio")
    gain = rms(y, level=level, sr=sr) / noise_rms * 10 ** (-snr_db / 20)
    return (y.astype(np.float64) + gain * noise).astype(np.float32)
