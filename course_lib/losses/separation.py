"""What a mask network minimises: how much of what it lets through is not the target.

Spectra are real arrays of shape (batch, frames, 2 * bins): all real parts, then all imaginary parts. Phases
count, which is what makes a mask "phase-sensitive": H. Erdogan, J. R. Hershey, S. Watanabe, J. Le Roux,
"Phase-sensitive and recognition-boosted speech separation using deep recurrent neural networks", ICASSP
2015.
"""

from __future__ import annotations

import math

from keras import ops

# Energies below this, next to a level of 1, are silence.
TINY = 1e-8
DECIBELS = 10 / math.log(10)


def negative_snr(target, estimate, *, best_db: float = 30.0):
    """Minus the signal-to-noise ratio in dB, (batch, ...) twice -> (batch,).

    Of waveforms, or of spectra with windows that overlap evenly: by Parseval's theorem both have the same
    energies. The estimate's level counts. No example is better than ``best_db``, so that easy ones cannot
    drown the others.
    """
    error, energy = _sum(ops.square(target - estimate)), _sum(ops.square(target))
    return DECIBELS * ops.log((error + TINY) / (energy + TINY) + 10 ** (-best_db / 10))


def negative_si_sdr(target, estimate, *, best_db: float = 30.0):
    """Minus the scale-invariant signal-to-distortion ratio in dB, (batch, samples) twice -> (batch,).

    As :func:`course_lib.evaluation.signal.si_sdr`, with the bound of :func:`negative_snr`. The estimate's
    level does not count: use it where somebody restores the level afterwards.
    """
    target, estimate = ops.convert_to_tensor(target), ops.convert_to_tensor(estimate)
    target = target - ops.mean(target, axis=1, keepdims=True)
    estimate = estimate - ops.mean(estimate, axis=1, keepdims=True)
    energy = ops.sum(ops.square(target), axis=1, keepdims=True)
    wanted = ops.sum(target * estimate, axis=1, keepdims=True) / (energy + TINY) * target
    wanted_energy, rest = _sum(ops.square(wanted)), _sum(ops.square(estimate - wanted))
    return DECIBELS * ops.log((rest + TINY) / (wanted_energy + TINY) + 10 ** (-best_db / 10))


def compressed_error(target, estimate, *, exponent: float = 0.3, phase_weight: float = 0.3):
    """Squared error of spectra whose magnitudes are compressed, (batch, frames, 2 * bins) twice -> (batch,).

    A. Ephrat et al., "Looking to listen at the cocktail party", ACM TOG 37(4), 2018; with the mixture of
    S. Braun, I. Tashev, "A consolidated view of loss functions for supervised deep learning-based speech
    enhancement", TSP 2021. Quiet bins count, as they do for a listener and for PESQ.

    Parameters
    ----------
    exponent : float
        Of the magnitudes.
    phase_weight : float
        0: only the compressed magnitudes are compared; 1: only the compressed complex values.
    """
    (wanted, wanted_bins), (made, made_bins) = (_compressed(z, exponent) for z in (target, estimate))
    magnitude = ops.mean(ops.square(wanted - made), axis=(1, 2))
    # Two numbers a bin: the mean over them is half the squared distance in the plane.
    phase = 2 * ops.mean(ops.square(wanted_bins - made_bins), axis=(1, 2))
    return (1 - phase_weight) * magnitude + phase_weight * phase


def _compressed(spectrum, exponent: float):
    """Compressed magnitudes, (batch, frames, bins), and the spectrum with them."""
    real, imaginary = ops.split(spectrum, 2, axis=-1)
    # Powers by exp and log: ops.power and its gradient took a quarter of a training step.
    logarithm = 0.5 * ops.log(ops.square(real) + ops.square(imaginary) + 1e-6)
    shrink = ops.exp((exponent - 1) * logarithm)
    return ops.exp(exponent * logarithm), ops.concatenate([real * shrink, imaginary * shrink], axis=-1)


def _sum(x):
    return ops.sum(x, axis=tuple(range(1, len(x.shape))))
