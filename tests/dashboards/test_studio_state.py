"""The studio's state: a form that is checked, a queue, runs to open."""

from __future__ import annotations

import pytest

from course_lib.data.catalog import CATALOG
from course_lib.training.presets import PRESETS
from course_lib.training.store import RunError
from dashboards.state.setting import settings
from dashboards.state.studio import Studio


class Pool:
    """Takes requests and makes no process."""

    def __init__(self, store, make):
        self.store, self.make, self.requests = store, make, []
        self.users = []
        self.error = None

    def submit(self, request, *, user):
        self.users.append(user)
        if self.error:
            raise self.error
        self.requests.append(request)
        name = request.name or "autoencoder-digits-001"
        self.make(name)
        return self.store.open(name)


@pytest.fixture
def studio(store, hand_made):
    return Studio(store, Pool(store, hand_made), user="ada")


def test_the_queue_hears_whose_training_it_is(studio):
    studio.param.update(name_wanted="mine")
    assert studio.start() == "mine"
    studio.pool.make = lambda name: None
    studio.go_on(studio.store.open("mine"))
    assert studio.pool.users == ["ada", "ada"]
    assert studio.pool.requests[-1].resume


def test_the_form_comes_from_the_preset(studio):
    names = {setting.name for setting in studio.settings}
    assert names == set(PRESETS["autoencoder"].hyperparameters.model_fields)
    by_name = {setting.name: setting for setting in studio.settings}
    assert by_name["latent_dim"].kind == "integer"
    assert "1 to 1 024" in by_name["latent_dim"].hint
    assert by_name["network"].choices[:1] == ("conv1d",)
    assert by_name["augment"].kind == "switch"
    assert by_name["epochs"].prominent
    assert not by_name["batch_size"].prominent
    assert 1 <= sum(setting.prominent for setting in settings(PRESETS["autoencoder"])) <= 5


def test_defaults_can_start_and_change_nothing(studio):
    assert studio.problems == {}
    assert studio.request().overrides == {}


def test_only_what_was_changed_is_overridden(studio):
    default = PRESETS["autoencoder"].parse({})
    studio.set_value("latent_dim", default.latent_dim // 2)
    studio.set_value("learning_rate", f"{default.learning_rate:g}")
    studio.param.update(seed="7", max_seconds="90", name_wanted="mine")
    request = studio.request()
    assert request.overrides == {"latent_dim": default.latent_dim // 2}
    assert (request.seed, request.max_seconds, request.name, request.holdout) == (7, 90.0, "mine", [])


@pytest.mark.parametrize(
    ("field", "text", "words"),
    [
        ("latent_dim", "0", "from 1 to 1024; received 0"),
        ("latent_dim", "many", "a whole number"),
        ("learning_rate", "-1", "received -1"),
        ("network", "transformer", "must be one of conv1d"),
    ],
)
def test_a_wrong_setting_is_named_at_its_field(studio, field, text, words):
    studio.set_value(field, text)
    assert list(studio.problems) == [field]
    assert words in studio.problems[field]
    with pytest.raises(ValueError, match=r"received|must be"):
        studio.request()
    assert studio.start() is None
    assert studio.notice.startswith("It did not start: ")
    assert studio.pool.requests == []


@pytest.mark.parametrize(
    ("field", "text", "words"),
    [
        ("seed", "x", "whole number"),
        ("seed", "-1", "received -1"),
        ("max_seconds", "0", "above 0"),
        ("name_wanted", "../up", "not usable"),
    ],
)
def test_wrong_plain_fields_are_named_too(studio, field, text, words):
    setattr(studio, field, text)
    assert list(studio.problems) == [field]
    assert words in studio.problems[field]


def test_missing_data_says_the_command(studio, monkeypatch):
    monkeypatch.setattr(type(CATALOG["fsdd"]), "installed", property(lambda dataset: dataset.bundled))
    studio.dataset = "fsdd"
    assert "course data fetch fsdd" in studio.problems["dataset"]
    studio.dataset = "digits"
    assert studio.problems == {}


def test_a_preset_brings_sounds_that_fit(studio):
    studio.preset = "vae_notes"
    assert (studio.dataset, studio.problems) == ("notes", {})
    assert studio.request().dataset == "notes"
    studio.dataset = "digits"
    assert "vae_notes learns from notes, and digits holds spoken words" in studio.problems["dataset"]
    studio.dataset = "notes"
    # Words again, for what learns from words; what learns from anything keeps them.
    studio.preset = "conditional_notes"
    assert (studio.dataset, studio.problems) == ("digits", {})
    studio.preset = "autoencoder"
    assert studio.dataset == "digits"


def test_a_speaker_of_other_data_is_dropped(studio):
    studio.param.update(dataset="fsdd")
    studio.holdout = "george"
    assert studio.speakers[0] == "george"
    studio.dataset = "digits"
    assert studio.holdout == ""


def test_start_opens_the_new_run_and_clears_the_name(studio):
    studio.name_wanted = "first"
    assert studio.start() == "first"
    assert (studio.selected, studio.name_wanted, studio.notice) == ("first", "", "")


def test_a_refused_start_is_told(studio):
    studio.pool.error = RunError("a run named x exists; choose another --run name")
    assert studio.start() is None
    assert studio.notice == "It did not start: a run named x exists; choose another --run name"
    assert studio.selected == ""


def test_arrival_prefers_the_run_asked_for_then_a_live_one(studio, hand_made, store):
    assert studio.open_first() == ""
    hand_made("old", created="2026-01-01T10:00:00+00:00").status("running")
    hand_made("new", created="2026-01-02T10:00:00+00:00").status("done")
    studio.show_runs(store.list())
    assert [row.name for row in studio.runs] == ["new", "old"]
    assert studio.open_first() == "old"
    assert studio.open_first("new") == "new"


def test_a_run_that_is_not_there_lists_those_that_are(studio, hand_made):
    hand_made("here")
    assert not studio.open("gone")
    assert "no run named gone" in studio.lost
    assert "here" in studio.lost
    assert studio.open("here")
    assert studio.lost == ""
