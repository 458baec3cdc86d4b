"""The preset of lab 01."""

from __future__ import annotations

import numpy as np

from course_lib.training.hyperparameters import AutoencoderHyperparameters
from course_lib.training.preset import Preset

# Copies of the training clips in which principal components see more voices than there are.
VARIED_COPIES = 3


class AutoencoderPreset(Preset):
    """Reconstruct a spoken digit from ``latent_dim`` numbers."""

    name = "autoencoder"
    title = "Autoencoder"
    description = "Squeeze a spoken digit through a few numbers and listen to what comes out"
    hyperparameters = AutoencoderHyperparameters

    def build(self, hyperparameters, shape, train_features=None, seed=0, architecture=None):
        from course_lib.models.autoencoder import Autoencoder

        if architecture is None:
            encoder, decoder = self._networks(hyperparameters, shape, seed)
        else:
            from course_lib.training.architecture import build_network

            encoder = build_network(architecture["encoder"], "encoder", input_shape=shape)
            decoder = build_network(architecture["decoder"], "decoder", output_shape=shape)
        model = Autoencoder(encoder, decoder)
        if architecture is None and hyperparameters.network == "aligned":
            self._prepare_aligned(model, hyperparameters, train_features, seed)
        else:
            self._compile(model, hyperparameters)
        return model

    def augment(self, hyperparameters):
        if not hyperparameters.augment:
            return None
        from course_lib.data.augment import vary_voice

        return vary_voice

    def _networks(self, hyperparameters, shape, seed):
        from course_lib.models import aligned, networks

        kind = hyperparameters.network
        room = aligned if kind == "aligned" else networks
        settings = {"latent_dim": hyperparameters.latent_dim, "width": hyperparameters.width}
        return (
            getattr(room, f"{kind}_encoder")(shape, seed=2 * seed, **settings),
            getattr(room, f"{kind}_decoder")(shape, seed=2 * seed + 1, **settings),
        )

    def _compile(self, model, hyperparameters):
        import keras

        from course_lib.losses.reconstruction import mean_absolute

        model.compile(optimizer=keras.optimizers.Adam(hyperparameters.learning_rate), loss=mean_absolute)

    def _prepare_aligned(self, model, hyperparameters, train_features, seed):
        """Start from principal components; train what is beside them, judged by loudness."""
        import keras

        from course_lib.losses.reconstruction import loudness_error
        from course_lib.models.principal import start_from_principal_components

        if train_features is not None:
            varied = self._varied(train_features, hyperparameters, seed)
            start_from_principal_components(model, varied, seed=seed)
        ear = model.encoder.get_layer("loudness")

        def loss(target, estimate):
            return loudness_error(target, estimate, floor=ear.floor, gain=ear.gain, exponent=ear.exponent)

        optimizer = keras.optimizers.AdamW(
            hyperparameters.learning_rate,
            weight_decay=1e-3,
            clipnorm=1.0,
            use_ema=True,
            ema_momentum=0.99,
            ema_overwrite_frequency=None,
        )
        model.compile(optimizer=optimizer, loss=loss)

    def _varied(self, features, hyperparameters, seed):
        """Training clips and, unless augmentation is off, varied copies: components that new voices share."""
        augment = self.augment(hyperparameters)
        if augment is None:
            return features
        rng = np.random.default_rng((seed, VARIED_COPIES))
        copies = [features]
        for _ in range(VARIED_COPIES):
            # A few hundred at a time: the memory of a notebook is small.
            parts = (features[start : start + 250] for start in range(0, len(features), 250))
            copies += [augment(part, rng) for part in parts]
        return np.concatenate(copies)
