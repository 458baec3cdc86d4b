"""Find clips that come from one recording, although level, place and speed differ."""

from __future__ import annotations

import numpy as np

from course_lib.audio.stft import stft

# Log-spaced frequencies: another speed moves them all by the same number of bands (3.6 % a band), so a few
# shifts cover +-15 %. Sounds are stretched to one number of frames.
BANDS, FRAMES, LOWEST_HZ, HIGHEST_HZ, MOST_SHIFT = 96, 24, 120.0, 3600.0, 4
ACTIVE = 0.02
# Speeds tried about the one that the shift tells, then finer: at 0.05 % a clip of a second drifts by half a
# millisecond, less than half a period of speech.
COARSE, FINE = np.exp(np.arange(-0.03, 0.0301, 0.003)), (0.0015, 0.00075, 0.0004)
# Largest correlation of two clips, over place and speed. Copies with other speed, level and place: 0.93 and
# more for nineteen of twenty. Other takes of the same word by the same speaker: 0.93 at most of 300 pairs;
# other speakers: 0.80; synthetic voices of one synthesiser: 0.90.
SAME_RECORDING = 0.95


def nearest_recordings(y: np.ndarray, others: np.ndarray, *, sr: int = 8000) -> tuple[np.ndarray, np.ndarray]:
    """For each clip the most similar of the others, and how much they correlate.

    Parameters
    ----------
    y, others : np.ndarray, shape (clips, samples) and (more clips, samples)
        At one sampling rate; silent clips correlate with nothing.

    Returns
    -------
    index : np.ndarray, shape (clips,), int
        Row of ``others``.
    correlation : np.ndarray, shape (clips,), float
        In [0, 1]; from ``SAME_RECORDING`` on it is one recording.
    """
    y, others = (np.atleast_2d(np.asarray(x, np.float32)) for x in (y, others))
    ours, theirs = _fingerprints(y, sr), _normalised(_fingerprints(others, sr))
    shifts = range(-MOST_SHIFT, MOST_SHIFT + 1)
    similar = np.stack([_normalised(_shifted(ours, shift)) @ theirs.T for shift in shifts])
    index = similar.max(axis=0).argmax(axis=1)
    shift = similar[:, np.arange(len(y)), index].argmax(axis=0) - MOST_SHIFT
    ratio = np.log(min(HIGHEST_HZ, 0.45 * sr) / LOWEST_HZ) / (BANDS - 1)
    speed = np.exp(-ratio * shift)
    pairs = zip(y, others[index], speed, strict=True)
    return index, np.array([_correlation(a, b, about) for a, b, about in pairs])


def _fingerprints(y: np.ndarray, sr: int) -> np.ndarray:
    """Log spectra on log-spaced frequencies, (clips, FRAMES, BANDS), each from a sound's start to its end."""
    n_fft, hop_length = 512, 128
    y = np.pad(y, ((0, 0), (0, -y.shape[1] % hop_length)))
    place = np.geomspace(LOWEST_HZ, min(HIGHEST_HZ, 0.45 * sr), BANDS) / sr * n_fft
    below = place.astype(int)
    part = (place - below).astype(np.float32)
    prints = np.zeros((len(y), FRAMES, BANDS), np.float32)
    # A few hundred at a time: the spectra of all clips would take more memory than the clips.
    for start in range(0, len(y), 256):
        spectra = np.abs(stft(y[start : start + 256], n_fft=n_fft, hop_length=hop_length))
        spectra = spectra[..., below] * (1 - part) + spectra[..., below + 1] * part
        for row, spectrum in enumerate(spectra, start=start):
            prints[row] = _stretched(spectrum)
    return prints


def _stretched(spectrum: np.ndarray) -> np.ndarray:
    level = spectrum.sum(axis=1)
    if not level.max() > 0:
        return np.zeros((FRAMES, BANDS), np.float32)
    active = np.flatnonzero(level > ACTIVE * level.max())
    place = np.linspace(active[0], active[-1], FRAMES)
    below = np.minimum(place.astype(int), len(spectrum) - 2)
    part = (place - below)[:, None]
    stretched = spectrum[below] * (1 - part) + spectrum[below + 1] * part
    return np.log(stretched + 1e-3 * spectrum.max())


def _shifted(prints: np.ndarray, shift: int) -> np.ndarray:
    """Every fingerprint moved up by ``shift`` bands; the edge is repeated."""
    source = np.clip(np.arange(BANDS) - shift, 0, BANDS - 1)
    return prints[..., source]


def _normalised(prints: np.ndarray) -> np.ndarray:
    flat = prints.reshape(len(prints), -1)
    flat = flat - flat.mean(axis=1, keepdims=True)
    return flat / np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-9)


def _correlation(a: np.ndarray, b: np.ndarray, about: float) -> float:
    """Largest normalised correlation of ``a`` with ``b`` at any place and at speeds near ``about``."""
    a, b = (_without_padding(x) for x in (a, b))
    longest = int(len(b) / min(1.0, about * COARSE[0] * (1 - 2 * FINE[0]))) + 1
    size = 1 << (len(a) + longest - 1).bit_length()
    spectrum, energy = np.fft.rfft(a, size), float(np.square(a, dtype=np.float64).sum())

    def at(speed: float) -> float:
        c = np.interp(np.arange(int(len(b) / speed)) * speed, np.arange(len(b)), b)
        found = np.abs(np.fft.irfft(spectrum * np.conj(np.fft.rfft(c, size)), size)).max()
        return float(found / np.sqrt(energy * np.square(c).sum()))

    if not energy > 0 or not np.any(b):
        return 0.0
    speed, best = 1.0, at(1.0)
    if best > SAME_RECORDING:
        return min(1.0, best)
    for candidate in about * COARSE:
        if (found := at(candidate)) > best:
            speed, best = candidate, found
    for step in FINE:
        for candidate in (speed * (1 - step), speed * (1 + step)):
            if (found := at(candidate)) > best:
                speed, best = candidate, found
    return min(1.0, best)


def _without_padding(y: np.ndarray) -> np.ndarray:
    """A clip from its first sample that is not zero to its last: most of a clip of one word is padding."""
    sounding = np.flatnonzero(y)
    return y[sounding[0] : sounding[-1] + 1] if sounding.size else y[:1]
