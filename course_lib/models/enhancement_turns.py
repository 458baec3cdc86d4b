"""The two turns of adversarial enhancement: each trains one network and only reads the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import keras
from keras import ops

from course_lib.losses.feature_matching import feature_matching
from course_lib.losses.separation import compressed_error
from course_lib.models.turns import CriticTurn, GeneratorTurn

if TYPE_CHECKING:
    from course_lib.models.enhancement import Enhancer


class EnhancementCriticTurn(CriticTurn):
    """Whole sounds up, repaired ones down; it reads [whole, damaged] spectra."""

    def call(self, inputs, training=None):
        whole, damaged = inputs
        made = ops.stop_gradient(self.gan.network(damaged, training=False))
        # One call on both: spectral normalisation moves its estimate at each.
        scores, *_ = self.gan.critic(
            [ops.concatenate([whole, made]), ops.concatenate([damaged, damaged])], training=training
        )
        half = ops.shape(whole)[0]
        return {"real": scores[:half], "fake": scores[half:]}


class EnhancementGeneratorTurn(GeneratorTurn):
    """Near the whole sound, likely in the critic's eyes, and heard by its layers alike."""

    def __init__(self, gan: Enhancer, **kwargs):
        super().__init__(gan, **kwargs)
        self.regression_tracker = keras.metrics.Mean(name="regression")
        self.adversarial_tracker = keras.metrics.Mean(name="adversarial")
        self.matching_tracker = keras.metrics.Mean(name="matching")

    def call(self, inputs, training=None):
        whole, damaged = inputs
        made = self.gan.network(damaged, training=training)
        scores, *heard = self.gan.critic([made, damaged], training=False)
        _, *wanted = self.gan.critic([whole, damaged], training=False)
        return {
            "regression": compressed_error(whole, made),
            "scores": scores,
            "matching": feature_matching([ops.stop_gradient(layer) for layer in wanted], heard),
        }

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        gan = self.gan
        terms = {
            "regression": ops.mean(y_pred["regression"]),
            "adversarial": ops.mean(gan.objective.generator(y_pred["scores"])),
            "matching": ops.mean(y_pred["matching"]),
        }
        self._track(**terms)
        return (
            terms["regression"]
            + gan.adversarial_weight * terms["adversarial"]
            + gan.matching_weight * terms["matching"]
        )
