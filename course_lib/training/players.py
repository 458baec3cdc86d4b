"""Which parts of a model are trained by turns: one, or the two of a GAN."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import keras


def players(model: keras.Model) -> tuple[keras.Model, ...]:
    """The compiled models whose steps train ``model``: itself, or the turns of an adversarial game."""
    return getattr(model, "players", None) or (model,)


def is_game(model: keras.Model) -> bool:
    """Whether ``model`` is trained by turns."""
    return bool(getattr(model, "players", None))


def optimizers(model: keras.Model) -> list[keras.optimizers.Optimizer]:
    """The optimiser of each player, built; none for a model that was never compiled."""
    found = []
    for player in players(model):
        optimizer = getattr(player, "optimizer", None)
        if optimizer is None:
            continue
        if not optimizer.built:
            optimizer.build(player.trainable_variables)
        found.append(optimizer)
    return found
