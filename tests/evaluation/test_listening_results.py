"""Results as CSV: what goes out comes back, nothing personal goes out, what is none is refused."""

from __future__ import annotations

import re

import numpy as np
import pytest

from course_lib.evaluation.listening import ListeningError, ListeningTest, analyse, read_csv, write_csv
from course_lib.evaluation.listening.kinds import KINDS
from course_lib.evaluation.listening.results import columns


@pytest.fixture(scope="module", params=KINDS)
def finished(request, tmp_path_factory) -> ListeningTest:
    """A small test of each kind with two listeners, one of whom gives no times."""
    rng = np.random.default_rng(0)
    systems = ("reference", "codec, 2 kbit")
    items = {item: {name: 0.1 * rng.normal(size=800) for name in systems} for item in ("sept", "zwölf")}
    folder = tmp_path_factory.mktemp("tests") / "one"
    test = ListeningTest.create(folder, kind=request.param, items=items)
    for seconds in (2.25, None):
        session = test.start()
        while not session.finished:
            trial = session.current()
            scores = dict.fromkeys(trial["answers"], 99.5)
            answer = scores if request.param == "mushra" else trial["answers"][-1]
            session.answer(trial["number"], answer, seconds=seconds)
    return test


def test_a_csv_file_says_what_the_rows_say(finished, tmp_path):
    rows = finished.rows()
    path = finished.write_csv(tmp_path / "out.csv")
    assert read_csv(path) == rows
    options = {"post_screening": False} if finished.kind == "mushra" else {}
    assert str(analyse(read_csv(path), **options)) == str(finished.analyse(**options))
    assert list(rows[0]) == columns(finished.kind)
    assert [p.name for p in tmp_path.iterdir()] == ["out.csv"]


def test_a_csv_file_holds_codes_and_no_time_of_day(finished, tmp_path):
    lines = finished.write_csv(tmp_path / "out.csv").read_text(encoding="utf-8").splitlines()
    assert {line.split(",")[1] for line in lines[1:]} == set(finished.listeners())
    for line in lines[1:]:
        assert re.fullmatch("[2-9a-hjkmnp-z]{8}", line.split(",")[1])
        assert not re.search(r"20\d\d-|\d\d:\d\d", line)


def test_a_spreadsheets_byte_order_mark_is_no_obstacle(finished, tmp_path):
    path = finished.write_csv(tmp_path / "out.csv")
    path.write_text(path.read_text(encoding="utf-8"), encoding="utf-8-sig")
    assert read_csv(path) == finished.rows()


def test_nothing_and_two_things_are_no_results(finished, tmp_path):
    with pytest.raises(ListeningError, match="no listener has finished"):
        write_csv(tmp_path / "out.csv", [])
    with pytest.raises(ListeningError, match="results of one test; received"):
        analyse([*finished.rows(), {"kind": "other"}])
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "holds no results of one listening test"),
        ("a,b\n1,2\n", "holds no results of one listening test"),
        ("kind,listener\nabx,x\n", r"line 2 of bad\.csv is no result: expected the columns kind, listener"),
        (
            "kind,listener,trial,item,system,score,seconds\nmushra,x,1,a,s,55,\nmushra,x,1,a,s,101,\n",
            r"line 3 of bad\.csv is no result",
        ),
        (
            "kind,listener,trial,item,a,b,x,answer,correct,seconds\nabx,x,one,a,p,q,p,A,1,\n",
            r"line 2 of bad\.csv",
        ),
    ],
)
def test_a_file_that_holds_something_else_is_named(tmp_path, text, message):
    path = tmp_path / "bad.csv"
    path.write_text(text)
    with pytest.raises(ListeningError, match=message):
        read_csv(path)
    path.write_bytes(b"\xff\xfe\x00kind")
    with pytest.raises(ListeningError, match="is not a CSV file"):
        read_csv(path)
