"""Which runs may be reused, which scores are stale, how spread and bars are computed."""

from __future__ import annotations

import math

import numpy as np
import pytest
import scipy.stats
from fake_lesson import SPEAKERS, Deaf, Humming, Trainer, finish, install

from course_lib.training.durable import read_json, write_json
from course_lib.training.lessons.bar import FACTS, Bar
from course_lib.training.lessons.registry import LESSONS, get_lesson, lesson_of
from course_lib.training.request import TrainingRequest
from course_lib.training.scoreboard import evaluations, matching, work
from course_lib.training.scoreboard.board import lesson_board, scoreboard
from course_lib.training.scoreboard.entry import Entry
from course_lib.training.scoreboard.facts import epoch_times
from course_lib.training.scoreboard.settings import Settings
from course_lib.training.scoreboard.spread import spread, summarise
from course_lib.training.scoreboard.verdicts import judge
from course_lib.training.start import prepare_run
from course_lib.training.store import RunStore

ONE, OTHER = SPEAKERS
REQUEST = {"holdout": [ONE], "seed": 3, "max_seconds": 30.0, "limit_clips": 64, "overrides": {"width": "8"}}


@pytest.fixture
def store(tmp_path):
    return RunStore(tmp_path / "runs")


@pytest.fixture
def run(store):
    """A finished run of ``REQUEST``."""
    run = prepare_run(TrainingRequest(name="known", **REQUEST), store)
    finish(run)
    return run


@pytest.fixture
def trainer(monkeypatch):
    trainer = Trainer()
    install(monkeypatch, trainer)
    return trainer


def test_a_run_that_matches_is_found_however_it_was_asked_for(run, store):
    for overrides in ({"width": 8}, {"width": "8", "latent_dim": "64"}):
        match = matching.find(store, TrainingRequest(**REQUEST | {"overrides": overrides}))
        assert (match.run.name, match.what) == ("known", "reuse")


@pytest.mark.parametrize(
    ("change", "difference"),
    [
        ({"seed": 4}, "seed"),
        ({"holdout": [OTHER]}, "dataset holdout"),
        ({"holdout": [ONE, OTHER]}, "dataset holdout"),
        ({"holdout": []}, "dataset holdout"),
        ({"max_seconds": 31.0}, "max_seconds"),
        ({"max_seconds": None}, "max_seconds"),
        ({"limit_clips": None}, "limit_clips"),
        ({"overrides": {"width": "9"}}, "hyperparameters"),
        ({"overrides": {}}, "hyperparameters"),
        ({"dataset": "notes", "holdout": []}, "dataset name"),
    ],
)
def test_another_training_is_not_reused(run, store, change, difference):
    request = TrainingRequest(**REQUEST | change)
    assert matching.find(store, request) is None
    assert difference in matching.differences(run.config(), matching.expected(request))


@pytest.mark.parametrize(
    ("path", "value", "difference"),
    [
        (("dataset", "sha256"), "f" * 64, "dataset sha256"),
        (("versions", "latent-sound"), "0.0.1", "version of latent-sound"),
        (("versions", "keras"), None, "version of keras"),
        (("architecture",), {"encoder": {}, "decoder": {}}, "architecture"),
        (("preset",), "another", "preset"),
    ],
)
def test_a_run_of_other_data_versions_or_networks_is_not_reused(run, store, path, value, difference):
    config = run.config()
    place = config
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = value
    write_json(run.path / "config.json", config)
    request = TrainingRequest(**REQUEST)
    assert matching.find(store, request) is None
    assert matching.differences(config, matching.expected(request)) == [difference]


def test_only_finished_or_living_runs_and_the_scoreboards_own_are_used(store):
    request = TrainingRequest(**REQUEST)
    for name, state in (("mine", "stopped"), ("bench-mine", "failed")):
        finish(prepare_run(request.model_copy(update={"name": name}), store), state=state)
    # A learner's stopped run stays stopped; what a scoreboard began goes on.
    assert (matching.find(store, request).run.name, matching.find(store, request).what) == (
        "bench-mine",
        "resume",
    )
    finish(prepare_run(request.model_copy(update={"name": "lives"}), store), state="running")
    assert (matching.find(store, request).run.name, matching.find(store, request).what) == ("lives", "await")
    finish(prepare_run(request.model_copy(update={"name": "over"}), store))
    assert (matching.find(store, request).run.name, matching.find(store, request).what) == ("over", "reuse")


