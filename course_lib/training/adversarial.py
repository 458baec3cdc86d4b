"""The loop of a game: a critic's turns, a generator's turn, and the callbacks of an ordinary training."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from course_lib.training.batches import EpochBatches

# Held-out clips that the critic scores at the end of an epoch.
SCORED = 64


class Game:
    """Single steps of a GAN with its ``players``: what a loop, a page or a learner can call.

    Parameters
    ----------
    model : GAN
        With compiled ``players``.
    critic_steps : int
        Turns of the critic for one of the generator, each on its own share of a batch.

    Raises
    ------
    ValueError
        A model without players.
    """

    def __init__(self, model: keras.Model, *, critic_steps: int = 1):
        if not getattr(model, "players", None):
            raise ValueError("this model has no players yet; give it its optimisers by model.turns(...)")
        if critic_steps < 1:
            raise ValueError(f"critic_steps must be at least 1; received {critic_steps}")
        self.model = model
        self.critic, self.generator = model.players
        self.critic_steps = critic_steps

    def critic_step(self, clips: np.ndarray, condition: np.ndarray) -> dict[str, float]:
        """One step of the critic alone; ``critic_loss, real_score, fake_score``, means since the reset."""
        logs = self.critic.train_on_batch([clips, condition], return_dict=True)
        return {"critic_loss": float(logs["loss"])} | {
            name: float(logs[name]) for name in ("real_score", "fake_score")
        }

    def generator_step(self, clips: np.ndarray, condition: np.ndarray) -> dict[str, float]:
        """One step of the generator alone; ``generator_loss``, and its terms where it has several.

        Of a GAN only the conditions are read.
        """
        logs = self.generator.train_on_batch([clips, condition], return_dict=True)
        terms = {name: float(value) for name, value in logs.items() if name != "loss"}
        return {"generator_loss": float(logs["loss"])} | terms

    def step(self, clips: np.ndarray, condition: np.ndarray) -> dict[str, float]:
        """The critic's turns on equal shares of the batch, then the generator's on the last one."""
        if len(clips) % self.critic_steps:
            raise ValueError(
                f"a batch of {len(clips)} does not divide into {self.critic_steps} turns of the critic"
            )
        logs: dict[str, float] = {}
        for share in np.split(np.arange(len(clips)), self.critic_steps):
            logs = self.critic_step(clips[share], condition[share])
        logs |= self.generator_step(clips[share], condition[share])
        # What the curves call the loss is the generator's; a critic that has gone astray shows in it, too.
        return {"loss": logs["generator_loss"] + 0 * logs["critic_loss"]} | logs

    def reset(self) -> None:
        """Begin new means."""
        self.critic.reset_metrics()
        self.generator.reset_metrics()


def play(
    model: keras.Model,
    batches: EpochBatches,
    *,
    epochs: int,
    initial_epoch: int,
    held_out: tuple[Any, Any],
    callbacks: Sequence[keras.callbacks.Callback],
) -> None:
    """What ``fit`` does for one model, for two that take turns.

    Parameters
    ----------
    batches : EpochBatches
        Inputs are [clips, condition]; targets are not read.
    held_out : tuple
        ([clips, condition], anything): the critic's mean score of them is logged as ``val_real_score``.
        Far below ``real_score`` it says that the critic knows its training clips by heart.
    """
    game = Game(model, critic_steps=getattr(model, "critic_steps", 1))
    listeners = keras.callbacks.CallbackList(list(callbacks), add_history=False, model=model)
    (clips, condition), _ = held_out
    scored = min(len(clips), SCORED) // 4 * 4
    model.stop_training = False
    listeners.on_train_begin()
    logs: dict[str, float] = {}
    for epoch in range(initial_epoch, epochs):
        game.reset()
        listeners.on_epoch_begin(epoch)
        for index in range(batches.num_batches):
            listeners.on_train_batch_begin(index)
            inputs, _ = batches[index]
            logs = game.step(*inputs)
            listeners.on_train_batch_end(index, logs)
            if model.stop_training:
                break
        if scored:
            asked = condition[:scored] if model.conditional else None
            logs = logs | {"val_real_score": float(model.score(clips[:scored], asked).mean())}
        listeners.on_epoch_end(epoch, logs)
        if model.stop_training:
            break
    listeners.on_train_end(logs)
