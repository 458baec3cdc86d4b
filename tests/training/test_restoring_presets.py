"""What restores sound by the ordinary path: settings, pairs, rungs, verbs, lessons."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from course_lib.data import catalog
from course_lib.evaluation.signal import si_sdr
from course_lib.training.presets import get_preset
from course_lib.training.request import TrainingRequest
from course_lib.training.run import train
from course_lib.training.start import prepare_run
from course_lib.training.store import RunStore

SMALL = {
    "denoising_lstm": {"width": 16, "latent_dim": 12, "voices": 2, "batch_size": 8},
    "inpainting": {"width": 24, "inner": 16, "voices": 2, "batch_size": 8},
    "enhancement": {"width": 16, "inner": 8, "critic_width": 4, "voices": 2, "batch_size": 8},
}


def begin(store, preset, name=None, *, epochs=2, limit_clips=64, **overrides):
    request = TrainingRequest(
        preset=preset,
        name=name or preset,
        epochs=epochs,
        limit_clips=limit_clips,
        overrides=SMALL[preset] | overrides,
    )
    return prepare_run(request, store)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return RunStore(tmp_path_factory.mktemp("runs"))


@pytest.fixture(scope="module")
def denoiser(store):
    run = begin(store, "denoising_lstm", epochs=4, babble=0.0, learning_rate=1e-2)
    assert train(run) == "done", run.status().error
    return run


@pytest.fixture(scope="module")
def inpainter(store):
    run = begin(store, "inpainting", epochs=1, limit_clips=32)
    assert train(run) == "done", run.status().error
    return run


@pytest.fixture(scope="module")
def enhancer(store):
    run = begin(store, "enhancement", limit_clips=16)
    assert train(run) == "done", run.status().error
    return run


def test_the_recurrent_denoiser_improves_an_unheard_voice(denoiser):
    from course_lib.data.noisy_strings import noisy_string
    from course_lib.data.splits import split
    from course_lib.training import apply

    _, test = split(catalog.load("digits"))
    own = np.flatnonzero(test.speaker == test.speaker[0])[:6]
    string = noisy_string(test, own, kind="gaussian", snr_db=0.0, seed=5)
    made = apply.denoise(denoiser, string.noisy)
    assert made.shape == string.noisy.shape
    assert si_sdr(string.clean, made) > si_sdr(string.clean, string.noisy) + 1.5
    assert denoiser.previews()[-1].titles == {"input": "Noisy", "ceiling": "Clean", "output": "Denoised"}


def test_the_recurrent_denoisers_lesson_is_that_of_denoising():
    from course_lib.training.lessons.registry import lesson_of

    lesson = lesson_of("denoising_lstm")
    assert lesson.preset == "denoising_lstm"
    assert (lesson.holdout, lesson.conditions) == (("george", "theo"), ("white", "babble"))
    # It must beat the noise, not the course's own denoiser.
    assert {bar.of for bar in lesson.bars} == {"noisy", None}


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"noise": False}, "corruption must not be none without noise: there would be nothing to undo"),
        (
            {"noise": False, "corruption": "masking"},
            "predicts must be features without noise: a mask on an undamaged spectrum is 1 everywhere",
        ),
        ({"corruption": "hiss"}, "corruption must be one of none, gaussian, .*; received hiss"),
        ({"predicts": "sound"}, "predicts must be one of mask, features; received sound"),
    ],
)
def test_settings_that_contradict_each_other_are_named(overrides, message):
    with pytest.raises(ValueError, match=message):
        get_preset("denoising_lstm").parse(overrides)


def test_a_classical_denoising_autoencoder_hears_damaged_features_of_clean_sound(denoiser):
    preset = get_preset("denoising_lstm")
    config = denoiser.config()
    settings = preset.parse(
        SMALL["denoising_lstm"] | {"noise": False, "corruption": "masking", "predicts": "features"}
    )
    task = preset.task(config, settings)
    heard, wanted = task.batch(np.arange(4), np.random.default_rng(0))
    np.testing.assert_allclose(heard, wanted, atol=0.02)
    noisy, clean = preset.task(config, preset.parse(SMALL["denoising_lstm"])).held_out()
    assert np.abs(noisy - clean).mean() > 0.1
    model = preset.build(settings, task.shape)
    layer = next(layer for layer in model.network.layers if type(layer).__name__ == "Corruption")
    assert (layer.kind, layer.severity, layer.fill) == ("masking", 0.3, 0.0)


def test_ratios_the_wrong_way_round_are_named(denoiser):
    preset = get_preset("denoising_lstm")
    with pytest.raises(ValueError, match="lowest_snr must not lie above highest_snr; received 8 and 6 dB"):
        preset.task(denoiser.config(), preset.parse({"lowest_snr": 8}))


def test_gaps_are_found_and_filled_by_the_verb(inpainter):
    from course_lib.audio.degrade.missing import dropped_frames
    from course_lib.data.splits import split
    from course_lib.training import apply

    _, test = split(catalog.load("digits"))
    whole = test.y[0, : test.length[0]]
    damaged, missing = dropped_frames(whole, percent=20, rng=np.random.default_rng(0), packet_seconds=0.04)
    made = apply.inpaint(inpainter, damaged, missing)
    np.testing.assert_array_equal(made[~missing], whole[~missing])
    assert np.abs(made[missing]).max() > 0.01
    found = apply.find_gaps(damaged, sr=8000)
    assert found[missing].any()
    made = apply.inpaint(inpainter, damaged)
    np.testing.assert_array_equal(made[~found], damaged[~found])
    assert np.abs(made[found]).max() > 0.001


def test_rungs_play_short_and_long_gaps(inpainter):
    from course_lib.audio.files import read

    last = inpainter.previews()[-1]
    assert last.titles == {"input": "With gaps", "ceiling": "Whole", "output": "Filled"}
    assert [clip["word"] for clip in last.clips] == ["gaps of 20 ms", "gaps of 40 ms", "gaps of 80 ms"]
    damaged, whole, filled = (read(last.path(0, part), sr=8000) for part in ("input", "ceiling", "output"))
    changed = filled != damaged
    assert 0.1 < changed.mean() < 0.25
    np.testing.assert_array_equal(damaged[changed], 0)
    np.testing.assert_array_equal(filled[~changed & (damaged != 0)], whole[~changed & (damaged != 0)])
    # Already the straight lines that it starts from are better than silence.
    assert np.mean([clip["error"] for clip in inpainter.previews()[0].clips]) < 0.2
    for preview in inpainter.previews():
        assert np.isfinite([clip["error"] for clip in preview.clips]).all()


def test_the_lesson_of_gaps_puts_the_model_beside_what_needs_none(inpainter):
    from course_lib.training.lessons.registry import lesson_of

    lesson = lesson_of("inpainting")
    result = lesson.evaluate(inpainter, n=1)
    for condition in ("20 ms", "60 ms"):
        rows = result["rows"][condition]
        assert rows["true_magnitudes"]["gap_lsd"] < rows["model"]["gap_lsd"] < rows["silence"]["gap_lsd"]
        assert rows["model"]["stoi"] > rows["silence"]["stoi"]
    assert lesson.row_title("interpolation", result) == "straight lines"


def test_pairs_have_gaps_as_long_and_as_many_as_asked_for(inpainter):
    preset = get_preset("inpainting")
    config = inpainter.config()
    parts = []
    for settings in ({"percent": 5}, {"percent": 60, "shortest_gap": 0.1}):
        task = preset.task(config, preset.parse(SMALL["inpainting"] | settings))
        inputs, whole = task.batch(np.arange(16), np.random.default_rng(0))
        assert set(inputs) == {"interpolated", "damaged", "lost"}
        assert inputs["damaged"].shape == whole.shape == (16, 128, 129)
        intact = inputs["lost"][..., 0] == 0
        np.testing.assert_array_equal(inputs["interpolated"][intact], inputs["damaged"][intact])
        # The edge of a gap in the last 30 samples of a window is heard in few bins.
        assert np.mean(np.abs(inputs["damaged"][intact] - whole[intact]) > 0.05) < 0.03
        again, _ = task.batch(np.arange(16), np.random.default_rng(0))
        np.testing.assert_array_equal(again["lost"], inputs["lost"])
        parts.append(inputs["lost"].mean())
    assert 0.02 < parts[0] < 0.1
    assert 0.2 < parts[1] < 0.5
    with pytest.raises(
        ValueError, match=r"shortest_gap must not lie above longest_gap; received 0\.2 and 0\.1 s"
    ):
        preset.parse({"shortest_gap": 0.2})


def test_an_enhancer_is_trained_by_turns_and_heard(enhancer):
    from course_lib.training import apply

    history = enhancer.history()
    for name in ("critic_loss", "generator_loss", "regression", "adversarial", "matching", "val_real_score"):
        assert np.isfinite(history[name][-1]), name
    last = enhancer.previews()[-1]
    assert last.titles == {"input": "Damaged", "ceiling": "Clean", "output": "Enhanced"}
    assert [clip["word"] for clip in last.clips] == ["a little", "more", "much"]
    y = catalog.load("digits").y[0]
    assert apply.enhance(enhancer, y).shape == y.shape


def test_a_stopped_enhancement_goes_on_to_the_same_weights(enhancer, store, monkeypatch):
    """Both players' optimisers are restored: else the next steps would be others."""
    from course_lib.training.callbacks.tracking import Tracking

    stop = threading.Event()
    with monkeypatch.context() as patch:
        advance = Tracking.on_train_batch_end

        def stopping(self, batch, logs=None):
            advance(self, batch, logs)
            if self.position.step == 3:
                stop.set()

        patch.setattr(Tracking, "on_train_batch_end", stopping)
        run = begin(store, "enhancement", "halted", limit_clips=16)
        assert train(run, stop=stop) == "stopped"
    run = prepare_run(TrainingRequest(name="halted", resume=True), store)
    assert train(run, resume=True) == "done", run.status().error
    assert run.history()["critic_loss"] == enhancer.history()["critic_loss"]
    damaged = enhancer.load_model().enhance(catalog.load("digits").y[1])
    np.testing.assert_array_equal(run.load_model().enhance(catalog.load("digits").y[1]), damaged)


