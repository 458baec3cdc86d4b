"""What the presets of labs 02 and 03 minimise: energies, and what a listener hears of them."""

from __future__ import annotations

from keras import ops

from course_lib.losses.separation import TINY, compressed_error, negative_snr

# Ten decibels then count as much as the whole energy of the target.
SNR_WEIGHT, HEARD_WEIGHT = 0.1, 0.3
# Noise is never all that there is: nothing bounds the ratio, and what is heard may count for more.
DENOISED_HEARD_WEIGHT = 4.0
# Letting everything through where nothing was wanted costs no more than this.
WORST_RATIO = 4.0


def masking_loss(target, estimate):
    """Signal-to-noise ratio, relative error and compressed magnitudes, (batch, frames, 2 * bins) -> (batch,).

    Three views of one error: the ratio in dB rewards the last bit of an example that is nearly right, the
    relative energy the first bit of one that is far off, and the compressed magnitudes the quiet bins, which
    the two energies do not see and a listener hears.
    """
    target, estimate = ops.convert_to_tensor(target), ops.convert_to_tensor(estimate)
    axes = tuple(range(1, len(target.shape)))
    error, energy = (ops.sum(ops.square(x), axis=axes) for x in (target - estimate, target))
    relative = ops.minimum(error / (energy + TINY), WORST_RATIO)
    return (
        SNR_WEIGHT * negative_snr(target, estimate)
        + relative
        + HEARD_WEIGHT * compressed_error(target, estimate)
    )


def denoising_loss(target, estimate):
    """Signal-to-noise ratio and compressed magnitudes, (batch, frames, 2 * bins) -> (batch,).

    After noise is taken away, much of what is missing is quiet: the magnitudes weigh more than in
    :func:`masking_loss`.
    """
    heard = compressed_error(target, estimate)
    return SNR_WEIGHT * negative_snr(target, estimate) + DENOISED_HEARD_WEIGHT * heard
