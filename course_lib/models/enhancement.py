"""The model that repairs damaged sound, by regression alone or with a critic that listens."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from course_lib.losses.adversarial import adversarial_loss
from course_lib.models.enhancement_turns import EnhancementCriticTurn, EnhancementGeneratorTurn
from course_lib.models.masking_model import MaskingModel


@keras.saving.register_keras_serializable(package="latent_sound")
class Enhancer(MaskingModel):
    """Damaged sound in, the sound as it may have been out.

    Regression asks for the mean of all sounds that may have been damaged so: it is never far off, and dull.
    A critic that has heard whole sounds does not take a mean for one of them. Without a critic, compile the
    model with a loss of spectra and fit it; with one, train by :meth:`turns`, which
    :mod:`course_lib.training.adversarial` alternates. Pairs to train on come from
    :class:`course_lib.data.damaged_pairs.DamagedPairs`.

    Parameters
    ----------
    network : keras.Model
        As of :func:`course_lib.models.enhancement_networks.enhancement_network`.
    critic : keras.Model, optional
        As of :func:`course_lib.models.enhancement_networks.enhancement_critic`.
    n_fft, hop_length, stride : int
        As of :class:`MaskingModel`.
    loss : str
        One of :data:`course_lib.losses.adversarial.LOSSES`.
    adversarial_weight, matching_weight : float
        Of the critic's opinion and of its hidden layers', beside the regression, whose weight is 1.
    critic_steps : int
        Turns of the critic for one of the network, which the training loop keeps to.
    seed : int

    Raises
    ------
    ValueError
        As :class:`MaskingModel`; an unknown loss, a negative weight, a critic of other spectra.
    """

    # The critic is told what was damaged.
    conditional = True
    label_smoothing = 0.0

    def __init__(
        self,
        network: keras.Model,
        critic: keras.Model | None = None,
        *,
        n_fft: int,
        hop_length: int,
        stride: int = 2,
        loss: str = "hinge",
        adversarial_weight: float = 0.005,
        matching_weight: float = 0.01,
        critic_steps: int = 1,
        seed: int = 0,
        **kwargs,
    ):
        super().__init__(network, n_fft=n_fft, hop_length=hop_length, stride=stride, **kwargs)
        self.objective = adversarial_loss(loss)
        if not (adversarial_weight >= 0 and matching_weight >= 0):
            raise ValueError(
                "adversarial_weight and matching_weight must not be negative; received "
                f"{adversarial_weight} and {matching_weight}"
            )
        if critic is not None:
            reads = [tuple(x.shape) for x in critic.inputs]
            wanted = [tuple(network.output_shape)] * 2
            if reads != wanted:
                raise ValueError(f"critic must read two spectra, {wanted}; it reads {reads}")
        self.critic = critic
        self.adversarial = loss
        self.adversarial_weight = adversarial_weight
        self.matching_weight = matching_weight
        self.critic_steps = critic_steps
        self.seed = seed
        self.players: tuple[EnhancementCriticTurn, EnhancementGeneratorTurn] | None = None

    @property
    def generator(self) -> keras.Model:
        """The network, as the players call it."""
        return self.network

    def turns(
        self, critic_optimizer: keras.optimizers.Optimizer, generator_optimizer: keras.optimizers.Optimizer
    ) -> tuple[EnhancementCriticTurn, EnhancementGeneratorTurn]:
        """The two players, compiled and kept as ``players``; each turn reads (whole, damaged) spectra.

        Raises
        ------
        ValueError
            This model has no critic.
        """
        if self.critic is None:
            raise ValueError("this model has no critic: compile and fit it, or give it one")
        critic = EnhancementCriticTurn(self, name="critic_turn")
        generator = EnhancementGeneratorTurn(self, name="generator_turn")
        critic.compile(optimizer=critic_optimizer)
        generator.compile(optimizer=generator_optimizer)
        # In a plain object: the players hold this model, which must not hold them as its layers.
        object.__setattr__(self, "players", (critic, generator))
        return critic, generator

    def enhance(self, y: np.ndarray) -> np.ndarray:
        """Repair ``y``, shape (samples,) -> the same shape, float32, at the same level.

        Raises
        ------
        AudioError
            Not mono, empty, or not finite.
        """
        return self._masked(y)

    def score(self, spectra: np.ndarray, damaged: np.ndarray, *, batch_size: int = 64) -> np.ndarray:
        """The critic's mean scores of spectra, (clips, frames, 2 * bins) twice -> (clips,); above 0 whole."""
        if self.critic is None:
            raise ValueError("this model has no critic")
        parts = [
            keras.ops.convert_to_numpy(self.critic([spectra[rows], damaged[rows]], training=False)[0])
            for rows in (slice(start, start + batch_size) for start in range(0, len(spectra), batch_size))
        ]
        return np.concatenate(parts).mean(axis=(1, 2)) if parts else np.empty(0, np.float32)

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {
            "critic": None if self.critic is None else keras.saving.serialize_keras_object(self.critic),
            "loss": self.adversarial,
            "adversarial_weight": self.adversarial_weight,
            "matching_weight": self.matching_weight,
            "critic_steps": self.critic_steps,
            "seed": self.seed,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects=None) -> Enhancer:
        config = dict(config)
        for part in ("network", "critic"):
            if config.get(part) is not None:
                config[part] = keras.saving.deserialize_keras_object(
                    config[part], custom_objects=custom_objects
                )
        return cls(**config)
