"""The conditional VAE by the ordinary path: told digits and voices, asked for a digit from the outside."""

from __future__ import annotations

import numpy as np
import pytest

from course_lib.training import apply
from course_lib.training.presets import get_preset
from course_lib.training.request import TrainingRequest
from course_lib.training.run import train
from course_lib.training.start import prepare_run
from course_lib.training.store import RunStore
from course_lib.training.tasks.conditioned import UNKNOWN, number_of, rows


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    request = TrainingRequest(
        preset="conditional_vae",
        name="told",
        epochs=2,
        limit_clips=64,
        overrides={"batch_size": 16, "width": 8, "latent_dim": 12},
    )
    made = prepare_run(request, RunStore(tmp_path_factory.mktemp("runs")))
    assert train(made) == "done", made.status().error
    return made


def test_the_run_says_what_can_be_asked_for(run):
    conditions = run.config()["conditions"]
    assert list(conditions) == ["digit", "speaker"]
    assert conditions["digit"][7] == "seven"
    model = run.load_model()
    assert model.condition_size == 10 + len(conditions["speaker"])
    assert model.temperature == get_preset("conditional_vae").parse().temperature < 1
    losses = [value for value in run.history()["val_loss"] if np.isfinite(value)]
    assert losses[-1] < losses[0]


def test_a_digit_is_asked_for_and_the_voice_is_drawn(run):
    made = apply.sample(run, 6, condition="seven", seed=1)
    assert made.names == ("seven",) * 6
    assert np.isfinite(made.y).all()
    again = apply.sample(run, 6, condition=7, seed=1)
    np.testing.assert_array_equal(made.y, again.y)
    assert np.abs(made.features[0] - made.features[1]).max() > 0.1
    every = apply.sample(run, 12)
    assert every.names[:3] == ("zero", "one", "two")


def test_the_previews_ask_for_three_digits_in_three_voices(run):
    preview = run.previews()[-1]
    assert [clip["word"] for clip in preview.clips] == ["seven", "three", "zero"]
    task = get_preset("conditional_vae").task(run.config(), get_preset("conditional_vae").parse())
    asked = task.exhibit().rows
    assert asked.shape == (3, task.batch(np.arange(2), np.random.default_rng(0))[0][1].shape[1])
    assert len({int(row[10:].argmax()) for row in asked}) == 3


def test_a_voice_that_training_has_not_met_is_a_row_of_zeros(run):
    speakers = ["ann", "bob"]
    numbers = number_of(["bob", "eve", "ann"], speakers)
    np.testing.assert_array_equal(numbers, [1, UNKNOWN, 0])
    made = rows(np.column_stack([[0, 2, 1], numbers]), (3, 2))
    np.testing.assert_array_equal(made, [[1, 0, 0, 0, 1], [0, 0, 1, 0, 0], [0, 1, 0, 1, 0]])
    # The bundled digits' test voices speak nowhere in training.
    task = get_preset("conditional_vae").task(run.config(), get_preset("conditional_vae").parse())
    (_, held_out), _ = task.held_out()
    assert (held_out[:, :10].sum(axis=1) == 1).all()
    assert not held_out[:, 10:].any()


def test_it_takes_no_networks_of_others():
    preset = get_preset("conditional_vae")
    with pytest.raises(ValueError, match="conditional_vae takes no networks of yours; change its width"):
        preset.build(preset.parse(), (128, 64), architecture={"encoder": {}, "decoder": {}})
