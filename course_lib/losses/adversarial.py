"""What a critic and a generator want, by name. Scores in, one number an example out.

A score is the critic's output without an activation: above zero it believes a sound to be real. With
``D = sigmoid(score)`` the first two are those of I. Goodfellow et al., "Generative adversarial nets",
NeurIPS 2014.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from keras import ops

Tensor = Any


@dataclass(frozen=True)
class AdversarialLoss:
    """Two losses that belong together; each is minimised by its own player.

    Attributes
    ----------
    name : str
    title : str
        For people.
    critic : callable
        ``(real scores, fake scores, smoothing) -> (batch,)``; both of shape (batch,) or (batch, 1).
    generator : callable
        ``fake scores -> (batch,)``.
    smooths : bool
        Whether label smoothing means anything to the critic.
    """

    name: str
    title: str
    critic: Callable[[Tensor, Tensor, float], Tensor]
    generator: Callable[[Tensor], Tensor]
    smooths: bool = False


def _flat(scores: Tensor) -> Tensor:
    return ops.reshape(scores, (-1,))


def _cross_entropy(real: Tensor, fake: Tensor, smoothing: float) -> Tensor:
    """-log D(real) - log(1 - D(fake)), the real label lowered by ``smoothing`` (one-sided)."""
    real, fake = _flat(real), _flat(fake)
    wanted = 1.0 - smoothing
    return wanted * ops.softplus(-real) + smoothing * ops.softplus(real) + ops.softplus(fake)


def _minimax(fake: Tensor) -> Tensor:
    """log(1 - D(fake)): its gradient vanishes while the critic is sure."""
    return -ops.softplus(_flat(fake))


def _non_saturating(fake: Tensor) -> Tensor:
    """-log D(fake): the same fixed point, a gradient where the generator loses."""
    return ops.softplus(-_flat(fake))


def _least_squares_critic(real: Tensor, fake: Tensor, smoothing: float) -> Tensor:
    """X. Mao et al., "Least squares generative adversarial networks", ICCV 2017, with labels 1 and 0."""
    return 0.5 * (ops.square(_flat(real) - (1.0 - smoothing)) + ops.square(_flat(fake)))


def _least_squares_generator(fake: Tensor) -> Tensor:
    return 0.5 * ops.square(_flat(fake) - 1.0)


def _hinge_critic(real: Tensor, fake: Tensor, smoothing: float) -> Tensor:
    """J. H. Lim, J. C. Ye, "Geometric GAN", 2017: no more to win once both are beyond the margin."""
    return ops.relu(1.0 - _flat(real)) + ops.relu(1.0 + _flat(fake))


def _wasserstein_critic(real: Tensor, fake: Tensor, smoothing: float) -> Tensor:
    """M. Arjovsky et al., "Wasserstein generative adversarial networks", ICML 2017.

    Minus the distance, if the critic is held to a slope of 1: here by spectral normalisation.
    """
    return _flat(fake) - _flat(real)


def _minus_score(fake: Tensor) -> Tensor:
    return -_flat(fake)


LOSSES: dict[str, AdversarialLoss] = {
    loss.name: loss
    for loss in (
        AdversarialLoss("minimax", "Minimax", _cross_entropy, _minimax, smooths=True),
        AdversarialLoss("non_saturating", "Non-saturating", _cross_entropy, _non_saturating, smooths=True),
        AdversarialLoss(
            "least_squares", "Least squares", _least_squares_critic, _least_squares_generator, smooths=True
        ),
        AdversarialLoss("hinge", "Hinge", _hinge_critic, _minus_score),
        AdversarialLoss("wasserstein", "Wasserstein", _wasserstein_critic, _minus_score),
    )
}


def adversarial_loss(name: str) -> AdversarialLoss:
    """The pair of that name.

    Raises
    ------
    ValueError
        An unknown name; the message lists them.
    """
    if name not in LOSSES:
        raise ValueError(f"unknown adversarial loss {name!r}; expected one of {', '.join(LOSSES)}")
    return LOSSES[name]
