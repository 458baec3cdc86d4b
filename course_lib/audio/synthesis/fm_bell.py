"""A bell by frequency modulation: two sines make many partials, none of them harmonic."""

from __future__ import annotations

import numpy as np
import soxr

from course_lib.audio.synthesis.envelope import decay, release

# Carrier to modulator, Chowning's bell.
RATIO = 1.4
# Sidebands reach high: they are made at this multiple of the rate, then filtered away, never folded back.
OVERSAMPLING = 8


def fm_bell(f0: float, *, brightness: float, sr: int, n_samples: int, rng: np.random.Generator) -> np.ndarray:
    """Chowning's bell.

    J. Chowning, "The synthesis of complex audio spectra by means of frequency modulation", JAES 21(7), 1973.
    Partials lie at ``f0 * |1 + 1.4 n|`` for all whole n: 0.4, 1, 1.8, 2.4, 3.2, 3.8, ... The index of
    modulation falls with time, so that the clang dies first and the note at ``f0`` stays.

    Parameters
    ----------
    f0 : float
        Frequency of the carrier in Hz, the pitch that one hears.
    brightness : float
        0 to 1: index of modulation at the strike.

    Returns
    -------
    np.ndarray, shape (n_samples,)
        Of any level.
    """
    fast = OVERSAMPLING * sr
    n_fast = OVERSAMPLING * n_samples
    time = np.arange(n_fast) / fast
    # High bells have room for fewer sidebands: a large index would leave the carrier without energy.
    index = min(1.0 + 4.0 * brightness, max(1.0, 0.45 * sr / (RATIO * f0))) * rng.uniform(0.9, 1.1)
    t60 = np.clip(3.0 * (300 / f0) ** 0.3, 1.2, 4.0) * rng.uniform(0.9, 1.1)
    modulation = index * decay(n_fast, t60=0.55 * t60, sr=fast)
    turn = 2 * np.pi * f0 * time
    angle = rng.uniform(0, 2 * np.pi)
    y = decay(n_fast, t60=t60, sr=fast) * np.sin(turn + modulation * np.sin(RATIO * turn + angle))
    y = soxr.resample(y, fast, sr, quality="VHQ")
    end = n_samples / sr
    return y[:n_samples] * release(n_samples, end=end, seconds=min(0.15, end / 3), sr=sr)
