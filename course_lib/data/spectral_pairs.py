"""What all pairs of spectra have: the sizes of their transform."""

from __future__ import annotations


class SpectralPairs:
    """Base of pairs whose examples have so many samples, as short-time spectra.

    Parameters
    ----------
    n_samples : int
        Length of an example.
    n_fft, hop_length : int
        As of :func:`course_lib.audio.stft.stft`.

    Raises
    ------
    ValueError
        A hop that does not divide the length.
    """

    def __init__(self, *, n_samples: int, n_fft: int, hop_length: int):
        if n_samples % hop_length:
            raise ValueError(f"hop_length must divide n_samples = {n_samples}; received {hop_length}")
        self.n_samples = n_samples
        self.n_fft = n_fft
        self.hop_length = hop_length

    @property
    def shape(self) -> tuple[int, int]:
        """(frames, 2 * bins) of one example's spectrum."""
        return self.n_samples // self.hop_length, 2 * (1 + self.n_fft // 2)