def test_scores_are_kept_under_everything_that_they_depend_on(run, monkeypatch):
    lesson = Humming()
    key = evaluations.key_of(lesson, run, n=2)
    assert evaluations.kept(lesson, run, key) is None
    assert evaluations.stale(lesson, run, key) == []
    result = evaluations.evaluate(lesson, run, n=2, on_row=lambda row: None)
    assert evaluations.path_of(lesson, run).name == "evaluation-humming.json"
    assert evaluations.kept(lesson, run, key) == read_json(run.path / "evaluation-humming.json")
    assert (result["facts"]["epoch_seconds"], result["facts"]["parameters"]) == (2.0, 903)
    assert (result["held_out"], result["dataset"], result["settings"]) == (ONE, "digits", {"n": 2})
    assert evaluations.stale(lesson, run, evaluations.key_of(lesson, run)) == ["n"]
    assert evaluations.kept(lesson, run, evaluations.key_of(lesson, run)) is None
    write_json(run.path / "model" / "hashes.json", {"step": 3, "weights.npz": "0" * 64})
    assert evaluations.stale(lesson, run, evaluations.key_of(lesson, run, n=2)) == ["model"]
    finish(run)
    assert evaluations.kept(lesson, run, evaluations.key_of(lesson, run, n=2)) is not None
    monkeypatch.setattr(evaluations, "code_hash", lambda: "another")
    assert evaluations.stale(lesson, run, evaluations.key_of(lesson, run, n=2)) == ["code"]
    rivals = {"dense_vae": run}
    assert set(evaluations.stale(lesson, run, evaluations.key_of(lesson, run, n=2, rivals=rivals))) == {
        "code",
        "rivals",
    }
    (run.path / "evaluation-humming.json").write_text("{cut sho")
    assert evaluations.kept(lesson, run, key) is None


def test_the_lesson_of_a_presets_own_name_shares_its_file_with_course_evaluate(run):
    assert evaluations.path_of(LESSONS["autoencoder"], run).name == "evaluation.json"


def test_jobs_are_every_split_with_every_seed_once():
    lesson = Humming()
    jobs = Settings().jobs(lesson)
    assert [(job.holdout, job.seed) for job in jobs] == [((), 0), ((), 1)]
    settings = Settings(holdouts=("own", f"{OTHER}, {ONE}", f"{ONE},{OTHER}", ONE), seeds=1, first_seed=5)
    assert [job.holdout for job in settings.jobs(lesson)] == [(), (ONE, OTHER), (ONE,)]
    assert {job.seed for job in settings.jobs(lesson)} == {5}
    every = Settings(holdouts=("all",), seeds=1).jobs(lesson)
    assert len(every) == 50
    assert all(len(job.holdout) == 1 for job in every)


def test_a_group_speakers_belong_to_the_lessons_own_data_only():
    lesson = LESSONS["autoencoder"]
    assert Settings(dataset="digits").jobs(lesson)[0].holdout == ()
    assert Settings(dataset="digits").command(lesson).split(" --")[1] == "dataset digits"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"holdouts": ("nobody",)}, "unknown speaker nobody; digits has"),
        ({"holdouts": (" , ",)}, "--holdout expects own, all, or speakers"),
        ({"dataset": "mnist"}, "unknown data set 'mnist'"),
        ({"overrides": (("widht", "4"),)}, "did you mean width"),
    ],
)
def test_wrong_choices_are_seen_before_anything_is_trained(settings, message):
    with pytest.raises(ValueError, match=message):
        Settings(**settings).jobs(Humming())


def test_spread_is_over_speakers_whose_seeds_were_averaged():
    values = {"a": [1.0, 2.0], "b": [4.0, 6.0], "c": [3.0, 3.5]}
    items = [
        {"held_out": who, "seed": seed, "value": value}
        for who, row in values.items()
        for seed, value in enumerate(row)
    ]
    found = spread(items)
    means = [np.mean(row) for row in values.values()]
    assert found["mean"] == pytest.approx(np.mean(means))
    assert found["sd_speakers"] == pytest.approx(np.std(means, ddof=1))
    assert found["sd_seeds"] == pytest.approx(
        math.sqrt(np.mean([np.var(row, ddof=1) for row in values.values()]))
    )
    low, high = scipy.stats.t.interval(0.95, 2, np.mean(means), scipy.stats.sem(means))
    assert found["interval"] == pytest.approx([low, high])
    assert (found["over"], found["n"]) == ("speakers", 3)
    assert found["values"] == items


def test_spread_of_one_speaker_is_over_seeds_and_of_one_value_nothing():
    items = [{"held_out": "a", "seed": seed, "value": value} for seed, value in enumerate((1.0, 2.0, 4.0))]
    found = spread(items)
    assert (found["over"], found["n"], found["sd_speakers"]) == ("seeds", 3, None)
    assert found["interval"] == pytest.approx(
        scipy.stats.t.interval(0.95, 2, 7 / 3, scipy.stats.sem([1, 2, 4]))
    )
    alone = spread(items[:1])
    assert (alone["mean"], alone["interval"], alone["over"], alone["sd_seeds"]) == (1.0, None, None, None)


