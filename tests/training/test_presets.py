"""Presets speak plainly about their settings."""

from __future__ import annotations

import subprocess
import sys

import pytest

from course_lib.training.presets import PRESETS, get_preset
from course_lib.training.request import TrainingRequest


def test_unknown_preset():
    with pytest.raises(ValueError, match="unknown preset 'vae2'; expected one of autoencoder"):
        get_preset("vae2")


def test_text_is_parsed():
    settings = get_preset("autoencoder").parse({"latent_dim": "32", "network": "dense", "augment": "no"})
    assert (settings.latent_dim, settings.network, settings.augment) == (32, "dense", False)
    assert settings.epochs == get_preset("autoencoder").parse({}).epochs


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"latentdim": 3}, r"no setting 'latentdim' \(did you mean latent_dim\?\); expected one of .*width"),
        ({"latent_dim": 0}, "latent_dim must be a whole number from 1 to 1024; received 0"),
        ({"latent_dim": "many"}, "latent_dim must be a whole number from 1 to 1024; received many"),
        ({"learning_rate": "0"}, "learning_rate must be a number above 0 to 1.0; received 0"),
        ({"learning_rate": "nan"}, "learning_rate must be a number"),
        ({"network": "gru"}, "network must be one of conv1d, conv2d, dense, lstm, aligned; received gru"),
        ({"tied": True}, "tied=true is for network=dense.*received network=aligned: set network=dense"),
        ({"sparsity": -1}, "sparsity must be a number from 0 to 100.0; received -1"),
        ({"latent_dim": 1}, "at least 2 with network=aligned.*received 1: set latent_dim=2"),
        ({"augment": "7"}, "augment must be true or false; received 7"),
    ],
)
def test_wrong_settings_say_what_is_right(overrides, message):
    with pytest.raises(ValueError, match=message):
        get_preset("autoencoder").parse(overrides)


def test_every_setting_can_be_shown_on_a_page():
    for preset in PRESETS.values():
        for field in preset.fields():
            assert field["description"], field
            assert field["type"] in ("integer", "number", "boolean", "string"), field
            if field["type"] in ("integer", "number"):
                assert field["minimum"] <= field["default"] <= field["maximum"], field


def test_a_wrong_request_is_one_sentence():
    with pytest.raises(ValueError, match="epochs: input should be greater than or equal to 1; received 0"):
        TrainingRequest.checked(epochs=0)


def test_no_backend_is_imported_by_what_servers_import():
    program = (
        "import sys\n"
        "import course_lib.training.store, course_lib.training.worker, course_lib.training.presets\n"
        "print(sorted({'keras', 'tensorflow', 'librosa', 'sklearn', 'panel'} & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("network", ["conv1d", "conv2d", "dense", "lstm", "aligned"])
def test_the_same_seed_builds_the_same_model(network):
    import numpy as np

    preset = get_preset("autoencoder")
    settings = preset.parse({"network": network, "width": 4, "latent_dim": 3})
    features = np.random.default_rng(0).standard_normal((16, 128, 64)).astype(np.float32)
    one, same, other = (preset.build(settings, (128, 64), features, seed) for seed in (1, 1, 2))
    made = [model.reconstruct(features[:2]) for model in (one, same, other)]
    assert made[0].shape == (2, 128, 64)
    np.testing.assert_array_equal(made[0], made[1])
    assert one.latent_dim == 3
    assert one.optimizer is not None
    del other
