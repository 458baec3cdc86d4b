"""What gradient descent finds in a linear autoencoder is the plane of the principal components."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from scipy.linalg import subspace_angles
from sklearn.decomposition import PCA

from course_lib.models.autoencoder import Autoencoder
from course_lib.models.networks import dense_decoder, dense_encoder

SHAPE, LATENT, STEPS = (8, 4), 3, 400


@pytest.mark.one_backend
def test_trained_to_the_end_it_spans_the_principal_subspace():
    """P. Baldi, K. Hornik, "Neural networks and principal component analysis", Neural Networks 2, 1989."""
    rng = np.random.default_rng(0)
    spread = np.concatenate([[3.0, 2.5, 2.0], np.full(29, 0.8)])
    x = (rng.standard_normal((256, 32)) * spread) @ np.linalg.qr(rng.standard_normal((32, 32)))[0]
    # Centred: the plane then goes through the mean, and no bias has to find it.
    x = (x - x.mean(axis=0)).astype(np.float32)
    clips = x.reshape(-1, *SHAPE)
    model = Autoencoder(dense_encoder(SHAPE, LATENT, depth=0), dense_decoder(SHAPE, LATENT, depth=0))
    decay = keras.optimizers.schedules.CosineDecay(0.05, STEPS)
    model.compile(optimizer=keras.optimizers.Adam(decay), loss="mse")
    # All clips in each step. One long epoch: the end of an epoch costs more than its steps.
    many = np.tile(clips, (STEPS, 1, 1))
    model.fit(many, many, batch_size=len(clips), shuffle=False, verbose=0)

    pca = PCA(LATENT, svd_solver="full").fit(x)
    down, up = (network.get_layer("principal").get_weights()[0] for network in (model.encoder, model.decoder))
    assert subspace_angles(up.T, pca.components_.T).max() < 1e-2
    # The encoder looks along the same plane: at the optimum it is the decoder's pseudo-inverse.
    assert subspace_angles(down, pca.components_.T).max() < 1e-2
    rest = np.mean((pca.inverse_transform(pca.transform(x)) - x) ** 2)
    error = np.mean((model.reconstruct(clips) - clips) ** 2)
    assert error < 1.001 * rest
    # Its axes are not the components: any basis of the plane is as good.
    assert np.abs(np.corrcoef(model.encode(clips).T) - np.eye(LATENT)).max() > 0.05
