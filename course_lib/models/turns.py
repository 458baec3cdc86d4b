"""The two turns of a GAN's game: each trains one network and only reads the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import keras
from keras import ops

if TYPE_CHECKING:
    from course_lib.models.gan import GAN


class Turn(keras.Model):
    """One player's step as an ordinary ``keras.Model``: any backend's ``train_on_batch`` works on it.

    It reads (clips, condition), the condition zeros for a model without one, and wants no target. What the
    rival owns is passed along as state that no gradient reaches.

    Parameters
    ----------
    gan : GAN
    own : keras.Model
        The network that this turn trains.
    seed : int
        Of this turn's noise.
    """

    def __init__(self, gan: GAN, own: keras.Model, seed: int, **kwargs):
        super().__init__(**kwargs)
        self.gan = gan
        self.own = own
        self.random = keras.random.SeedGenerator(seed)
        self.trackers: dict[str, keras.metrics.Mean] = {}
        self.built = True

    # Keras differentiates with respect to these and carries the rest along unchanged.
    @property
    def trainable_variables(self):
        return self.own.trainable_variables

    @property
    def trainable_weights(self):
        return self.own.trainable_weights

    @property
    def non_trainable_variables(self):
        own = {id(variable) for variable in self.own.trainable_variables}
        return [variable for variable in self.variables if id(variable) not in own]

    def _made(self, condition, *, training: bool):
        """(clips, the same with their condition) from fresh noise, as many as the conditions."""
        gan = self.gan
        noise = keras.random.normal((ops.shape(condition)[0], gan.noise_dim), seed=self.random)
        return gan.generator([noise, condition] if gan.conditional else noise, training=training)

    def _scores(self, clips, condition, *, training: bool):
        gan = self.gan
        if gan.augment is not None:
            clips = gan.augment(clips, training=True)
        return gan.critic([clips, condition] if gan.conditional else clips, training=training)

    def _track(self, **means: Any) -> None:
        for name, value in means.items():
            getattr(self, f"{name}_tracker").update_state(value)


class CriticTurn(Turn):
    """Real clips up, made clips down; the generator is read as it stands."""

    def __init__(self, gan: GAN, **kwargs):
        super().__init__(gan, gan.critic, seed=2 * gan.seed + 1, **kwargs)
        self.real_score_tracker = keras.metrics.Mean(name="real_score")
        self.fake_score_tracker = keras.metrics.Mean(name="fake_score")

    def call(self, inputs, training=None):
        clips, condition = inputs
        made = ops.stop_gradient(self._made(condition, training=False))
        # One call on both: spectral normalisation moves its estimate at each.
        scores = self._scores(
            ops.concatenate([clips, made]), ops.concatenate([condition, condition]), training=training
        )
        half = ops.shape(clips)[0]
        return {"real": scores[:half], "fake": scores[half:]}

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        self._track(real_score=ops.mean(y_pred["real"]), fake_score=ops.mean(y_pred["fake"]))
        loss = self.gan.objective.critic(y_pred["real"], y_pred["fake"], self.gan.label_smoothing)
        return ops.mean(loss)


class GeneratorTurn(Turn):
    """What is made, up in the critic's eyes; the critic is read as it stands."""

    def __init__(self, gan: GAN, **kwargs):
        super().__init__(gan, gan.generator, seed=2 * gan.seed + 2, **kwargs)

    def call(self, inputs, training=None):
        _, condition = inputs
        made = self._made(condition, training=training)
        return self._scores(made, condition, training=False)

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        return ops.mean(self.gan.objective.generator(y_pred))
