"""A start from principal components is principal component analysis."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.decomposition import PCA

from course_lib.layers.loudness import Loudness
from course_lib.models.aligned import aligned_decoder, aligned_encoder
from course_lib.models.autoencoder import Autoencoder
from course_lib.models.networks import dense_decoder, dense_encoder
from course_lib.models.principal import start_from_principal_components


def _pca(train, test, k):
    pca = PCA(k, svd_solver="full").fit(train.reshape(len(train), -1))
    return pca.inverse_transform(pca.transform(test.reshape(len(test), -1))).reshape(test.shape)


def test_a_linear_autoencoder_becomes_pca(clips):
    model = Autoencoder(dense_encoder((64, 8), 5, depth=0), dense_decoder((64, 8), 5, depth=0))
    train, test = clips[:30], clips[30:]
    start_from_principal_components(model, train)
    np.testing.assert_allclose(model.reconstruct(test), _pca(train, test, 5), atol=1e-4)
    latents = model.encode(train)
    np.testing.assert_allclose(latents.mean(axis=0), 0, atol=1e-4)
    np.testing.assert_allclose(latents.std(axis=0, ddof=1), 1, atol=1e-3)


@pytest.fixture(scope="module")
def started(clips):
    model = Autoencoder(aligned_encoder((64, 8), 6, width=8), aligned_decoder((64, 8), 6, width=8))
    start_from_principal_components(model, clips[:30])
    return model


def test_an_aligned_one_becomes_pca_of_its_stretched_loudness(started, clips):
    import keras

    inner = keras.Model(started.encoder.input, started.encoder.get_layer("stretch").output)
    train, test = (np.asarray(inner(x)) for x in (clips[:30], clips[30:]))
    outer = keras.Model(started.decoder.input, started.decoder.get_layer("plane").output)
    np.testing.assert_allclose(outer(started.encode(clips[30:])), _pca(train, test, 5), atol=1e-3)


def test_loudness_layers_agree(started, clips):
    there, back = started.encoder.get_layer("loudness"), started.decoder.get_layer("log")
    assert isinstance(back, Loudness)
    np.testing.assert_array_equal(there.floor, clips[:30].min(axis=(0, 1)))
    np.testing.assert_array_equal(back.floor, there.floor)
    assert float(back.gain) == float(there.gain)


def test_the_length_comes_back(started, clips):
    sounding = (clips > clips.min() + 0.2).any(axis=-1)
    end = 64 - np.argmax(sounding[:, ::-1], axis=1)
    rebuilt = started.reconstruct(clips)
    silent = np.arange(64) >= end[:, None]
    np.testing.assert_allclose(rebuilt[silent], clips[silent], atol=1e-3)


def test_an_aligned_start_beats_pca_of_the_same_size(started, clips):
    """Same numbers a clip: what a length costs a plane, one number holds."""
    test = clips[30:]
    aligned = np.abs(started.reconstruct(test) - test).mean()
    plane = np.abs(_pca(clips[:30], test, 6) - test).mean()
    assert aligned < 0.8 * plane


def test_fewer_clips_than_numbers(clips):
    model = Autoencoder(dense_encoder((64, 8), 9, depth=0), dense_decoder((64, 8), 9, depth=0))
    start_from_principal_components(model, clips[:4])
    np.testing.assert_allclose(model.reconstruct(clips[:4]), clips[:4], atol=1e-3)
    assert not model.encode(clips)[:, 4:].any()


def test_what_cannot_start(clips):
    plain = Autoencoder(dense_encoder((64, 8), 4, width=8), dense_decoder((64, 8), 4, width=8))
    with pytest.raises(ValueError, match="dense_encoder has no layer named 'principal'; it has features"):
        start_from_principal_components(plain, clips)
    linear = Autoencoder(dense_encoder((64, 8), 5, depth=0), dense_decoder((64, 8), 5, depth=0))
    with pytest.raises(ValueError, match="need at least two clips; received 1"):
        start_from_principal_components(linear, clips[:1])
