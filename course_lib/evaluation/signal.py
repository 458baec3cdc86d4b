"""Sample-by-sample metrics. They mean something only where the phase is kept, not after Griffin-Lim."""

from __future__ import annotations

import numpy as np

from course_lib.evaluation import validate

# Segmental SNR: J. H. L. Hansen, B. L. Pellom (1998); beyond these limits a frame is perfect, or lost.
SEGMENT_SECONDS, SEGMENT_OVERLAP = 0.03, 0.75
SEGMENT_LIMITS_DB = (-10.0, 35.0)


def snr(reference, estimate) -> float:
    """Signal-to-noise ratio in dB; whatever differs from the reference is noise. Higher is better.

    Parameters
    ----------
    reference, estimate : np.ndarray, shape (samples,)
        The clean sound and the one to judge, in the same unit.

    Returns
    -------
    float
        ``inf`` when both are equal.
    """
    reference, estimate = validate.signals(reference, estimate)
    return ratio_db(np.sum(reference**2), np.sum((reference - estimate) ** 2))


def segmental_snr(reference, estimate, *, sr: int) -> float:
    """Mean over frames of each frame's SNR in dB, held within -10 and 35. Higher is better.

    J. H. L. Hansen, B. L. Pellom, "An effective quality evaluation protocol for speech enhancement
    algorithms", ICSLP 1998, with the frames of P. C. Loizou, "Speech Enhancement: Theory and Practice", 2nd
    edition, 2013: Hann windows of 30 ms at every 7.5 ms. Quiet sounds count as much as loud ones, unlike in
    :func:`snr`. Frames of digital silence in the reference have no ratio and are left out.

    Parameters
    ----------
    reference, estimate : np.ndarray, shape (samples,)
        At least 30 ms, in the same unit.
    sr : int
        Sampling rate in Hz.

    Raises
    ------
    ValueError
        As :func:`validate.signals`; less than one frame; only silence in every whole frame of the reference.
    """
    size = max(4, round(SEGMENT_SECONDS * validate.rate(sr)))
    reference, estimate = validate.signals(reference, estimate, min_samples=size)
    step = int((1 - SEGMENT_OVERLAP) * size)
    # A Hann window without its two zeros at the ends, as in Loizou's code.
    window = np.hanning(size + 2)[1:-1]

    def energies(y):
        return np.lib.stride_tricks.sliding_window_view(y**2, size)[::step] @ window**2

    wanted, rest = energies(reference), energies(reference - estimate)
    counted = wanted > 0
    if not counted.any():
        raise ValueError("every whole frame of the reference is silent: give a longer sound")
    low, high = (10 ** (limit / 10) for limit in SEGMENT_LIMITS_DB)
    ratio = wanted[counted] / np.maximum(rest[counted], wanted[counted] / high)
    return float(np.mean(10 * np.log10(np.maximum(ratio, low))))


def si_sdr(reference, estimate) -> float:
    """Scale-invariant signal-to-distortion ratio in dB, means removed. Higher is better.

    J. Le Roux, S. Wisdom, H. Erdogan, J. R. Hershey, "SDR - half-baked or well done?", ICASSP 2019. A gain
    or an offset of the estimate changes nothing. After Griffin-Lim it is near -20 dB even for excellent
    sound.

    Returns
    -------
    float
        ``inf`` for a scaled copy, ``-inf`` for an estimate with nothing of the reference in it.

    Raises
    ------
    ValueError
        As :func:`validate.signals`; also a constant reference, which is silent once its mean is removed.
    """
    return _si_sdr(*validate.signals(reference, estimate, min_samples=2))


def si_sdr_improvement(reference, estimate, *, mixture) -> float:
    """How many dB of SI-SDR the estimate has gained over the unprocessed mixture. Higher is better.

    Y. Isik, J. Le Roux, Z. Chen, S. Watanabe, J. R. Hershey, "Single-channel multi-speaker separation using
    deep clustering", Interspeech 2016. 0 dB: nothing was gained; below 0: the mixture was better left alone.

    Parameters
    ----------
    reference, estimate, mixture : np.ndarray, shape (samples,)
        What was wanted, what came out, and what went in.

    Raises
    ------
    ValueError
        As :func:`si_sdr`; a mixture that is the reference already, or holds nothing of it.
    """
    before = _si_sdr(*validate.signals(reference, mixture, min_samples=2, name="mixture"))
    if not np.isfinite(before):
        what = "is the reference itself, scaled" if before > 0 else "holds nothing of the reference"
        raise ValueError(f"the mixture {what}: there is no improvement over it")
    return si_sdr(reference, estimate) - before


def _si_sdr(reference: np.ndarray, estimate: np.ndarray) -> float:
    offset = np.abs(reference).max()
    reference, estimate = reference - reference.mean(), estimate - estimate.mean()
    energy = np.sum(reference**2)
    # The mean of equal numbers may be off by a rounding: what is left of a constant is not a signal.
    if not energy > len(reference) * (1e-15 * offset) ** 2:
        raise ValueError("the reference is constant: nothing is left of it without its mean")
    target = (np.dot(estimate, reference) / energy) * reference
    return ratio_db(np.sum(target**2), np.sum((estimate - target) ** 2))


def ratio_db(wanted: float, rest: float) -> float:
    """10 log10 of two energies: ``-inf`` when nothing is wanted, ``inf`` when the rest is a rounding."""
    if wanted == 0:
        return -np.inf
    # Roundings of float64 add up to 1e-28 of the energy in a minute of sound: that is no difference.
    return np.inf if rest <= 1e-25 * wanted else float(10 * np.log10(wanted / rest))
