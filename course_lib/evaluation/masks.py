"""Oracle masks: what a mask network would do if it knew the answer.

Every mask multiplies the mixture's STFT and leaves its phase alone. All take two complex spectra of one
shape, target first and mixture second; what else is in the mixture is their difference. :func:`oracle` goes
from sounds to sound. None of the masks in [0, 1] is an upper bound: :func:`phase_sensitive` is.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from course_lib.audio.stft import istft, stft


def ideal_binary(target, mixture) -> np.ndarray:
    """1 where the target is stronger than the rest, else 0: |S| > |N|.

    D. Wang, "On ideal binary mask as the computational goal of auditory scene analysis", in "Speech
    separation by humans and machines", 2005.

    Parameters
    ----------
    target, mixture : np.ndarray, complex, shape (..., frames, bins)
        S and X of all masks here; the rest is N = X - S.

    Returns
    -------
    np.ndarray, float64, the same shape
        0 where both are silent, as for all masks here.

    Raises
    ------
    ValueError
        Shapes that differ, real numbers, NaN.
    """
    target, mixture = _spectra(target, mixture)
    return (np.abs(target) > np.abs(mixture - target)).astype(np.float64)


def ideal_ratio(target, mixture) -> np.ndarray:
    """Share of the magnitudes, 0 to 1: |S| / (|S| + |N|).

    In the form of H. Erdogan, J. R. Hershey, S. Watanabe, J. Le Roux, "Phase-sensitive and
    recognition-boosted speech separation using deep recurrent neural networks", ICASSP 2015; A. Narayanan,
    D. Wang (ICASSP 2013) take the root of :func:`wiener_like`. Arguments as :func:`ideal_binary`.
    """
    target, mixture = _spectra(target, mixture)
    wanted, rest = np.abs(target), np.abs(mixture - target)
    return _divide(wanted, wanted + rest)


def wiener_like(target, mixture) -> np.ndarray:
    """Share of the powers, 0 to 1: |S|^2 / (|S|^2 + |N|^2).

    H. Erdogan et al., ICASSP 2015 (see :func:`ideal_ratio`): a Wiener filter that knows both powers in every
    single bin. Arguments as :func:`ideal_binary`.
    """
    target, mixture = _spectra(target, mixture)
    wanted, rest = np.abs(target) ** 2, np.abs(mixture - target) ** 2
    return _divide(wanted, wanted + rest)


def phase_sensitive(target, mixture) -> np.ndarray:
    """The best real mask, without bounds: Re(S / X).

    H. Erdogan et al., ICASSP 2015 (see :func:`ideal_ratio`). In every bin it has the least squared error
    |S - M X|^2 of all real M; it turns bins round (below 0) and blows them up (above 1). Arguments as
    :func:`ideal_binary`.
    """
    target, mixture = _spectra(target, mixture)
    return _divide((target * mixture.conj()).real, np.abs(mixture) ** 2)


def truncated_phase_sensitive(target, mixture) -> np.ndarray:
    """:func:`phase_sensitive`, cut to [0, 1]: the best that a sigmoid mask can do. Erdogan et al., 2015."""
    return np.clip(phase_sensitive(target, mixture), 0.0, 1.0)


# From the weakest to the strongest in SI-SDR on mixtures of two voices.
MASKS: dict[str, Callable] = {
    "ideal_ratio": ideal_ratio,
    "ideal_binary": ideal_binary,
    "wiener_like": wiener_like,
    "truncated_phase_sensitive": truncated_phase_sensitive,
    "phase_sensitive": phase_sensitive,
}


def apply(mask, mixture, *, n_fft: int = 256, hop_length: int = 64) -> np.ndarray:
    """Mask a sound.

    Parameters
    ----------
    mask : callable or np.ndarray
        The mask, shape (..., frames, bins), or a function that makes it of the mixture's spectrum. One hop of
        silence is added behind the sound before it is analysed, so there are
        ``ceil(samples / hop_length) + 1`` frames.
    mixture : np.ndarray, shape (..., samples)
        Any number of samples.

    Returns
    -------
    np.ndarray, shape (..., samples), float32
        A mask of ones gives the mixture back.
    """
    mixture = np.asarray(mixture)
    spectrum = analyse(mixture, n_fft=n_fft, hop_length=hop_length)
    made = np.asarray(mask(spectrum) if callable(mask) else mask)
    if made.shape != spectrum.shape:
        raise ValueError(f"expected a mask of shape {spectrum.shape}; received {made.shape}")
    # The product first: a mask of 1e6 belongs to a bin of 1e-6.
    masked = (made * spectrum).astype(np.complex64)
    return istft(masked, n_fft=n_fft, hop_length=hop_length)[..., : mixture.shape[-1]]


def oracle(name: str, target, mixture, *, n_fft: int = 256, hop_length: int = 64) -> np.ndarray:
    """The target as an oracle mask takes it from a mixture.

    Parameters
    ----------
    name : str
        A key of ``MASKS``.
    target, mixture : np.ndarray, shape (..., samples)
        The sound wanted, as it is in the mixture, and the mixture.
    n_fft, hop_length : int
        Sizes of the STFT; longer windows resolve voices better and score higher.

    Returns
    -------
    np.ndarray, shape (..., samples), float32
    """
    if name not in MASKS:
        raise ValueError(f"mask must be one of {', '.join(MASKS)}; received {name!r}")
    sizes = {"n_fft": n_fft, "hop_length": hop_length}
    wanted = analyse(target, **sizes)
    return apply(lambda spectrum: MASKS[name](wanted, spectrum), mixture, **sizes)


def analyse(y, *, n_fft: int, hop_length: int) -> np.ndarray:
    """STFT of sounds padded to whole hops and one more, since the inverse is not exact in the last one."""
    y = np.asarray(y)
    behind = -y.shape[-1] % hop_length + hop_length
    return stft(np.pad(y, [(0, 0)] * (y.ndim - 1) + [(0, behind)]), n_fft=n_fft, hop_length=hop_length)


def _spectra(target, mixture) -> tuple[np.ndarray, np.ndarray]:
    target, mixture = np.asarray(target), np.asarray(mixture)
    if target.shape != mixture.shape or target.ndim < 2:
        raise ValueError(
            "expected target and mixture spectra of one shape (..., frames, bins); "
            f"received {target.shape} and {mixture.shape}"
        )
    for name, spectrum in (("target", target), ("mixture", mixture)):
        if not np.iscomplexobj(spectrum):
            raise ValueError(f"the {name}'s spectrum must be complex; received {spectrum.dtype}")
        if not np.isfinite(spectrum).all():
            raise ValueError(f"the {name}'s spectrum holds NaN or infinite values")
    # complex128: the square of a faint bin must not vanish.
    return target.astype(np.complex128), mixture.astype(np.complex128)


def _divide(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.divide(part, whole, out=np.zeros_like(whole), where=whole > 0)
