"""One reader for all viewers."""

from __future__ import annotations

import threading
import time

import pytest

from dashboards.state import run_hub
from dashboards.state.run_hub import RunHub


def _wait(condition, seconds: float = 5.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


@pytest.fixture
def hub():
    return RunHub(fast_seconds=0.02, slow_seconds=0.02)


def test_the_first_snapshot_comes_at_once_and_rows_follow(hub, hand_made, store):
    made = hand_made()
    made.row(5, 0, 1.5)
    seen = []
    subscription = hub.subscribe(store.open("hand-made"), seen.append)
    assert seen[0].history["loss"] == [1.5]
    made.row(10, 0, 1.25)
    made.preview(10)
    made.status("running", step=10)
    _wait(lambda: seen[-1].status["state"] == "running" and seen[-1].previews)
    assert seen[-1].history["step"] == [5, 10]
    assert [preview.step for preview in seen[-1].previews] == [10]
    subscription.close()


def test_ten_viewers_cost_one_reading(hub, hand_made, store, monkeypatch):
    made = hand_made()
    run = store.open("hand-made")
    readings = []
    original = run.history
    monkeypatch.setattr(run, "history", lambda: readings.append(1) or original())
    seen = [[] for _ in range(10)]
    subscriptions = [hub.subscribe(run, one.append) for one in seen]
    made.row(5, 0, 1.0)
    _wait(lambda: all(one[-1].history["loss"] == [1.0] for one in seen))
    # Once on arrival and once or twice for the row: its file may be seen before its content.
    assert 2 <= len(readings) <= 3
    assert len({id(one[-1]) for one in seen}) == 1
    assert sum(thread.name == "run-reader" and thread is hub._thread for thread in threading.enumerate()) == 1
    for subscription in subscriptions:
        subscription.close()


def test_the_thread_ends_with_the_last_viewer(hub, hand_made, store):
    hand_made()
    first, second = (hub.subscribe(store.open("hand-made"), lambda snapshot: None) for _ in range(2))
    thread = hub._thread
    first.close()
    assert list(hub.watching.values()) == [1]
    second.close()
    second.close()
    thread.join(2)
    assert not thread.is_alive()
    assert hub.watching == {}


def test_a_broken_viewer_does_not_silence_the_others(hub, hand_made, store):
    made = hand_made()
    calls, seen = [], []

    def breaks(snapshot):
        calls.append(snapshot)
        if len(calls) > 1:
            raise RuntimeError("the browser went away")

    hub.subscribe(store.open("hand-made"), breaks)
    subscription = hub.subscribe(store.open("hand-made"), seen.append)
    for step in (1, 2, 3):
        made.row(step, 0, 1.0 / step)
        _wait(lambda step=step: seen[-1].history.get("step", [])[-1:] == [step])
    assert len(calls) == 2
    subscription.close()


def test_a_deleted_folder_is_said_in_words(hub, hand_made, store):
    made = hand_made()
    seen = []
    subscription = hub.subscribe(store.open("hand-made"), seen.append)
    assert seen[0].problem is None
    made.path.rename(made.path.with_name("elsewhere"))
    _wait(lambda: seen[-1].problem)
    assert "the folder of run hand-made is gone" in seen[-1].problem
    assert seen[-1].config["preset"] == "autoencoder"
    subscription.close()


def test_a_diagnosis_comes_with_the_snapshots_and_is_not_made_at_each_look(
    hub, hand_made, store, monkeypatch
):
    made = hand_made()
    made.status("running", step=10)
    looks = []
    diagnose = run_hub.diagnose_files
    monkeypatch.setattr(run_hub, "diagnose_files", lambda *parts: looks.append(1) or diagnose(*parts))
    seen = []
    subscription = hub.subscribe(store.open("hand-made"), seen.append)
    assert seen[0].diagnosis.sentence == "Nothing to look at yet."
    for step in range(1, 11):
        made.row(step, 0, 1.0 / step)
        time.sleep(0.03)
    assert len(looks) == 1
    made.status("done", step=10)
    _wait(lambda: seen[-1].diagnosis.checked == ("diverged",), seconds=10)
    assert len(looks) <= 3
    subscription.close()


def test_a_check_that_stumbles_hides_nothing_else(hub, hand_made, store, monkeypatch, caplog):
    def stumble(*parts):
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(run_hub, "diagnose_files", stumble)
    made = hand_made()
    made.row(5, 0, 1.5)
    seen = []
    hub.subscribe(store.open("hand-made"), seen.append).close()
    assert (seen[0].diagnosis, seen[0].problem, seen[0].history["loss"]) == (None, None, [1.5])
    assert "could not be diagnosed" in caplog.text
