"""Denoising and separation by the ordinary path: pairs, rungs, and what the model does with sound."""

from __future__ import annotations

import numpy as np
import pytest

from course_lib.data import catalog
from course_lib.evaluation.signal import si_sdr
from course_lib.training.presets import get_preset
from course_lib.training.request import TrainingRequest
from course_lib.training.run import train
from course_lib.training.start import prepare_run
from course_lib.training.store import RunStore

SMALL = {"width": 24, "inner": 16, "voices": 2, "batch_size": 8}


def trained(store, preset, *, epochs=2, limit_clips=96, **overrides):
    request = TrainingRequest(
        preset=preset, name=preset, epochs=epochs, limit_clips=limit_clips, overrides=SMALL | overrides
    )
    run = prepare_run(request, store)
    assert train(run) == "done", run.status().error
    return run


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return RunStore(tmp_path_factory.mktemp("runs"))


@pytest.fixture(scope="module")
def denoiser(store):
    return trained(store, "denoising", epochs=8, babble=0.0)


@pytest.fixture(scope="module")
def separator(store):
    return trained(store, "conditional")


@pytest.mark.parametrize(
    ("which", "titles"),
    [
        ("denoiser", {"input": "Noisy", "ceiling": "Clean", "output": "Denoised"}),
        ("separator", {"input": "Two voices", "ceiling": "Wanted", "output": "Separated"}),
    ],
)
def test_rungs_hold_damaged_wanted_and_restored(which, titles, request):
    run = request.getfixturevalue(which)
    first, last = run.previews()[0], run.previews()[-1]
    assert last.titles == titles
    assert len(last.clips) == 3
    from course_lib.audio.files import read

    sounds = {part: read(last.path(0, part), sr=8000) for part in titles}
    assert len({len(y) for y in sounds.values()}) == 1
    assert all(np.abs(y).max() > 0.01 for y in sounds.values())
    with np.load(last.path(0, "spectrogram")) as pictures:
        assert pictures["input"].shape == pictures["ceiling"].shape == pictures["output"].shape
    error = [np.mean([clip["error"] for clip in rung.clips]) for rung in (first, last)]
    assert np.isfinite(error).all()
    # A few steps teach to let less noise through, not yet to tell two voices apart.
    assert which == "separator" or error[1] < error[0]


def test_a_short_training_already_improves_white_noise(denoiser):
    """On a voice that it never heard, at a ratio inside its range."""
    from course_lib.data.noisy_strings import noisy_string
    from course_lib.data.splits import split

    _, test = split(catalog.load("digits"))
    own = np.flatnonzero(test.speaker == test.speaker[0])[:6]
    string = noisy_string(test, own, kind="gaussian", snr_db=0.0, seed=5)
    made = denoiser.load_model().denoise(string.noisy)
    assert made.shape == string.noisy.shape
    assert si_sdr(string.clean, made) > si_sdr(string.clean, string.noisy) + 3


def test_nobody_held_out_is_trained_on(denoiser, separator):
    for run in (denoiser, separator):
        config = run.config()
        preset = get_preset(config["preset"])
        task = preset.task(config, preset.parse(config["hyperparameters"]))
        from course_lib.data.splits import split

        train_clips, test = split(catalog.load("digits"))
        assert set(task.source.bank.names) <= set(train_clips.speaker)
        assert not set(task.source.bank.names) & set(test.speaker)


def test_the_same_rows_and_state_give_the_same_batch(separator):
    config = separator.config()
    preset = get_preset("conditional")
    task = preset.task(config, preset.parse(config["hyperparameters"]))
    rows = np.arange(4)
    first, again, other = (task.batch(rows, np.random.default_rng(seed)) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first[1], again[1])
    assert np.abs(first[1] - other[1]).max() > 0
    inputs, targets = task.held_out()
    assert set(inputs) == {"spectrum", "condition"}
    assert inputs["spectrum"].shape == targets.shape
    np.testing.assert_array_equal(task.held_out()[1], targets)


def test_asked_for_other_digits_it_gives_something_else(separator):
    model = separator.load_model()
    assert model.classes == 10
    clips = catalog.load("digits")
    mixture = clips.y[0] + clips.y[40]
    made = [model.separate(mixture, digit) for digit in (0, 5)]
    assert made[0].shape == mixture.shape
    assert np.abs(made[0] - made[1]).max() > 1e-4


def test_a_range_the_wrong_way_round_is_named(store):
    request = TrainingRequest(
        preset="denoising", name="wrong", limit_clips=32, overrides=SMALL | {"lowest_snr": 8.0}
    )
    run = prepare_run(request, store)
    assert train(run) == "failed"
    assert "lowest_snr must not lie above highest_snr; received 8 and 6 dB" in run.status().error


def test_their_lessons_score_them_between_floor_and_oracle(denoiser, separator):
    from course_lib.training.lessons.registry import lesson_of

    lesson = lesson_of("denoising")
    result = lesson.evaluate(denoiser, n=1)
    for condition in ("white", "babble"):
        rows = result["rows"][condition]
        assert rows["noisy"]["si_sdr"] == pytest.approx(0, abs=0.1)
        assert rows["phase_sensitive"]["si_sdr"] > max(rows["model"]["si_sdr"], 10)
    assert result["rows"]["white"]["model"]["si_sdr"] > 3
    assert result["facts"]["parameters"] == denoiser.load_model().count_params()
    lesson = lesson_of("conditional")
    result = lesson.evaluate(separator, n=4)
    assert result["rows"]["mixture"]["si_sdr_improvement"] == pytest.approx(0, abs=1e-6)
    assert result["settings"]["mixtures"] == 8
    gained = result["rows"]["truncated_phase_sensitive_512_128"]["si_sdr_improvement"]
    assert gained > result["rows"]["model"]["si_sdr_improvement"] + 5
    assert lesson.row_title("ideal_ratio_512_128", result) == "ideal ratio, STFT 512/128"
    assert not lesson.fits(result | {"dataset": "digits", "held_out": "nobody"})
