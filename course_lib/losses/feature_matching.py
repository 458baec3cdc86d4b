"""How differently a critic hears two sounds. Lists of its hidden features in, one number an example out."""

from __future__ import annotations

from keras import ops


def feature_matching(real, made):
    """Mean absolute difference of what the layers of a critic answer, (batch, ...) each -> (batch,).

    K. Kumar et al., "MelGAN: generative adversarial networks for conditional waveform synthesis", NeurIPS
    2019, after A. B. L. Larsen et al., ICML 2016: the critic's layers measure likeness in what tells real
    from made, where a distance of the sounds themselves asks for their mean. Each layer counts alike, as a
    share of how loud its answers to the real sound are.

    Parameters
    ----------
    real, made : lists of tensors
        Answers of the same layers to the real sound and to what was made of the damaged one.
    """
    total = 0.0
    for wanted, given in zip(real, made, strict=True):
        axes = tuple(range(1, len(wanted.shape)))
        size = ops.mean(ops.abs(wanted)) + 1e-6
        total = total + ops.mean(ops.abs(wanted - given), axis=axes) / size
    return total / len(real)
