"""A decoder that uses its encoder's kernels."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from course_lib.layers.tied_dense import TiedDense
from course_lib.models.autoencoder import Autoencoder
from course_lib.models.networks import dense_decoder, dense_encoder

SHAPE = (6, 4)
X = np.random.default_rng(0).standard_normal((5, *SHAPE)).astype(np.float32)


def tied(latent_dim=3, depth=1, seed=0) -> Autoencoder:
    return Autoencoder(
        dense_encoder(SHAPE, latent_dim, width=7, depth=depth, activation="sigmoid", seed=seed),
        dense_decoder(SHAPE, latent_dim, width=7, depth=depth, tied=True, seed=seed + 1),
    )


def test_it_is_the_transposed_kernel_and_a_bias_of_its_own():
    source, layer = keras.layers.Dense(3), TiedDense(5, "any", activation="tanh")
    source.build((None, 5))
    layer.build((None, 3))
    layer.tie(source)
    layer.bias.assign(np.arange(5.0))
    kernel, z = source.get_weights()[0], np.ones((2, 3), np.float32)
    made = keras.ops.convert_to_numpy(layer(z))
    np.testing.assert_allclose(made, np.tanh(z @ kernel.T + np.arange(5.0)), rtol=1e-5)
    assert [variable.name for variable in layer.weights] == ["bias"]
    again = TiedDense.from_config(layer.get_config())
    assert again.get_config() == layer.get_config()
    assert layer.compute_output_shape((None, 3)) == (None, 5)


def test_a_tied_model_has_one_set_of_kernels():
    model = tied()
    kernels = 24 * 7 + 7 * 3
    assert model.count_params() == kernels + (7 + 3) + (7 + 24)
    assert len(model.trainable_variables) == 6
    names = [variable.path for variable in model.trainable_variables]
    assert len(set(names)) == 6, names


def test_both_uses_of_a_kernel_train_it():
    """The kernel's step is not what the encoder's use alone would give it."""
    one, other = tied(), tied()
    before = one.encoder.get_layer("latent").get_weights()[0]
    one.compile(optimizer=keras.optimizers.SGD(1.0), loss="mse")
    one.train_on_batch(X, X)
    loose = Autoencoder(other.encoder, dense_decoder(SHAPE, 3, width=7, seed=1))
    for layer, kernel in (("dense", "latent"), ("flat", "hidden_0")):
        matching = next(x for x in loose.decoder.layers if x.name.startswith(layer))
        matching.set_weights([other.encoder.get_layer(kernel).get_weights()[0].T, matching.get_weights()[1]])
    np.testing.assert_allclose(loose.reconstruct(X), other.reconstruct(X), atol=1e-6)
    loose.compile(optimizer=keras.optimizers.SGD(1.0), loss="mse")
    loose.train_on_batch(X, X)
    decoders = next(x for x in loose.decoder.layers if x.name.startswith("dense")).get_weights()[0].T
    moved = one.encoder.get_layer("latent").get_weights()[0] - before
    separate = (loose.encoder.get_layer("latent").get_weights()[0] - before) + (decoders - before)
    np.testing.assert_allclose(moved, separate, rtol=1e-3, atol=1e-6)


def test_a_rebuilt_model_is_tied_again(tmp_path):
    model = tied()
    model.save(tmp_path / "tied.keras")
    loaded = keras.saving.load_model(tmp_path / "tied.keras")
    np.testing.assert_allclose(loaded.reconstruct(X), model.reconstruct(X), atol=1e-6)
    loaded.encoder.get_layer("hidden_0").kernel.assign(np.zeros((24, 7)))
    bias = loaded.decoder.get_layer("flat").get_weights()[0].reshape(SHAPE)
    np.testing.assert_allclose(loaded.reconstruct(X), np.broadcast_to(bias, X.shape), atol=1e-6)


def test_what_cannot_be_tied():
    decoder = dense_decoder(SHAPE, 3, width=7, tied=True)
    with pytest.raises(ValueError, match="put both networks into an Autoencoder first"):
        decoder(np.ones((1, 3), np.float32))
    with pytest.raises(ValueError, match=r"needs its kernel to be \(7, 3\); it is \(8, 3\)"):
        Autoencoder(dense_encoder(SHAPE, 3, width=8), decoder)
    with pytest.raises(ValueError, match="tied to layer 'latent', which dense_encoder has not; it has "):
        Autoencoder(dense_encoder(SHAPE, 3, depth=0), dense_decoder(SHAPE, 3, depth=0, tied=True))
    layer = TiedDense(5, "any")
    layer.build((None, 3))
    with pytest.raises(ValueError, match="it has none"):
        layer.tie(keras.layers.Flatten())
    with pytest.raises(ValueError, match="units must be at least 1; received 0"):
        TiedDense(0, "any")
