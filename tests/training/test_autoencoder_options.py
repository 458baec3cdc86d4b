"""What lab 01 and lab 03 choose from: networks, tied weights, sparse and contracted latents."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from course_lib.audio.files import read
from course_lib.audio.log_mel_spectrogram import LogMelSpectrogram
from course_lib.data import catalog
from course_lib.training.apply import open_verb
from course_lib.training.presets import get_preset
from course_lib.training.request import TrainingRequest
from course_lib.training.run import train
from course_lib.training.start import prepare_run
from course_lib.training.store import RunStore

SHAPE = (128, 64)
FEATURES = np.random.default_rng(0).standard_normal((8, *SHAPE)).astype(np.float32)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return RunStore(tmp_path_factory.mktemp("runs"))


def trained(store, preset, name, **overrides):
    request = TrainingRequest(
        preset=preset, name=name, epochs=2, limit_clips=32, overrides={"batch_size": 16} | overrides
    )
    run = prepare_run(request, store)
    assert train(run) == "done", run.status().error
    return run


def built(preset, **overrides):
    preset = get_preset(preset)
    return preset.build(preset.parse(overrides), SHAPE, FEATURES, seed=0)


@pytest.mark.parametrize(
    ("preset", "overrides", "terms"),
    [
        ("autoencoder", {"network": "conv2d", "width": 4}, []),
        ("autoencoder", {"network": "lstm", "width": 4}, []),
        ("autoencoder", {"network": "dense", "tied": True, "sparsity": 0.1, "width": 8}, ["sparsity"]),
        ("contractive", {}, ["contraction"]),
        ("contractive", {"network": "conv1d", "width": 4}, ["contraction"]),
    ],
)
def test_each_trains_is_heard_and_used(preset, overrides, terms, store):
    name = "-".join([preset, overrides.get("network", "own")])
    run = trained(store, preset, name if "sparsity" not in overrides else f"{name}-sparse", **overrides)
    history = run.history()
    for term in terms:
        assert np.isfinite(history[term]).all(), term
        assert np.min(history[term]) >= 0, term
    assert np.abs(read(run.previews()[-1].path(0, "output"))).max() > 1e-4
    reconstruct = open_verb(run, "reconstruct")
    y = (0.1 * np.sin(0.5 * np.arange(9000))).astype(np.float32)
    made = reconstruct(y)
    assert made.shape == y.shape
    assert np.isfinite(made).all()


def test_tied_weights_are_the_same_weights():
    free, tied = (built("autoencoder", network="dense", width=16, tied=tied) for tied in (False, True))
    biases = 16 + 128 * 64
    assert free.count_params() - tied.count_params() == 128 * 64 * 16 + 16 * 64
    assert tied.decoder.count_params() == biases


def test_sparsity_is_a_weight_in_the_loss():
    plain, sparse = (
        built("autoencoder", network="dense", width=16, sparsity=weight) for weight in (0.0, 2.0)
    )
    inputs = keras.ops.convert_to_tensor(FEATURES)
    expected = plain.compute_loss(x=inputs, y=inputs, y_pred=plain(inputs))
    activity = np.abs(plain.encode(FEATURES)).mean()
    loss = sparse.compute_loss(x=inputs, y=inputs, y_pred=sparse(inputs))
    assert float(loss) == pytest.approx(float(expected) + 2 * activity, rel=1e-4)


def test_one_sigmoid_layer_is_contracted_in_closed_form_and_others_by_an_estimate():
    closed, estimated = built("contractive"), built("contractive", network="conv1d", width=4)
    assert (closed.method, estimated.method) == ("closed_form", "estimate")
    latents = closed.encode(FEATURES)
    assert latents.min() > 0
    assert latents.max() < 1
    assert closed.decoder.count_params() == 128 * 64
    moved = estimated(keras.ops.convert_to_tensor(FEATURES), training=True)
    assert "moved" in moved


def test_contraction_makes_latents_hold_still():
    """Twice the same steps, with the penalty and without it: a disturbance moves the latents less."""
    y = catalog.load("digits").y[:96]
    clips = LogMelSpectrogram().fit(y).encode(y)
    noise = 0.1 * np.random.default_rng(1).standard_normal(clips.shape).astype(np.float32)
    preset, moves = get_preset("contractive"), []
    for weight in (0.0, 1000.0):
        model = preset.build(preset.parse({"contraction": weight, "latent_dim": 8}), SHAPE, clips, seed=0)
        model.fit(clips, clips, epochs=20, verbose=0)
        latents = model.encode(clips)
        # Not because they are all but 0 or 1.
        assert np.mean(np.abs(latents - 0.5) < 0.45) > 0.8
        moves.append(np.abs(model.encode(clips + noise) - latents).mean())
    assert moves[1] < 0.75 * moves[0]


def test_given_networks_are_not_tied():
    preset = get_preset("autoencoder")
    settings = preset.parse({"network": "dense", "tied": True})
    with pytest.raises(ValueError, match="set tied=false and tie yours by TiedDense"):
        preset.build(settings, SHAPE, architecture={"encoder": {}, "decoder": {}})


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"contraction": -1}, "contraction must be a number from 0 to 10000.0; received -1"),
        (
            {"network": "aligned"},
            "network must be one of sigmoid, dense, conv1d, conv2d, lstm; received aligned",
        ),
        ({"tied": True}, "preset contractive has no setting 'tied'"),
    ],
)
def test_wrong_settings_of_the_contractive_one(overrides, message):
    with pytest.raises(ValueError, match=message):
        get_preset("contractive").parse(overrides)
