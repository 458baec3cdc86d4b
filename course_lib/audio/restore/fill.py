"""Put sound into gaps whose magnitudes are known, or guessed: the phase is found, the rest is not touched."""

from __future__ import annotations

import numpy as np

from course_lib.audio.files import check_samples
from course_lib.audio.restore.gap_frames import lost_share
from course_lib.audio.stft import istft, stft

ITERATIONS = 32


def fill_gaps(
    y, missing, magnitude, *, n_fft: int = 256, hop_length: int = 64, n_iter: int = ITERATIONS
) -> np.ndarray:
    """The sound of ``y`` with its gaps filled, so that its spectrum has given magnitudes there.

    Each bin's phase goes on at the frequency that it had before the gap, and backwards from behind it; then
    the algorithm of D. W. Griffin, J. S. Lim, "Signal estimation from modified short-time Fourier transform",
    IEEE Trans. ASSP 32(2), 1984, runs with one more condition: known samples are as they are.

    Parameters
    ----------
    y : np.ndarray, shape (samples,)
        A whole number of hops. What stands in the gaps does not count.
    missing : np.ndarray, shape (samples,), bool
    magnitude : np.ndarray, shape (frames, 1 + n_fft // 2)
        Only those of frames that touch a gap are read.
    n_fft, hop_length : int
        As of :func:`course_lib.audio.stft.stft`.
    n_iter : int
        0 leaves the continued phases alone.

    Returns
    -------
    np.ndarray, shape (samples,), float32
        Where nothing is missing, ``y`` bit for bit.

    Raises
    ------
    AudioError
        Not mono, empty, or not finite.
    ValueError
        Another shape of ``missing`` or of ``magnitude``.
    """
    y, missing, magnitude = check_samples(y), np.asarray(missing), np.asarray(magnitude, np.float32)
    if missing.dtype != bool or missing.shape != y.shape:
        raise ValueError(f"missing must be bool of shape {y.shape}; received {missing.dtype} {missing.shape}")
    expected = (len(y) // hop_length, 1 + n_fft // 2)
    if magnitude.shape != expected:
        raise ValueError(f"magnitude must have the shape {expected}; received {magnitude.shape}")
    sizes = {"n_fft": n_fft, "hop_length": hop_length}
    lost = lost_share(missing, **sizes) > 0
    known = np.where(missing, np.float32(0), y)
    spectrum = stft(known, **sizes)
    spectrum[lost] = (magnitude * np.exp(1j * _continued(spectrum, lost, **sizes)))[lost]
    made = np.where(missing, istft(spectrum, **sizes), known)
    for _ in range(n_iter):
        spectrum = stft(made, **sizes)
        inside = spectrum[lost]
        spectrum[lost] = inside * (magnitude[lost] / np.maximum(np.abs(inside), 1e-8))
        made = np.where(missing, istft(spectrum, **sizes), known)
    return made


def _continued(spectrum: np.ndarray, lost: np.ndarray, *, n_fft: int, hop_length: int) -> np.ndarray:
    """Phases, shape (frames, bins): in lost frames those of the frames beside them, turned on."""
    phase = np.angle(spectrum)
    frames = len(phase)
    # How far a bin's centre turns in one hop; the rest of the difference is folded to half a turn.
    centre = 2 * np.pi * hop_length * np.arange(phase.shape[1]) / n_fft
    edges = np.flatnonzero(np.diff(np.concatenate([[0], lost, [0]])))
    for begin, end in zip(edges[::2], edges[1::2], strict=True):
        middle = (begin + end) // 2
        # At an end of the sound one side has to do.
        if begin < 2:
            middle = begin
        if end > frames - 2:
            middle = end if begin >= 2 else begin
        if middle > begin:
            turn = _turn(phase[begin - 1] - phase[begin - 2], centre)
            phase[begin:middle] = phase[begin - 1] + np.arange(1, middle - begin + 1)[:, None] * turn
        if end > middle and end <= frames - 2:
            turn = _turn(phase[end + 1] - phase[end], centre)
            phase[middle:end] = phase[end] - np.arange(end - middle, 0, -1)[:, None] * turn
    return phase


def _turn(difference: np.ndarray, centre: np.ndarray) -> np.ndarray:
    """How far the phase really turned in one hop: the difference, unfolded near the bin's centre."""
    return centre + (difference - centre + np.pi) % (2 * np.pi) - np.pi
