"""The generative adversarial network of lab 05: two networks and the two turns of their game."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from course_lib.losses.adversarial import adversarial_loss
from course_lib.models.turns import CriticTurn, GeneratorTurn


@keras.saving.register_keras_serializable(package="latent_sound")
class GAN(keras.Model):
    """A generator that makes clips from noise, and a critic that scores how real a clip is.

    The model has no training step of its own: :meth:`turns` gives one ``keras.Model`` for each player, which
    trains that player and only reads the other. :mod:`course_lib.training.adversarial` alternates them.

    Parameters
    ----------
    generator : keras.Model
        Noise (batch, noise_dim) -> (batch, frames, bands); a conditional one reads [noise, condition], the
        condition as a class number, (batch,).
    critic : keras.Model
        (batch, frames, bands) -> (batch, 1), a score without activation; conditional like the generator.
    loss : str
        One of :data:`course_lib.losses.adversarial.LOSSES`.
    label_smoothing : float
        The critic's label of a real clip is lowered by so much.
    augment : keras.layers.Layer, optional
        Changes real and made clips alike before the critic, such as ``RandomChange``.
    critic_steps : int
        Turns of the critic for one of the generator, which the training loop keeps to.
    seed : int
        Of the noise.

    Raises
    ------
    ValueError
        Networks that do not fit together, an unknown loss, smoothing that the loss does not know.
    """

    def __init__(
        self,
        generator: keras.Model,
        critic: keras.Model,
        *,
        loss: str = "non_saturating",
        label_smoothing: float = 0.0,
        augment: keras.layers.Layer | None = None,
        critic_steps: int = 1,
        seed: int = 0,
        **kwargs,
    ):
        super().__init__(**kwargs)
        _check_fit(generator, critic)
        self.objective = adversarial_loss(loss)
        if not 0 <= label_smoothing < 0.5:
            raise ValueError(f"label_smoothing must lie in [0, 0.5); received {label_smoothing}")
        if label_smoothing and not self.objective.smooths:
            raise ValueError(f"the {loss} loss has no labels to smooth; received {label_smoothing}")
        self.generator = generator
        self.critic = critic
        self.adversarial = loss
        self.label_smoothing = label_smoothing
        self.augment = augment
        self.critic_steps = critic_steps
        self.seed = seed
        self.players: tuple[CriticTurn, GeneratorTurn] | None = None
        self.built = True

    @property
    def noise_dim(self) -> int:
        """Numbers that the generator starts from."""
        return _inputs(self.generator)[0].shape[-1]

    @property
    def conditional(self) -> bool:
        """Whether one can ask for a class."""
        return len(_inputs(self.generator)) == 2

    @property
    def clip_shape(self) -> tuple[int, int]:
        """(frames, bands) of one clip."""
        return tuple(self.generator.output_shape[1:])

    def turns(
        self, critic_optimizer: keras.optimizers.Optimizer, generator_optimizer: keras.optimizers.Optimizer
    ) -> tuple[CriticTurn, GeneratorTurn]:
        """The two players, compiled and kept as ``players``; each turn reads (clips, condition or zeros)."""
        critic = CriticTurn(self, name="critic_turn")
        generator = GeneratorTurn(self, name="generator_turn")
        critic.compile(optimizer=critic_optimizer)
        generator.compile(optimizer=generator_optimizer)
        # In a plain object: the players hold this model, which must not hold them as its layers.
        self._set_players((critic, generator))
        return critic, generator

    def _set_players(self, players) -> None:
        object.__setattr__(self, "players", players)

    def call(self, inputs, training=None):
        """Noise, or [noise, condition] -> clips."""
        return self.generator(inputs, training=training)

    def compute_output_shape(self, input_shape):
        first = input_shape[0] if isinstance(input_shape[0], (tuple, list)) else input_shape
        return (first[0], *self.clip_shape)

    def noise(self, n: int, seed: int | None = None) -> np.ndarray:
        """Standard normal starting points, shape (n, noise_dim), float32."""
        return np.random.default_rng(seed).standard_normal((n, self.noise_dim), dtype=np.float32)

    def generate(self, noise: np.ndarray, condition: Any = None, *, batch_size: int = 64) -> np.ndarray:
        """Clips from given noise, shape (n, noise_dim), and classes -> (n, frames, bands), float32."""
        noise = np.asarray(noise, np.float32)
        if noise.ndim != 2 or noise.shape[1] != self.noise_dim:
            raise ValueError(f"expected noise of shape (n, {self.noise_dim}); received {noise.shape}")
        inputs = self._with_condition(noise, condition)
        parts = [
            ops.convert_to_numpy(
                self.generator(_rows(inputs, slice(start, start + batch_size)), training=False)
            )
            for start in range(0, len(noise), batch_size)
        ]
        return np.concatenate(parts) if parts else np.empty((0, *self.clip_shape), np.float32)

    def sample(self, n: int, condition: Any = None, seed: int | None = None) -> np.ndarray:
        """``n`` new clips, shape (n, frames, bands).

        Parameters
        ----------
        condition : int or array of int, shape (n,)
            The class to make, for a conditional model; all classes in turn when None.
        """
        if n < 1:
            raise ValueError(f"n must be at least 1; received {n}")
        return self.generate(self.noise(n, seed), condition)

    def interpolate(self, a: np.ndarray, b: np.ndarray, steps: int = 8, condition: Any = None) -> np.ndarray:
        """Walk between two starting points, each (noise_dim,), on the sphere -> (steps, frames, bands).

        Noise of many dimensions lies near a sphere; a straight line would leave it for its quiet inside.
        """
        if steps < 2:
            raise ValueError(f"steps must be at least 2; received {steps}")
        a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
        for name, point in (("a", a), ("b", b)):
            if point.shape != (self.noise_dim,):
                raise ValueError(f"{name} must be noise of shape ({self.noise_dim},); received {point.shape}")
        cosine = np.clip(np.dot(a, b) / max(np.linalg.norm(a) * np.linalg.norm(b), 1e-12), -1, 1)
        angle, t = np.arccos(cosine), np.linspace(0, 1, steps)[:, None]
        if np.sin(angle) < 1e-6:
            walk = (1 - t) * a + t * b
        else:
            walk = (np.sin((1 - t) * angle) * a + np.sin(t * angle) * b) / np.sin(angle)
        return self.generate(walk.astype(np.float32), condition)

    def score(self, features: np.ndarray, condition: Any = None, *, batch_size: int = 64) -> np.ndarray:
        """The critic's scores of clips, shape (clips, frames, bands) -> (clips,); above 0 it says real.

        A critic that compares the clips of a batch wants a multiple of its group.
        """
        features = np.asarray(features, np.float32)
        if features.shape[1:] != self.clip_shape:
            raise ValueError(
                f"expected features of shape (clips, *{self.clip_shape}); received {features.shape}"
            )
        inputs = self._with_condition(features, condition)
        parts = [
            ops.convert_to_numpy(self.critic(_rows(inputs, slice(start, start + batch_size)), training=False))
            for start in range(0, len(features), batch_size)
        ]
        return np.concatenate(parts)[:, 0] if parts else np.empty(0, np.float32)

    @property
    def classes(self) -> int | None:
        """Classes that a conditional generator knows, by its embedding; None without a condition."""
        if not self.conditional:
            return None
        for layer in self.generator.layers:
            if isinstance(layer, keras.layers.Embedding):
                return layer.input_dim
        return None

    def _with_condition(self, x: np.ndarray, condition: Any):
        if not self.conditional:
            if condition is not None:
                raise ValueError("this model takes no condition; train conditional_gan to choose a class")
            return x
        n, classes = len(x), self.classes
        if condition is None:
            condition = np.arange(n) % (classes or 10)
        condition = np.broadcast_to(np.asarray(condition), (n,))
        if condition.dtype.kind not in "iu" or (
            n and (condition.min() < 0 or (classes is not None and condition.max() >= classes))
        ):
            raise ValueError(
                f"condition must be classes from 0 to {(classes or 1) - 1}; received {condition.tolist()[:5]}"
            )
        return [x, condition.astype(np.int32)]

    def get_config(self) -> dict[str, Any]:
        serialize = keras.saving.serialize_keras_object
        return {
            "name": self.name,
            "generator": serialize(self.generator),
            "critic": serialize(self.critic),
            "loss": self.adversarial,
            "label_smoothing": self.label_smoothing,
            "augment": None if self.augment is None else serialize(self.augment),
            "critic_steps": self.critic_steps,
            "seed": self.seed,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects=None) -> GAN:
        config = dict(config)
        for part in ("generator", "critic", "augment"):
            if config.get(part) is not None:
                config[part] = keras.saving.deserialize_keras_object(
                    config[part], custom_objects=custom_objects
                )
        return cls(**config)


def _inputs(network: keras.Model) -> list:
    return network.inputs


def _rows(inputs, rows: slice):
    return [part[rows] for part in inputs] if isinstance(inputs, list) else inputs[rows]


def _check_fit(generator: keras.Model, critic: keras.Model) -> None:
    made, read = tuple(generator.output_shape[1:]), tuple(critic.inputs[0].shape[1:])
    if made != read:
        raise ValueError(f"the critic reads clips of shape {read}, but the generator makes {made}")
    if tuple(critic.output_shape[1:]) != (1,):
        raise ValueError(f"the critic must give one score a clip; it gives {critic.output_shape[1:]}")
    if len(generator.inputs) != len(critic.inputs):
        raise ValueError(
            "generator and critic must both take a condition, or neither; they have "
            f"{len(generator.inputs)} and {len(critic.inputs)} inputs"
        )
