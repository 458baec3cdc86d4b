"""A view follows its run folder; no browser here."""

from __future__ import annotations

import threading
import time

import pytest

from dashboards.components.training_view import TrainingView, header_words
from dashboards.state.run_hub import RunHub


def _wait(condition, seconds: float = 5.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


@pytest.fixture
def hub():
    return RunHub(fast_seconds=0.02, slow_seconds=0.02)


@pytest.fixture
def live(hand_made, store, hub):
    made = hand_made()
    made.status("running", step=0, message="loading the data")
    view = TrainingView(store.open("hand-made"), hub=hub)
    view.panel()
    yield made, view
    view.close()


def test_curves_words_and_ladder_follow_the_folder(live):
    made, view = live
    assert view.header.sentence == "Getting ready: loading the data."
    assert view.header.commands == ["pause", "stop"]
    assert view.ladder.rungs == []
    made.row(5, 0, 0.75)
    made.row(10, 1, 0.5, 0.625)
    made.preview(0, blur=0.9)
    made.preview(10, blur=0.25)
    made.status("running", step=10, epoch=1, elapsed_s=3, eta_s=117)
    _wait(lambda: len(view.ladder.rungs) == 2 and view.readout.held_out == "0.625")
    _wait(lambda: view.header.sentence == "Learning: about 1 min 57 s to go.")
    assert (view.readout.train, view.curves.last) == ("0.500", (0.5, 0.625))
    assert [rung["short"] for rung in view.ladder.rungs] == ["0", "10"]
    assert [rung["error"] for rung in view.ladder.rungs] == [0.9, 0.25]
    assert (view.ladder.clips, view.ladder.who) == (["zero", "one"], "ada")
    assert view.ladder.step == 10
    _wait(lambda: view.ladder.original.startswith("data:audio/wav;base64,"))
    _wait(lambda: view.spectrograms.figures[1].title.text == "Reconstruction, step 10")


def test_who_listens_to_an_early_rung_is_not_dragged_along(live):
    made, view = live
    made.preview(0)
    made.preview(1)
    _wait(lambda: len(view.ladder.rungs) == 2)
    view.ladder.follow = False
    view.ladder.step = 0
    made.preview(3)
    _wait(lambda: len(view.ladder.rungs) == 3)
    assert view.ladder.step == 0
    view.ladder.follow = True
    assert view.ladder.step == 3


def test_another_clip_changes_all_sounds(live):
    made, view = live
    made.preview(0)
    _wait(lambda: view.ladder.rungs)
    before = (view.ladder.original, view.ladder.rungs[0]["sound"])
    view.ladder.clip = 1
    after = (view.ladder.original, view.ladder.rungs[0]["sound"])
    assert all(old != new for old, new in zip(before, after, strict=True))


def test_a_preview_that_lost_its_files_breaks_nothing(live):
    made, view = live
    made.preview(0)
    for name in ("0_output.wav", "0.npz"):
        (made.path / "previews" / "000000" / name).unlink()
    _wait(lambda: view.ladder.rungs)
    assert view.ladder.rungs[0]["sound"] == ""
    assert view.ladder.original.startswith("data:")


def test_buttons_write_the_wish(live, store):
    made, view = live
    view.header._handle_msg({"command": "pause"})
    assert store.open("hand-made").requested == "pause"
    view.header._handle_msg({"command": "format the disk"})
    assert store.open("hand-made").requested == "pause"
    made.status("paused", elapsed_s=61)
    _wait(lambda: view.header.state == "paused")
    assert view.header.commands == ["resume", "stop"]
    assert "1 min 1 s" in view.header.sentence


def test_resuming_a_stopped_run_asks_for_a_new_process(hand_made, store, hub):
    made = hand_made()
    made.status("stopped", elapsed_s=5, epoch=2)
    asked = []
    view = TrainingView(store.open("hand-made"), hub=hub, restart=lambda run: asked.append(run.name))
    view.panel()
    assert view.header.commands == ["resume"]
    view.command("resume")
    assert asked == ["hand-made"]
    view.close()


def test_a_refused_command_is_said_not_raised(hand_made, store, hub):
    made = hand_made()
    made.status("done")
    view = TrainingView(store.open("hand-made"), hub=hub)
    view.panel()
    view.command("pause")
    assert "pause did not work: run hand-made is done" in view.header.advice
    view.close()


def test_a_failed_run_shows_its_error_and_a_remedy(hand_made, store, hub):
    made = hand_made()
    made.status("failed", error="out of memory while building the network")
    view = TrainingView(store.open("hand-made"), hub=hub)
    view.panel()
    assert view.header.state_word == "Failed"
    assert "smaller batch size" in view.header.advice
    assert view.ladder.empty_text == "This run ended before its first sounds were made."
    view.close()


def test_a_closed_view_is_left_alone(live, hub):
    made, view = live
    view.close()
    thread = hub._thread
    made.row(1, 0, 1.0)
    if thread is not None:
        thread.join(2)
    assert view.readout.train == "–"
    assert not any(t is thread for t in threading.enumerate())


def test_two_views_show_the_same(hand_made, store, hub):
    made = hand_made()
    views = [TrainingView(store.open("hand-made"), hub=hub) for _ in range(2)]
    for view in views:
        view.panel()
    made.row(1, 0, 0.5)
    made.preview(1)
    _wait(lambda: all(view.ladder.rungs and view.readout.train == "0.500" for view in views))
    assert views[0].ladder.rungs == views[1].ladder.rungs
    assert list(hub.watching.values()) == [2]
    for view in views:
        view.close()


def test_header_tells_model_data_and_seed(hand_made, store, hub):
    hand_made(dataset={"name": "fsdd", "holdout": ["george"]}, seed=3).status("queued")
    seen = []
    hub.subscribe(store.open("hand-made"), seen.append).close()
    words = header_words(seen[0])
    assert words["about"] == "autoencoder · fsdd · held out: george · seed 3"
    assert words["commands"] == ["stop"]
    assert words["progress"] >= -1


def test_what_the_numbers_say_comes_as_it_becomes_true(live):
    made, view = live
    assert (view.diagnosis.summary, view.diagnosis.state) == ("Too early to tell.", "")
    for epoch, held_out in enumerate([0.5, 0.4, 0.3, 0.25, 0.26], start=1):
        made.row(10 * epoch, epoch, 0.5 - 0.05 * epoch, held_out)
    made.status("running", step=50, epoch=5)
    _wait(lambda: view.diagnosis.state == "well")
    assert view.diagnosis.items == []
    assert view.header.flag == ""
    assert "3 more will follow as it trains." in view.diagnosis.summary
    for epoch in range(6, 12):
        made.row(10 * epoch, epoch, 0.5 - 0.04 * epoch, 0.25 + 0.02 * (epoch - 5))
    made.status("done", step=110, epoch=11)
    _wait(lambda: view.diagnosis.items)
    (item,) = view.diagnosis.items
    assert (item["name"], item["severity"], item["word"]) == ("overfitting", "serious", "Serious")
    assert "best in epoch 4 (0.25)" in item["sentence"]
    assert item["remedy"].endswith("or stop earlier: epochs=4.")
    assert item["lab"] == "Lab 01 is about it."
    assert view.diagnosis.state == "serious"
    _wait(lambda: (view.header.flag, view.header.flag_state) == ("1 thing wrong", "serious"))
    summary = "1 thing wrong in 3 checks: overfitting. 3 more needed a longer training."
    _wait(lambda: view.diagnosis.summary == summary)
