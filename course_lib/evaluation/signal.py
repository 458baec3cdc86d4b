"""Sample-by-sample metrics. They mean something only where the phase is kept, not after Griffin-Lim."""

from __future__ import annotations

import numpy as np

from course_lib.evaluation import validate


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
    return _ratio_db(np.sum(reference**2), np.sum((reference - estimate) ** 2))


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
    reference, estimate = validate.signals(reference, estimate, min_samples=2)
    reference, estimate = reference - reference.mean(), estimate - estimate.mean()
    energy = np.sum(reference**2)
    if not energy > 0:
        raise ValueError("the reference is constant: nothing is left of it without its mean")
    target = (np.dot(estimate, reference) / energy) * reference
    return _ratio_db(np.sum(target**2), np.sum((estimate - target) ** 2))


def _ratio_db(wanted: float, rest: float) -> float:
    if wanted == 0:
        return -np.inf
    # A difference at float64's rounding is no difference: 1e-30 of the energy is 300 dB.
    return np.inf if rest <= 1e-30 * wanted else float(10 * np.log10(wanted / rest))