@pytest.mark.parametrize("missing", [None, math.nan])
def test_a_missing_score_takes_the_mean_with_it(missing):
    items = [{"held_out": "a", "seed": 0, "value": 9.0}, {"held_out": "b", "seed": 0, "value": missing}]
    found = spread(items)
    assert found["mean"] is found["interval"] is found["sd_speakers"] is None
    assert len(found["values"]) == 2


def _entries(trainer, store, settings, lesson=None):
    return list(work.carry_out(settings.jobs(lesson or Humming()), store))


def test_a_group_beside_its_members_is_not_counted_twice(trainer, store):
    settings = Settings(holdouts=(ONE, OTHER, f"{ONE},{OTHER}"), seeds=1)
    entries = _entries(trainer, store, settings)
    found = summarise(Humming(), entries, "again")["white"]["model"]["stoi"]
    assert [item["held_out"] for item in found["values"]] == [ONE, OTHER]
    assert found["mean"] == pytest.approx((0.81 + 0.91) / 2)
    assert found["share"] == pytest.approx((0.31 + 0.41) / 2 / 0.4)
    assert found["command"] == "again"
    assert "--holdout anika-caribbean" in found["values"][1]["command"]
    # A group and one of its members are two different tasks; there is nothing to choose.
    pair = summarise(Humming(), [entries[0], entries[2]], "again")
    assert len(pair["white"]["model"]["stoi"]["values"]) == 2


def test_bars_are_judged_by_the_mean_over_seeds_of_the_lessons_own_task(trainer, store):
    settings = Settings(holdouts=("own", ONE))
    entries = _entries(trainer, store, settings)
    verdicts, unjudged = judge(Humming(), entries, "all of it")
    assert unjudged == ""
    stoi, distortion, parameters = verdicts
    assert (stoi.title, stoi.value, stoi.limit, stoi.met) == ("STOI (white)", pytest.approx(0.815), 0.8, True)
    # Half of the oracle's 9.0 and 9.1 dB, less 2 dB.
    assert distortion.limit == pytest.approx(0.5 * 9.05 - 2)
    assert distortion.title == "SI-SDR (babble|six, against oracle)"
    assert (parameters.value, parameters.met) == (900.5, True)
    assert "mean of 2 seeds" in stoi.note
    alone, _ = judge(Humming(), [entries[0]], "all of it")
    assert alone[0].command == entries[0].job.command
    assert stoi.command == "all of it"


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"holdouts": (ONE,)}, "the bars are for the data set's own test split held out"),
        ({"n": 3}, "the bars are for all ten-digit strings"),
        ({"limit": 64}, "the bars are for all training clips"),
        ({"overrides": (("width", "8"),)}, "the bars are for the preset's own settings"),
        ({"seconds": 31.0}, "the bars are for 30 s of training"),
    ],
)
def test_bars_are_not_judged_by_another_task(trainer, store, settings, why):
    entries = _entries(trainer, store, Settings(seeds=1, **settings))
    assert judge(Humming(), entries, "") == ([], why)
    assert lesson_board(Humming(), entries, Settings(seeds=1, **settings))["passed"]


def test_less_time_than_the_bars_allow_may_reach_them(trainer, store):
    entries = _entries(trainer, store, Settings(seeds=1, seconds=20.0))
    assert [verdict.met for verdict in judge(Humming(), entries, "")[0]] == [True, True, True]


def test_a_number_that_is_missing_misses_its_bar():
    result = {"rows": {"model": {"pesq_nb": None}}, "facts": {}}
    bar = Bar("pesq_nb", 2.0)
    assert bar.value(result) is None
    assert not bar.met(bar.value(result), bar.limit(result))
    relative = Bar("is", of="real", factor=0.85)
    assert relative.limit({"rows": {"model": {"is": 3.0}}}) is None
    assert Bar("epoch_seconds", 4.0, row=FACTS, at_least=False).met(4.0, 4.0)
    job = Settings(seeds=1).jobs(Humming())[0]
    (verdict, *_), _ = judge(Humming(), [Entry(job, error="no memory left")], "")
    assert (verdict.met, verdict.value, verdict.note) == (False, None, "not measured: no memory left")


