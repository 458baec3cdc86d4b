"""The list of runs, read once for everybody."""

from __future__ import annotations

import time

import dashboards.state.store_hub as module
from dashboards.state.store_hub import StoreHub


def _wait(condition, seconds: float = 5.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


def test_a_new_run_and_a_new_state_are_told(store, hand_made):
    hub = StoreHub(store, seconds=0.02)
    told = []
    leave = hub.subscribe(told.append)
    made = hand_made("one")
    _wait(lambda: told and [row.name for row in told[-1]] == ["one"])
    made.status("done")
    _wait(lambda: told[-1][0].state == "done")
    thread = hub._thread
    leave()
    leave()
    thread.join(2)
    assert not thread.is_alive()


def test_a_finished_run_is_read_once(store, hand_made, monkeypatch):
    hand_made("done").status("done")
    hand_made("live").status("running")
    read = []
    original = module.summary
    monkeypatch.setattr(module, "summary", lambda run: read.append(run.name) or original(run))
    hub = StoreHub(store)
    for _ in range(3):
        assert {row.name for row in hub.read()} == {"done", "live"}
    assert read.count("done") == 1
    assert read.count("live") == 3


def test_a_deleted_run_leaves_the_list(store, hand_made):
    made = hand_made("gone")
    hub = StoreHub(store)
    assert len(hub.read()) == 1
    made.path.rename(store.root / ".gone")
    assert hub.read() == []
