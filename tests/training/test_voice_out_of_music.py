"""Separation by source kind and by speaker: the wrong wish does measurably worse, however it is told."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from course_lib.audio.files import read
from course_lib.data import catalog
from course_lib.data.splits import split
from course_lib.data.voice_and_music import VoiceAndMusic
from course_lib.data.voice_bank import VoiceBank
from course_lib.evaluation.signal import si_sdr
from course_lib.losses.masking import masking_loss
from course_lib.models.conditional import ConditionalSeparator
from course_lib.models.masking import masking_network
from course_lib.training import apply
from course_lib.training.presets import get_preset
from course_lib.training.request import TrainingRequest
from course_lib.training.run import train
from course_lib.training.start import prepare_run
from course_lib.training.store import RunStore
from course_lib.training.tasks.voice_out_of_music import mixtures_with_music, musics

TINY = {"width": 16, "inner": 8, "voices": 1, "batch_size": 8}
STEPS = 90


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return RunStore(tmp_path_factory.mktemp("runs"))


@pytest.fixture(scope="module")
def separating(store):
    request = TrainingRequest(
        preset="conditional_notes", name="tiny", epochs=1, limit_clips=16, overrides=TINY
    )
    run = prepare_run(request, store)
    assert train(run) == "done", run.status().error
    return run


@pytest.mark.parametrize("fusion", ["film", "concatenate"])
def test_the_wrong_wish_does_measurably_worse(fusion):
    """90 steps of a small network; unheard voices over unheard notes."""
    heard, unheard = musics(sr=8000)
    words, others = split(catalog.load("digits"))
    bank = VoiceBank(words.select(np.arange(0, len(words), 8)), voices=1)
    pairs = VoiceAndMusic(bank, heard)
    network = masking_network(257, width=64, inner=48, dilations=(1, 2), classes=2, fusion=fusion, seed=1)
    model = ConditionalSeparator(network, n_fft=pairs.n_fft, hop_length=pairs.hop_length)
    model.compile(optimizer=keras.optimizers.Adam(1e-2, global_clipnorm=3.0), loss=masking_loss)
    rng = np.random.default_rng(0)
    for _ in range(STEPS):
        model.train_on_batch(*pairs.batch(rng.integers(len(pairs), size=16), rng))
    # What was wanted, by what was asked for, in dB.
    scores = np.zeros((2, 2))
    for wanted in (0, 1):
        mixtures = mixtures_with_music(others.select(np.arange(0, 300, 30)), unheard, asked=wanted, seed=0)
        np.testing.assert_allclose(mixtures.sources.sum(axis=1), mixtures.mixture, atol=1e-6)
        for asked in (0, 1):
            pair = zip(mixtures.mixture, mixtures.sources[:, 0], strict=True)
            scores[wanted, asked] = np.mean([si_sdr(target, model.separate(y, asked)) for y, target in pair])
    right, wrong = np.diag(scores), np.diag(scores[:, ::-1])
    assert (right > 0).all(), scores
    assert (right > wrong + 2).all(), scores


def test_the_rungs_of_a_voice_over_music(separating):
    rung = separating.previews()[-1]
    assert rung.titles == {"input": "Voice and music", "ceiling": "Wanted", "output": "Separated"}
    assert [clip["word"] for clip in rung.clips] == ["asked for voice", "asked for note", "asked for voice"]
    assert all(np.abs(read(rung.path(1, part), sr=8000)).max() > 0.01 for part in rung.titles)


def test_the_kind_is_asked_for_by_name(separating):
    assert separating.config()["classes"] == ["voice", "note"]
    y = read(separating.previews()[-1].path(0, "input"), sr=8000)
    made = apply.separate(separating, y, "voice")
    assert made.shape == y.shape
    assert not np.array_equal(made, apply.separate(separating, y, "note"))
    with pytest.raises(ValueError, match=r"unknown condition '7'; expected one of voice \(0\), note \(1\)"):
        apply.separate(separating, y, "7")


def test_its_lesson_scores_both_wishes(separating):
    from course_lib.training.lessons.registry import lesson_of

    lesson = lesson_of("conditional_notes")
    result = lesson.evaluate(separating, n=4)
    for kind in ("voice", "note"):
        rows = result["rows"][kind]
        assert rows["mixture"]["si_sdr_improvement"] == pytest.approx(0, abs=1e-6)
        assert rows["phase_sensitive_512_128"]["si_sdr_improvement"] > 8
        assert {"model", "wrong_condition", "mixture"} <= set(rows)
    assert result["settings"]["mixtures"] == 4


def test_a_speaker_can_be_asked_for(store):
    preset = get_preset("conditional")
    settings = preset.parse(TINY | {"condition": "speaker"})
    request = TrainingRequest(preset="conditional", name="speakers", overrides=TINY, limit_clips=64)
    config = prepare_run(request, store).config()
    task = preset.task(config, settings)
    names = task.facts["classes"]
    assert len(names) == 50
    assert preset.asked(task.facts) == {"classes": 50}
    inputs, _ = task.batch(np.arange(8), np.random.default_rng(0))
    bank = task.source.bank
    assert [names[row.argmax()] for row in inputs["condition"][:8]] == list(bank.names[bank.speaker[:8]])
    # By speaker, not by digit: two clips of one speaker are asked for alike.
    for clip in task.exhibit().clips:
        assert clip["word"] == f"asked for {clip['speaker']}"
        assert names[clip["label"]] == clip["speaker"]


def test_who_is_held_out_cannot_be_asked_for(store):
    request = TrainingRequest(
        preset="conditional", name="nobody", holdout=["m1-gb"], overrides=TINY | {"condition": "speaker"}
    )
    run = prepare_run(request, store)
    assert train(run) == "failed"
    assert (
        "only if the training hears them; received m1-gb held out: leave --holdout out" in run.status().error
    )


def test_the_lesson_of_digits_refuses_a_run_that_is_asked_for_speakers(store):
    from course_lib.training.lessons.registry import lesson_of
    from course_lib.training.store import RunError

    request = TrainingRequest(preset="conditional", name="asked", overrides=TINY | {"condition": "speaker"})
    run = prepare_run(request, store)
    with pytest.raises(RunError, match="run asked is asked for speakers, and this lesson asks for digits"):
        lesson_of("conditional").evaluate(run)