def test_regression_alone_has_no_critic_and_the_same_lesson(store):
    from course_lib.training.lessons.registry import lesson_of

    run = begin(store, "enhancement", "alone", epochs=1, limit_clips=16, adversarial_weight=0, kind="noise")
    assert train(run) == "done", run.status().error
    assert run.load_model().critic is None
    assert np.isfinite(run.history()["val_loss"][-1])
    result = lesson_of("enhancement").evaluate(run, n=1)
    assert list(result["rows"]) == ["damaged", "spectral_gate", "wiener", "log_mmse", "model", "ceiling"]
    assert result["rows"]["damaged"]["si_sdr"] == pytest.approx(5, abs=0.2)
    assert result["rows"]["ceiling"]["stoi"] > 0.99
    assert "noise at 5 dB" in result["protocol"]


@pytest.mark.parametrize("kind", ["noise", "clipping", "bandwidth"])
def test_pairs_are_damaged_as_sound(enhancer, kind):
    preset, config = get_preset("enhancement"), enhancer.config()
    settings = SMALL["enhancement"] | {"kind": kind, "adversarial_weight": 0}
    task = preset.task(config, preset.parse(settings))
    damaged, whole = task.batch(np.arange(6), np.random.default_rng(0))
    assert damaged.shape == whole.shape == (6, 128, 258)
    quiet, loud = (np.mean(np.square(x[..., 76:129])) for x in (damaged, whole))
    if kind == "bandwidth":
        # Bins 76 and up lie above 2.3 kHz.
        assert quiet < 1e-2 * loud
    else:
        assert np.mean(np.square(damaged - whole)) > 0.005
    again, _ = task.batch(np.arange(6), np.random.default_rng(0))
    np.testing.assert_array_equal(again, damaged)
    game = preset.task(config, preset.parse(settings | {"adversarial_weight": 0.1}))
    (first, second), target = game.batch(np.arange(6), np.random.default_rng(0))
    np.testing.assert_array_equal(first, whole)
    np.testing.assert_array_equal(second, damaged)
    np.testing.assert_array_equal(target, whole)
