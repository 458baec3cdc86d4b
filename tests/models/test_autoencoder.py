"""The autoencoder's contract, with every pair of networks."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import partial

import keras
import numpy as np
import pytest

from course_lib.models.aligned import aligned_decoder, aligned_encoder
from course_lib.models.autoencoder import Autoencoder
from course_lib.models.networks import (
    conv1d_decoder,
    conv1d_encoder,
    conv2d_decoder,
    conv2d_encoder,
    dense_decoder,
    dense_encoder,
    lstm_decoder,
    lstm_encoder,
)
from tests.checks import check_model

PAIRS = {
    "dense": (dense_encoder, dense_decoder),
    "tied": (dense_encoder, partial(dense_decoder, tied=True)),
    "conv1d": (conv1d_encoder, conv1d_decoder),
    "conv2d": (conv2d_encoder, conv2d_decoder),
    "lstm": (lstm_encoder, lstm_decoder),
    "aligned": (aligned_encoder, aligned_decoder),
}


def make(kind, seed=0, latent_dim=4, width=8):
    encoder, decoder = PAIRS[kind]
    settings = {"latent_dim": latent_dim, "width": width}
    return Autoencoder(
        encoder((64, 8), seed=2 * seed, **settings), decoder((64, 8), seed=2 * seed + 1, **settings)
    )


@pytest.mark.parametrize(
    "kind",
    [
        pytest.param(kind, marks=pytest.mark.one_backend if kind in ("conv1d", "conv2d", "lstm") else ())
        for kind in PAIRS
    ],
)
def test_contract(kind, clips, tmp_path):
    check_model(lambda seed: make(kind, seed), clips, folder=tmp_path)


@pytest.fixture(scope="module")
def model():
    return make("conv1d")


def test_shapes(model, clips):
    assert (model.latent_dim, model.clip_shape) == (4, (64, 8))
    latents = model.encode(clips, batch_size=16)
    assert latents.shape == (40, 4)
    np.testing.assert_allclose(model.decode(latents), model.reconstruct(clips), atol=1e-4)
    np.testing.assert_allclose(model.predict(clips, verbose=0), model.reconstruct(clips), atol=1e-5)
    assert model.reconstruct(clips[:0]).shape == (0, 64, 8)


def test_nothing_but_the_latent_passes(model, clips):
    """Two clips of equal latents come out equal: the decoder sees nothing else."""
    latent = model.encode(clips[:1])
    np.testing.assert_array_equal(model.decode(latent), model.decode(latent.copy()))
    assert model.decoder.input_shape == (None, 4)


def test_interpolation_ends_at_the_reconstructions(model, clips):
    walk = model.interpolate(clips[0], clips[1], steps=5)
    assert walk.shape == (5, 64, 8)
    np.testing.assert_allclose(walk[[0, -1]], model.reconstruct(clips[:2]), atol=1e-5)
    middle = model.decode(model.encode(clips[:2]).mean(axis=0, keepdims=True))
    np.testing.assert_allclose(walk[2], middle[0], atol=1e-5)


def test_samples_repeat_by_seed(model):
    one, same, other = (model.sample(3, seed=seed) for seed in (1, 1, 2))
    assert one.shape == (3, 64, 8)
    np.testing.assert_array_equal(one, same)
    assert np.abs(one - other).max() > 0


def test_errors_say_what_came(model, clips):
    with pytest.raises(ValueError, match=r"expected features .* \(64, 8\) a clip; received \(40, 8, 64\)"):
        model.encode(clips.transpose(0, 2, 1))
    with pytest.raises(ValueError, match=r"received \(64, 8\)"):
        model.reconstruct(clips[0])
    with pytest.raises(ValueError, match=r"expected latents .* \(4,\) a clip; received \(2, 5\)"):
        model.decode(np.zeros((2, 5)))
    with pytest.raises(ValueError, match=r"b must be one clip of shape \(64, 8\); received \(8, 64\)"):
        model.interpolate(clips[0], clips[1].T)
    with pytest.raises(ValueError, match="steps must be at least 2; received 1"):
        model.interpolate(clips[0], clips[1], steps=1)
    with pytest.raises(ValueError, match="n must be at least 1; received 0"):
        model.sample(0)
    with pytest.raises(ValueError, match="takes no condition"):
        model.sample(1, condition=7)


def test_networks_that_do_not_fit():
    encoder, decoder = dense_encoder((64, 8), 4, width=8), dense_decoder((64, 8), 5, width=8)
    with pytest.raises(ValueError, match=r"decoder reads \(5,\), but encoder gives \(4,\)"):
        Autoencoder(encoder, decoder)
    with pytest.raises(ValueError, match=r"decoder gives \(32, 8\), but encoder reads \(64, 8\)"):
        Autoencoder(encoder, dense_decoder((32, 8), 4, width=8))
    with pytest.raises(ValueError, match=r"encoder must give \(batch, latent_dim\)"):
        Autoencoder(decoder, encoder)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: dense_encoder((64,), 4), r"shape must be \(frames, bands\)"),
        (lambda: conv1d_encoder((60, 8), 4), "frames must be a multiple of 8; received 60"),
        (lambda: conv1d_decoder((64, 8), 0), "latent_dim must be at least 1; received 0"),
        (lambda: conv2d_encoder((64, 12), 4), "bands must be a multiple of 8; received 12"),
        (lambda: conv2d_decoder((60, 16), 4), "frames must be a multiple of 8; received 60"),
        (lambda: lstm_encoder((63, 8), 4), "frames must be a multiple of 4; received 63"),
        (lambda: aligned_encoder((64, 8), 1), "latent_dim must be at least 2: one number is the length"),
    ],
)
def test_sizes_that_do_not_fit(build, message):
    with pytest.raises(ValueError, match=message):
        build()


def test_the_articles_stack_fits_a_clip():
    """Three convolutions of 32, 64 and 128 channels, each halving frames and bands."""
    encoder = conv2d_encoder((128, 64), 16)
    shapes = [layer.output.shape[1:] for layer in encoder.layers if isinstance(layer, keras.layers.Conv2D)]
    assert shapes == [(64, 32, 32), (32, 16, 64), (16, 8, 128)]
    assert conv2d_decoder((128, 64), 16).output_shape == (None, 128, 64)


def test_both_directions_of_a_memory_begin_differently():
    layer = next(x for x in lstm_encoder((64, 8), 4, width=8).layers if hasattr(x, "backward_layer"))
    one, other = (part.get_weights()[1] for part in (layer.forward_layer, layer.backward_layer))
    np.testing.assert_allclose(one @ one.T, np.eye(8), atol=1e-5)
    assert np.abs(one - other).max() > 0.1
    assert lstm_encoder((64, 8), 4, width=8, bidirectional=False).count_params() < 3000


def test_a_fresh_process_rebuilds_the_networks(tmp_path):
    """From JSON and weights alone, with no module of the models imported before."""
    model = make("aligned")
    (tmp_path / "encoder.json").write_text(json.dumps(keras.saving.serialize_keras_object(model.encoder)))
    program = (
        "import json, sys\n"
        "from course_lib.training.architecture import rebuild\n"
        "network = rebuild(json.load(open(sys.argv[1])))\n"
        "print(network.output_shape, network.count_params())\n"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "encoder.json")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[-2] == f"(None, 4) {model.encoder.count_params()}"