def test_a_training_that_fails_does_not_end_the_night(monkeypatch, store):
    trainer = Trainer(fails=0)
    install(monkeypatch, trainer)
    entries = _entries(trainer, store, Settings())
    assert entries[0].error == "run bench-autoencoder-digits-s0-001 failed: the loss is not a number"
    assert entries[1].error is None
    board = lesson_board(Humming(), entries, Settings())
    assert not board["passed"]
    # Mean over the seeds that there are, but the bar asks for all of them.
    assert board["summary"]["white"]["model"]["stoi"]["mean"] == pytest.approx(0.82)
    assert not any(bar["met"] for bar in board["bars"])
    document = scoreboard({"humming": board}, "course bench humming")
    assert (document["schema"], document["passed"]) == (1, False)
    # Again: the failed one goes on, the other is there.
    again = _entries(trainer, store, Settings())
    assert [(entry.training, entry.scoring) for entry in again] == [
        ("resumed", "scored"),
        ("reused", "reused"),
    ]


def test_fresh_trains_and_scores_anew(trainer, store):
    settings = Settings(seeds=1)
    _entries(trainer, store, settings)
    assert [e.training for e in work.carry_out(settings.jobs(Humming()), store)] == ["reused"]
    (entry,) = work.carry_out(settings.jobs(Humming()), store, fresh=True)
    assert (entry.training, entry.scoring, entry.runs) == (
        "trained",
        "scored",
        {"autoencoder": "bench-autoencoder-digits-s0-002"},
    )
    assert len(trainer.requests) == 2


def test_two_lessons_share_one_training(trainer, store):
    settings = Settings(seeds=1)
    first = _entries(trainer, store, settings)
    second = _entries(trainer, store, settings, Deaf())
    assert [e.training for e in (*first, *second)] == ["trained", "reused"]
    assert sorted(path.name for path in (store.root / first[0].runs["autoencoder"]).glob("evaluation*")) == [
        "evaluation-deaf.json",
        "evaluation-humming.json",
    ]


def test_rivals_are_trained_in_the_same_time_and_given_to_the_lesson(trainer, store, monkeypatch):
    from course_lib.training import presets

    class Rival(type(presets.PRESETS["autoencoder"])):
        name = "rival"

    class Contest(Humming):
        name, rivals = "contest", ("rival",)

        def evaluate(self, run, *, n=None, on_row=None, rivals=None):
            assert set(rivals) == {"rival"}
            assert rivals["rival"].config()["max_seconds"] == run.config()["max_seconds"]
            return super().evaluate(run, n=n, on_row=on_row)

    monkeypatch.setitem(presets.PRESETS, "rival", Rival())
    (entry,) = _entries(trainer, store, Settings(seeds=1, overrides=(("width", "8"),)), Contest())
    assert entry.error is None
    assert set(entry.runs) == {"autoencoder", "rival"}
    # --set is for the lesson's own preset.
    assert [request.overrides for request in trainer.requests] == [{"width": "8"}, {}]


def test_interrupting_stops_the_training_that_it_began_and_no_other(monkeypatch, store):
    trainer = Trainer(hangs=0)
    install(monkeypatch, trainer)
    job = Settings(seeds=1).jobs(Humming())[0]

    class Interrupted(work.Watcher):
        def status(self, job, run, status):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(work.carry_out([job], store, watcher=Interrupted()))
    (name,) = store.names()
    assert store.open(name).requested == "stop"
    store.open(name).clear_request()
    # Now it trains already, on somebody's behalf.
    with pytest.raises(KeyboardInterrupt):
        list(work.carry_out([job], store, watcher=Interrupted()))
    assert store.open(name).requested is None


def test_epochs_are_timed_without_the_first():
    assert epoch_times({"epoch": [0, 0, 1, 2, 4], "seconds": [0.1, 1, 9, 12, 20]}) == [3, 4]
    assert epoch_times({"epoch": [0, 1], "seconds": [1, 9]}) == []


def test_every_lesson_is_whole():
    """What a file in ``lessons`` must have, said here rather than after an hour of training."""
    from course_lib.training.presets import PRESETS

    for name, lesson in LESSONS.items():
        assert lesson.name == name
        assert name not in ("all", "lessons", "start", "epoch", "speed"), "a command has this name"
        assert {lesson.preset, *lesson.rivals} <= set(PRESETS)
        PRESETS[lesson.preset].parse(lesson.overrides)
        assert lesson.seconds > 0
        assert lesson.seeds >= 1
        for bar in lesson.bars:
            assert bar.condition is None or bar.condition in lesson.conditions
            assert (bar.condition is None) == (not lesson.conditions or bar.row == FACTS)
            assert bar.row not in ("model", FACTS) or lesson.metric(bar).at_least == bar.at_least
        assert lesson_of(lesson.preset).preset == lesson.preset
    assert lesson_of("contractive") is LESSONS["autoencoder"]
    with pytest.raises(ValueError, match="unknown lesson 'x'; expected one of autoencoder"):
        get_lesson("x")
    with pytest.raises(ValueError, match="no lesson scores runs of 'x'; there are lessons of autoencoder"):
        lesson_of("x")
