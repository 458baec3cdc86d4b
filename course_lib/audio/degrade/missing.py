"""Missing data: packets that never arrived, frames and bands that were masked. Each comes with its mask."""

from __future__ import annotations

import numpy as np

from course_lib.audio.level import check_clip, check_number


def random_gaps(total: int, *, missing: int, width: int, rng: np.random.Generator) -> np.ndarray:
    """Choose exactly ``missing`` of ``total`` places, in stretches of ``width``; True where missing.

    The last stretch is shorter when ``width`` does not divide ``missing``. Stretches may touch. Every
    arrangement of them is equally likely. Shape (total,), bool.
    """
    if not 0 <= missing <= total:
        raise ValueError(f"missing must lie between 0 and {total}; received {missing}")
    if width < 1:
        raise ValueError(f"width must be at least 1; received {width}")
    mask = np.zeros(total, bool)
    if missing == 0:
        return mask
    widths = np.full(-(-missing // width), width)
    widths[-1] = missing - width * (len(widths) - 1)
    rng.shuffle(widths)
    # Stars and bars: how many kept places lie before each stretch.
    kept = total - missing
    before = np.sort(rng.choice(kept + len(widths), size=len(widths), replace=False)) - np.arange(len(widths))
    starts = before + np.concatenate([[0], np.cumsum(widths)[:-1]])
    for start, size in zip(starts, widths, strict=True):
        mask[start : start + size] = True
    return mask


def dropped_frames(
    y, *, percent: float, rng: np.random.Generator, sr: int = 8000, packet_seconds: float = 0.02
) -> tuple[np.ndarray, np.ndarray]:
    """Lose packets of a call: exactly round(percent % of the packets) become silence.

    Parameters
    ----------
    y : np.ndarray, shape (samples,)
        At least 64 samples in [-1, 1].
    percent : float
        Share of packets lost, 0 to 100 %; a last packet that is not full counts as one.
    packet_seconds : float
        Length of a packet; 20 ms in most telephony.

    Returns
    -------
    y : np.ndarray, shape (samples,), float32
        Zero where lost.
    mask : np.ndarray, shape (samples,), bool
        True where lost: a network knows which packets are missing, and so may a restorer.
    """
    y = check_clip(y)
    percent = check_number(percent, name="percent", low=0, high=100, unit="%")
    size = round(check_number(packet_seconds, name="packet_seconds", low=1 / sr, high=len(y) / sr) * sr)
    packets = -(-len(y) // size)
    lost = random_gaps(packets, missing=round(percent / 100 * packets), width=1, rng=rng)
    mask = np.repeat(lost, size)[: len(y)]
    return np.where(mask, np.float32(0), y), mask


def mask_time(
    features, *, percent: float, rng: np.random.Generator, width: int = 8, fill: float | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Blank exactly round(percent % of the frames), in stretches of ``width`` frames.

    Parameters
    ----------
    features : np.ndarray, shape (..., frames, bands)
        Any representation; each clip of a batch gets its own mask.
    percent : float
        0 to 100 %.
    fill : float, optional
        Value put in; the lowest value of each clip when None, which is silence in a log spectrogram.

    Returns
    -------
    masked : np.ndarray, shape (..., frames, bands), float32
    mask : np.ndarray, shape (..., frames, bands), bool
        True where blanked.
    """
    return _mask_axis(features, axis=-2, percent=percent, rng=rng, width=width, fill=fill)


def mask_frequency(
    features, *, percent: float, rng: np.random.Generator, width: int = 4, fill: float | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Blank exactly round(percent % of the bands), in stretches of ``width``; else as :func:`mask_time`.

    Both masks together are those of SpecAugment (D. S. Park et al., Interspeech 2019).
    """
    return _mask_axis(features, axis=-1, percent=percent, rng=rng, width=width, fill=fill)


def _mask_axis(
    features, *, axis: int, percent: float, rng, width: int, fill
) -> tuple[np.ndarray, np.ndarray]:
    features = np.asarray(features, np.float32)
    if features.ndim < 2 or 0 in features.shape:
        raise ValueError(f"expected features of shape (..., frames, bands); received {features.shape}")
    if not np.isfinite(features).all():
        raise ValueError("features hold NaN or infinite values")
    percent = check_number(percent, name="percent", low=0, high=100, unit="%")
    clips = features.reshape(-1, *features.shape[-2:])
    total = clips.shape[axis]
    missing = round(percent / 100 * total)
    gaps = np.stack([random_gaps(total, missing=missing, width=width, rng=rng) for _ in clips])
    mask = np.broadcast_to(gaps[:, :, None] if axis == -2 else gaps[:, None, :], clips.shape)
    value = clips.min(axis=(1, 2), keepdims=True) if fill is None else np.float32(fill)
    return np.where(mask, value, clips).reshape(features.shape), mask.reshape(features.shape).copy()
