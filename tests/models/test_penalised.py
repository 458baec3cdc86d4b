"""Autoencoders whose loss has a second term: sparse and contractive."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from course_lib.losses.reconstruction import mean_absolute
from course_lib.models.autoencoder import Autoencoder
from course_lib.models.contractive import ContractiveAutoencoder
from course_lib.models.networks import dense_decoder, dense_encoder, sigmoid_decoder, sigmoid_encoder
from course_lib.models.sigmoid_networks import start_sigmoids
from course_lib.models.sparse import SparseAutoencoder
from tests.checks import check_model

SHAPE = (64, 8)


def sigmoid_pair(latent_dim=6, seed=0):
    return (
        dense_encoder(SHAPE, latent_dim, depth=0, activation="sigmoid", seed=2 * seed),
        dense_decoder(SHAPE, latent_dim, depth=0, tied=True, seed=2 * seed + 1),
    )


def deep_pair(latent_dim=4, seed=0):
    return (
        dense_encoder(SHAPE, latent_dim, width=8, seed=2 * seed),
        dense_decoder(SHAPE, latent_dim, width=8, seed=2 * seed + 1),
    )


def closed(seed=0, weight=1e-3):
    return ContractiveAutoencoder(*sigmoid_pair(seed=seed), weight, method="closed_form", seed=seed)


def estimated(seed=0, weight=1e-3, step=1e-2):
    return ContractiveAutoencoder(*deep_pair(seed=seed), weight, step=step, seed=seed)


def sparse(seed=0, weight=0.1):
    return SparseAutoencoder(*deep_pair(seed=seed), weight)


def trained(model, clips, epochs=20, rate=3e-3):
    model.compile(optimizer=keras.optimizers.Adam(rate), loss=mean_absolute)
    return model.fit(clips, clips, epochs=epochs, batch_size=8, shuffle=False, verbose=0).history


@pytest.mark.parametrize(
    ("make", "term"),
    # Half precision rounds away what a small step changes.
    [(closed, "contraction"), (lambda seed: estimated(seed, step=1.0), "contraction"), (sparse, "sparsity")],
)
def test_contract_and_terms_that_add_up(make, term, clips, tmp_path):
    history = check_model(make, clips, folder=tmp_path)
    assert set(history) == {"loss", "reconstruction", term}
    total = np.array(history["reconstruction"]) + make(0).weight * np.array(history[term])
    np.testing.assert_allclose(history["loss"], total, rtol=1e-5)


def test_held_out_terms_are_logged_too(clips):
    model = sparse()
    model.compile(optimizer="adam", loss=mean_absolute)
    history = model.fit(clips[:16], clips[:16], validation_data=(clips[16:24], clips[16:24]), verbose=0)
    assert {"val_loss", "val_reconstruction", "val_sparsity"} <= set(history.history)


def scaled_pair(latent_dim=6, seed=0):
    return sigmoid_encoder(SHAPE, latent_dim, seed=seed), sigmoid_decoder(SHAPE, latent_dim)


@pytest.mark.parametrize(("pair", "size"), [(sigmoid_pair, 0.05), (scaled_pair, 1.0)])
def test_estimate_and_closed_form_agree_on_one_layer(pair, size, clips):
    """The same networks, 200 directions a clip: within two per cent."""
    encoder, decoder = pair()
    encoder.get_layer("latent").kernel.assign(size * np.random.default_rng(0).standard_normal((512, 6)))
    exact = ContractiveAutoencoder(encoder, decoder, method="closed_form")
    other = ContractiveAutoencoder(encoder, decoder, method="estimate", step=1e-2)
    many = np.repeat(clips[:20], 200, axis=0)
    values = [
        keras.ops.convert_to_numpy(model.penalty(model(many))).mean(dtype=np.float64)
        for model in (exact, other)
    ]
    assert values[0] > 0.01
    assert values[1] == pytest.approx(values[0], rel=0.02)


def test_sigmoids_start_at_principal_components(clips):
    """Small clips stay where sigmoids are linear: the model then is PCA with as many components."""
    from sklearn.decomposition import PCA

    small = (0.03 * (clips - clips.mean(axis=0)) / clips.std() + 0.3).astype(np.float32)
    model = ContractiveAutoencoder(*scaled_pair(), method="closed_form")
    start_sigmoids(model, small)
    flat = small.reshape(len(small), -1)
    pca = PCA(6).fit(flat)
    expected = pca.inverse_transform(pca.transform(flat)).reshape(small.shape)
    np.testing.assert_allclose(model.reconstruct(small), expected, atol=2e-3)
    assert np.abs(expected - 0.3).max() > 0.05
    start_sigmoids(model, small[:3])
    assert np.isfinite(model.reconstruct(small)).all()
    with pytest.raises(ValueError, match="at least two clips; received 1"):
        start_sigmoids(model, small[:1])


def test_directions_are_new_in_every_call_and_the_same_from_the_same_seed(clips):
    one, same = estimated(), estimated()
    first, second = (keras.ops.convert_to_numpy(one.penalty(one(clips[:4]))) for _ in range(2))
    assert np.abs(first - second).max() > 0
    np.testing.assert_allclose(keras.ops.convert_to_numpy(same.penalty(same(clips[:4]))), first, rtol=1e-5)


@pytest.mark.one_backend
@pytest.mark.parametrize("make", [closed, estimated])
def test_a_huge_weight_flattens_the_latents(make, clips):
    # Small and centred: far from where a sigmoid is flat anyway.
    small = (0.2 * (clips - clips.mean(axis=0)) / clips.std()).astype(np.float32)
    free, held = make(weight=0.0), make(weight=100.0)
    norms = [trained(model, small, epochs=30)["contraction"][-1] for model in (free, held)]
    assert norms[1] < 0.05 * norms[0], norms
    spread = [model.encode(small).std(axis=0).max() for model in (free, held)]
    assert spread[1] < 0.05 * spread[0], spread


def test_without_weight_it_is_the_plain_autoencoder(clips):
    plain, weightless = Autoencoder(*deep_pair()), sparse(weight=0.0)
    for model in (plain, weightless):
        trained(model, clips, epochs=2)
    np.testing.assert_allclose(weightless.reconstruct(clips), plain.reconstruct(clips), atol=1e-5)


@pytest.mark.one_backend
def test_sparsity_brings_latents_to_rest(clips):
    """With tied weights, which keep a decoder from making up for small latents."""

    def make(weight):
        encoder = dense_encoder(SHAPE, 12, depth=0, activation="relu")
        return SparseAutoencoder(encoder, dense_decoder(SHAPE, 12, depth=0, tied=True), weight)

    free, held = make(0.0), make(0.3)
    for model in (free, held):
        trained(model, clips, epochs=40)
    active = [np.mean(model.encode(clips) > 0.05) for model in (free, held)]
    assert active[1] < 0.6 * active[0], active


def test_what_does_not_fit():
    with pytest.raises(ValueError, match="which dense_encoder is not; use sigmoid_encoder, dense"):
        ContractiveAutoencoder(*deep_pair(), method="closed_form")
    linear = dense_encoder(SHAPE, 6, depth=0), dense_decoder(SHAPE, 6, depth=0)
    with pytest.raises(ValueError, match="one sigmoid layer, which dense_encoder is not"):
        ContractiveAutoencoder(*linear, method="closed_form")
    with pytest.raises(ValueError, match="method must be closed_form or estimate; received 'exact'"):
        ContractiveAutoencoder(*deep_pair(), method="exact")
    with pytest.raises(ValueError, match="step must be above 0; received 0"):
        ContractiveAutoencoder(*deep_pair(), step=0)
    with pytest.raises(ValueError, match="weight must be at least 0; received -1"):
        SparseAutoencoder(*deep_pair(), -1)
