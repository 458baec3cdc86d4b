"""A view in a notebook: HTML that finds its page, and a page that is served."""

from __future__ import annotations

import re
import shutil
import urllib.request

from course_lib.training.store import RunStore
from dashboards.components.notebook_frame import frame_html, served_run
from dashboards.components.training_view import TrainingView


def test_a_view_shows_itself_in_a_frame_that_this_process_serves(hand_made, store):
    hand_made("lab-one").status("done")
    run = store.open("lab-one")
    html = TrainingView(run)._repr_html_()
    assert "https://" not in html
    port = int(re.search(r"http://127\.0\.0\.1:(\d+)/", html)[1])
    path = re.search(r'"(watch\?run=[^"]+)"', html)[1]
    assert served_run(path.partition("=")[2]).path == run.path
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/{path}", timeout=20) as reply:
        page = reply.read().decode()
    assert "--theme-paper: #ffffff" in page
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/{path}&theme=dark", timeout=20) as reply:
        assert "--theme-paper: #191d2d" in reply.read().decode()


def test_each_cell_finds_its_own_frame(hand_made, store):
    hand_made("twice").status("done")
    first, second = (frame_html(store.open("twice")) for _ in range(2))
    boxes = {re.search(r'<div id="([^"]+)"', html)[1] for html in (first, second)}
    assert len(boxes) == 2
    assert re.search(r":(\d+)/", first)[1] == re.search(r":(\d+)/", second)[1]


def test_runs_of_one_name_in_two_folders_are_kept_apart(hand_made, store, tmp_path):
    made = hand_made("same")
    made.status("done")
    shutil.copytree(made.path, tmp_path / "elsewhere" / "same")
    keys = {
        re.search(r'"watch\?run=([^"]+)"', frame_html(RunStore(root).open("same")))[1]
        for root in (store.root, tmp_path / "elsewhere")
    }
    assert {served_run(key).path.parent.name for key in keys} == {"runs", "elsewhere"}


def test_a_key_that_nobody_has_is_nothing():
    assert served_run("never-made") is None
