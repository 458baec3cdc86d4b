"""Start a network where principal component analysis ends."""

from __future__ import annotations

import keras
import numpy as np

from course_lib.layers.loudness import Loudness

EXACT_UP_TO = 500


def start_from_principal_components(model: keras.Model, features: np.ndarray, *, seed: int = 0) -> None:
    """Set the linear layers of an autoencoder to the principal components of what reaches them.

    The best linear autoencoder is known in closed form (Bourlard and Kamp, 1988): no gradient step is
    needed to find it. Each latent number gets zero mean and unit spread over ``features``.

    Parameters
    ----------
    model : Autoencoder
        Its encoder and decoder each have a ``Dense`` layer named ``principal``, without activation; the
        encoder's reads the flat output of a layer named ``flat``. ``Loudness`` layers are adapted first.
    features : np.ndarray, shape (clips, frames, bands)
        Training clips. Fewer of them than latent numbers leave the last numbers at zero.
    seed : int
        Seeds the randomised SVD.

    Raises
    ------
    ValueError
        A layer is missing, or there are fewer than two clips.
    """
    from sklearn.decomposition import PCA

    down, up = (_layer(network, "principal") for network in (model.encoder, model.decoder))
    if len(features) < 2:
        raise ValueError(f"principal components need at least two clips; received {len(features)}")
    adapt_loudness(model, features)
    flat = flat_content(model, features)
    # Exact where that is quick; nearly exact, in a second instead of a minute, for thousands of clips.
    solver = "full" if min(flat.shape) <= EXACT_UP_TO else "randomized"
    count = min(down.units, *flat.shape)
    pca = PCA(count, svd_solver=solver, random_state=seed).fit(flat)
    # A component that the clips hardly have must not be blown up to unit spread.
    spread = np.sqrt(np.maximum(pca.explained_variance_, 1e-6 * pca.explained_variance_[0]))
    spare = ((0, 0), (0, down.units - count))
    kernel = np.pad(pca.components_.T / spread, spare)
    down.set_weights([kernel, -pca.mean_ @ kernel])
    up.set_weights([np.pad(pca.components_.T * spread, spare).T, pca.mean_])


def decorrelate_within(model: keras.Model, features: np.ndarray, kinds: np.ndarray) -> None:
    """Turn the latents of a started autoencoder so that within a kind of clip they are uncorrelated.

    Principal components are uncorrelated over all clips, not within the clips of one digit by one speaker;
    a Gaussian a kind with independent numbers, which is what a prior mostly is, fits neither. Each latent
    gets unit spread within kinds, on average over them; what the decoder makes of a clip stays the same.

    Parameters
    ----------
    model : VAE or Autoencoder
        After :func:`start_from_principal_components`.
    features : np.ndarray, shape (clips, frames, bands)
    kinds : np.ndarray, shape (clips,), integers
        What each clip is.
    """
    down, up = (_layer(network, "principal") for network in (model.encoder, model.decoder))
    kernel, bias = down.get_weights()
    latents = flat_content(model, features) @ kernel + bias
    count = np.bincount(kinds)
    means = np.stack([np.bincount(kinds, column) for column in latents.T], 1) / np.maximum(count, 1)[:, None]
    rest = latents - means[kinds]
    spread, axes = np.linalg.eigh(rest.T @ rest / len(rest))
    spread = np.sqrt(np.maximum(spread, 1e-6 * spread.max()))
    turn, back = axes / spread, (axes * spread).T
    kernel_back, bias_back = up.get_weights()
    down.set_weights([kernel @ turn, bias @ turn])
    up.set_weights([back @ kernel_back, bias_back])


def adapt_loudness(model: keras.Model, features: np.ndarray) -> None:
    """Adapt the encoder's ``Loudness`` layers to ``features`` and give the decoder's the same values."""
    kinds = [
        [layer for layer in network.layers if isinstance(layer, Loudness)] for network in _networks(model)
    ]
    for layer in kinds[0]:
        layer.adapt(features)
        for other in kinds[1]:
            if other.exponent == layer.exponent:
                other.copy_from(layer)


def flat_content(model: keras.Model, features: np.ndarray) -> np.ndarray:
    """What reaches the encoder's linear layer, (clips, numbers)."""
    below = keras.Model(model.encoder.input, _layer(model.encoder, "flat").output)
    parts = [below(features[start : start + 256], training=False) for start in range(0, len(features), 256)]
    return np.concatenate([keras.ops.convert_to_numpy(part) for part in parts])


def _networks(model):
    return model.encoder, model.decoder


def _layer(network: keras.Model, name: str) -> keras.layers.Layer:
    names = [layer.name for layer in network.layers]
    if name not in names:
        raise ValueError(f"{network.name} has no layer named {name!r}; it has {', '.join(names)}")
    return network.get_layer(name)
