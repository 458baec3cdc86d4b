"""The autoencoder that should leave most of its latent numbers at rest."""

from __future__ import annotations

import keras

from course_lib.losses.sparsity import mean_activity
from course_lib.models.penalised import PenalisedAutoencoder


@keras.saving.register_keras_serializable(package="latent_sound")
class SparseAutoencoder(PenalisedAutoencoder):
    """Reconstruction plus ``weight`` times the mean absolute latent number, logged as ``sparsity``.

    A decoder can undo it by large weights, and then the latents are small but not sparse: tie the weights
    (``dense_decoder(tied=True)``), or decay them.
    """

    term = "sparsity"

    def penalty(self, made):
        return mean_activity(made["latents"])
