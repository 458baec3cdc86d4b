"""Networks that come as JSON: a learner's own, and those of a run folder."""

from __future__ import annotations

import json

import keras
import pytest
from conftest import LIMIT

from course_lib.training.architecture import check_architecture, check_classes, rebuild
from course_lib.training.errors import RunError
from course_lib.training.model_files import load_newest, save_model
from course_lib.training.presets import get_preset
from course_lib.training.request import TrainingRequest
from course_lib.training.run import train
from course_lib.training.start import prepare_run
from course_lib.training.store import RunStore


def networks(shape=(128, 64), latent_dim: int = 3) -> dict:
    """A learner's pair: functional with an addition in it, and sequential."""
    inputs = keras.Input(shape)
    x = keras.layers.GlobalAveragePooling1D()(inputs) + keras.layers.GlobalMaxPooling1D()(inputs)
    encoder = keras.Model(inputs, keras.layers.Dense(latent_dim)(x))
    decoder = keras.Sequential(
        [
            keras.Input((latent_dim,)),
            keras.layers.Dense(128 * 4, activation="relu"),
            keras.layers.Reshape((128, 4)),
            keras.layers.Conv1D(64, 3, padding="same", kernel_regularizer=keras.regularizers.L2(1e-4)),
        ]
    )
    serialize = keras.saving.serialize_keras_object
    return json.loads(json.dumps({"encoder": serialize(encoder), "decoder": serialize(decoder)}))


def test_a_learners_network_is_trained_and_loaded(tmp_path):
    store = RunStore(tmp_path)
    request = TrainingRequest(name="own", epochs=2, limit_clips=LIMIT, architecture=networks())
    run = prepare_run(request, store)
    assert train(run) == "done", run.status()
    assert run.load_model().latent_dim == 3
    assert run.config()["architecture"]["decoder"]["class_name"] == "Sequential"


def test_an_encoder_for_other_clips_is_refused_at_once():
    with pytest.raises(RunError, match=r"must read clips of shape \(128, 64\); it reads \(64, 40\)"):
        check_architecture(networks((64, 40)))


def test_a_decoder_of_other_clips_is_refused_by_the_build():
    architecture = networks()
    architecture["decoder"] = keras.saving.serialize_keras_object(
        keras.Sequential([keras.Input((3,)), keras.layers.Dense(10)])
    )
    preset = get_preset("autoencoder")
    with pytest.raises(RunError, match=r"the decoder must give clips of shape \(128, 64\); it gives \(10,\)"):
        preset.build(preset.parse({}), (128, 64), architecture=architecture)


def lambda_layer() -> dict:
    network = keras.Sequential([keras.Input((3,)), keras.layers.Lambda(lambda x: x * 2)])
    return keras.saving.serialize_keras_object(network)


@pytest.mark.parametrize(
    ("module", "name", "registered"),
    [
        ("builtins", "eval", None),
        ("os", "system", None),
        ("keras.layers", "Lambda", None),
        ("keras.layers", "TFSMLayer", None),
        ("keras.layers", "TorchModuleWrapper", None),
        ("keras.utils", "get_file", None),
        ("keras.src.ops.core", "Map", None),
        ("os", "system", "latent_sound>system"),
        ("keras.initializers", "__import__", "latent_sound>Other"),
    ],
)
def test_classes_outside_the_list_are_refused(module, name, registered):
    config = {"class_name": name, "module": module, "config": {}, "registered_name": registered}
    with pytest.raises(RunError, match="is not on the list of classes that may be loaded"):
        check_classes({"class_name": "Sequential", "module": "keras", "config": {"layers": [config]}})


def test_a_lambda_is_refused_though_keras_would_write_it():
    with pytest.raises(RunError, match="is not on the list of classes"):
        rebuild(lambda_layer())


@pytest.fixture
def saved(tmp_path):
    preset = get_preset("autoencoder")
    model = preset.build(preset.parse({"network": "dense", "width": 4, "latent_dim": 3}), (128, 64))
    save_model(tmp_path, model, step=5)
    return tmp_path, model


def test_a_model_comes_back_as_it_was(saved):
    import numpy as np

    folder, model = saved
    x = np.random.default_rng(0).standard_normal((2, 128, 64)).astype(np.float32)
    np.testing.assert_array_equal(load_newest(folder).reconstruct(x), model.reconstruct(x))


@pytest.mark.parametrize("name", ["architecture.json", "weights.npz"])
def test_a_flipped_byte_is_refused(saved, name):
    folder, _ = saved
    path = folder / "model" / name
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(RunError, match=f"{name} of run .* has changed since the training wrote it"):
        load_newest(folder)


def test_weights_of_another_architecture_are_refused(saved, tmp_path):
    folder, _ = saved
    preset = get_preset("autoencoder")
    other = preset.build(preset.parse({"network": "dense", "width": 5, "latent_dim": 3}), (128, 64))
    from course_lib.training.model_state import collect, restore

    with pytest.raises(RunError, match=r"its saved state .*: it belongs to another architecture"):
        restore(load_newest(folder), collect(other), kinds=("model",))


def test_no_model_yet(tmp_path):
    with pytest.raises(RunError, match="has no model yet"):
        load_newest(tmp_path)
