"""Anchors of a MUSHRA test: the reference through a low-pass, so that everybody's scale has a bottom."""

from __future__ import annotations

import numpy as np
import scipy.signal

from course_lib.audio.level import check_clip

LOW_ANCHOR, MID_ANCHOR = "low anchor", "mid anchor"
# ITU-R BS.1534-3, for sounds with a band of 14 kHz and more.
STANDARD_HZ = {LOW_ANCHOR: 3500.0, MID_ANCHOR: 7000.0}
# The standard's filter: flat to 3.5 kHz, 25 dB down at 4 kHz, 50 dB at 4.5 kHz. This one has 60 dB at 4 kHz.
STOP_RATIO, STOP_DB = 4000 / 3500, 60.0


def default_cutoffs(sr: int) -> dict[str, float]:
    """Cut-offs in Hz of the low and the mid anchor at a sampling rate.

    ITU-R BS.1534-3 sets 3.5 and 7 kHz, which are a quarter and a half of 14 kHz. Narrower sounds keep these
    shares of their own band: 1 and 2 kHz at 8 kHz, 2 and 4 kHz at 16 kHz. At 8 kHz the standard's 3.5 kHz
    would be almost the reference itself, and no anchor; who wants it nevertheless passes
    ``anchors={"low anchor": 3500}``.
    """
    return {name: min(cutoff, cutoff / 28000 * sr) for name, cutoff in STANDARD_HZ.items()}


def low_pass(y, *, cutoff_hz: float, sr: int = 8000) -> np.ndarray:
    """``y`` without what lies above ``cutoff_hz``: flat below it, 60 dB down from a seventh above it on.

    Parameters
    ----------
    y : np.ndarray, shape (samples,)
    cutoff_hz : float
        End of the pass band in Hz, up to 7/16 of ``sr``.

    Returns
    -------
    np.ndarray, shape (samples,), float32
        Neither delayed nor of other length: the filter has linear phase and is centred.

    Raises
    ------
    ValueError
        A cut-off that leaves no room below half the sampling rate.
    """
    highest = sr / 2 / STOP_RATIO
    if not 0 < cutoff_hz <= highest:
        raise ValueError(
            f"cutoff_hz must lie between 0 and {highest:.0f} Hz at a rate of {sr} Hz; received {cutoff_hz:g}"
        )
    y = check_clip(y)
    stop = cutoff_hz * STOP_RATIO
    taps, beta = scipy.signal.kaiserord(STOP_DB, (stop - cutoff_hz) / (sr / 2))
    taps |= 1
    kernel = scipy.signal.firwin(taps, (cutoff_hz + stop) / 2, window=("kaiser", beta), fs=sr)
    full = scipy.signal.oaconvolve(y.astype(np.float64), kernel)
    return full[taps // 2 : taps // 2 + len(y)].astype(np.float32)
