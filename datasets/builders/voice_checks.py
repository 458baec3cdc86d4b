"""Numbers that say what a synthetic voice sounds like: is it voiced, alive, whole, and like no other?

Everything works on single words, mono, at one sampling rate ``sr``.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import librosa
import numpy as np
import scipy.signal

F0_RANGE = (55.0, 450.0)
FRAME_SECONDS, HOP_SECONDS = 0.05, 0.01
# A frame is voiced when its best period explains this share of its energy.
VOICED_STRENGTH = 0.55
# Frames this far below the loudest one are the word's edges and stop gaps, not its sound.
ACTIVE_DB = 25.0


@dataclass(frozen=True)
class ClipNumbers:
    """One word: seconds of sound, share of voiced frames, harmonicity, flatness, pitch and its movement.

    ``harmonicity`` is in dB, ``flatness`` in [0, 1], ``f0`` in Hz, ``f0_range`` in semitones, ``clipped`` a
    share of samples at full scale, ``tail`` the level in dB, re the loudest frame, that is left 80 ms after
    the last loud one: an echo rings on.
    """

    seconds: float
    voiced: float
    harmonicity: float
    flatness: float
    f0: float
    f0_range: float
    clipped: float
    tail: float

    def as_dict(self) -> dict[str, float]:
        """Field names to values."""
        return asdict(self)


def frames_of(y: np.ndarray, sr: int) -> np.ndarray:
    """Overlapping frames, shape (frames, samples of one)."""
    size, hop = round(FRAME_SECONDS * sr), round(HOP_SECONDS * sr)
    padded = np.pad(np.asarray(y, np.float64), (size // 2, size))
    return np.lib.stride_tricks.sliding_window_view(padded, size)[::hop]


def pitch_track(frames: np.ndarray, sr: int) -> tuple[np.ndarray, np.ndarray]:
    """Fundamental frequency in Hz and strength of periodicity in [0, 1] of each frame.

    Autocorrelation of the windowed frame over that of the window (Boersma, 1993).
    """
    size = frames.shape[1]
    window = np.hanning(size)
    n_fft = 1 << (2 * size - 1).bit_length()

    def correlate(x):
        r = np.fft.irfft(np.abs(np.fft.rfft(x, n_fft)) ** 2)[..., :size]
        return r / np.maximum(r[..., :1], 1e-12)

    r = correlate((frames - frames.mean(axis=1, keepdims=True)) * window) / np.maximum(
        correlate(window), 0.05
    )
    low, high = int(sr / F0_RANGE[1]), int(sr / F0_RANGE[0])
    # Slightly prefer short periods: twice the period explains a periodic frame as well.
    lags = np.arange(low, high)
    score = r[:, low:high] - 0.02 * np.log2(lags / low)
    best = np.argmax(score, axis=1)
    strength = np.clip(r[np.arange(len(r)), lags[best]], 0, 0.9999)
    return sr / lags[best], strength


def judge_clip(y: np.ndarray, sr: int) -> ClipNumbers:
    """The numbers of one word ``y``, shape (samples,), in [-1, 1]."""
    frames = frames_of(y, sr)
    level = 10 * np.log10(np.mean(frames**2, axis=1) + 1e-12)
    active = level > level.max() - ACTIVE_DB
    f0, strength = pitch_track(frames[active], sr)
    voiced = strength > VOICED_STRENGTH
    power = np.abs(np.fft.rfft(frames[active] * np.hanning(frames.shape[1]), axis=1)) ** 2 + 1e-12
    flatness = np.exp(np.mean(np.log(power), axis=1)) / np.mean(power, axis=1)
    if voiced.sum() >= 3:
        harmonicity = float(np.median(10 * np.log10(strength[voiced] / (1 - strength[voiced]))))
        semitones = 12 * np.log2(f0[voiced])
        pitch = float(np.median(f0[voiced]))
        spread = float(np.percentile(semitones, 90) - np.percentile(semitones, 10))
    else:
        harmonicity, pitch, spread = 0.0, 0.0, 0.0
    last_loud = np.flatnonzero(level > level.max() - 10)[-1]
    after = level[last_loud + round(0.08 / HOP_SECONDS) :]
    return ClipNumbers(
        seconds=float(active.sum() * HOP_SECONDS),
        voiced=float(voiced.mean()),
        harmonicity=harmonicity,
        flatness=float(np.median(flatness)),
        f0=pitch,
        f0_range=spread,
        clipped=float(np.mean(np.abs(y) >= 0.999)),
        tail=float(after[0] - level.max()) if len(after) else -120.0,
    )


def formants(y: np.ndarray, sr: int, *, count: int = 3) -> np.ndarray:
    """Median frequencies in Hz of the first resonances over the loud frames (linear prediction)."""
    frames = frames_of(scipy.signal.lfilter([1, -0.97], 1, y), sr)
    level = np.mean(frames**2, axis=1)
    found = []
    for one in frames[level > level.max() * 0.1] * np.hamming(frames.shape[1]):
        roots = np.roots(librosa.lpc(one, order=10))
        roots = roots[np.imag(roots) > 0.01]
        frequency = np.angle(roots) * sr / (2 * np.pi)
        bandwidth = -np.log(np.abs(roots)) * sr / np.pi
        good = np.sort(frequency[(frequency > 150) & (bandwidth < 500)])
        if len(good) >= count:
            found.append(good[:count])
    return np.median(found, axis=0) if found else np.zeros(count)


def timbre(y: np.ndarray, sr: int) -> np.ndarray:
    """Mean of 12 cepstral coefficients over the active frames, shape (12,), level left out."""
    mfcc = librosa.feature.mfcc(
        y=np.asarray(y, np.float32), sr=sr, n_mfcc=13, n_fft=256, hop_length=80, n_mels=32
    )
    active = mfcc[0] > mfcc[0].max() - 150
    return mfcc[1:, active].mean(axis=1)


def word_features(y: np.ndarray, sr: int, *, steps: int = 12) -> np.ndarray:
    """Cepstra at ``steps`` evenly spaced moments, flattened: what tells the words apart."""
    mfcc = librosa.feature.mfcc(
        y=np.asarray(y, np.float32), sr=sr, n_mfcc=13, n_fft=256, hop_length=80, n_mels=32
    )
    active = np.flatnonzero(mfcc[0] > mfcc[0].max() - 250)
    at = np.linspace(active[0], active[-1], steps)
    return np.stack([np.interp(at, np.arange(mfcc.shape[1]), row) for row in mfcc[1:]]).ravel()
