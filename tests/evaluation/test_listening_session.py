"""A test on disk and its listeners: blind, random, resumable, and clear about what it refuses."""

from __future__ import annotations

import io
import json
from collections import Counter

import numpy as np
import pytest
import soundfile

from course_lib.evaluation.listening import ListeningError, ListeningTest, Session, state_file
from course_lib.evaluation.listening.kinds import KINDS
from course_lib.evaluation.listening.loudness import loudness

SYSTEMS = {
    "abx": ("original", "codec"),
    "preference": ("old", "new"),
    "mushra": ("reference", "codec", "vae"),
}


def _items(kind: str, names=("seven", "two")) -> dict:
    """Noises, each of another colour and level: a sound tells its item and system."""
    items = {}
    for n, item in enumerate(names):
        noise = np.random.default_rng(n).normal(size=4000)
        items[item] = {
            system: 0.01 * 2**k * np.convolve(noise, np.ones(2 * k + 1), "same")
            for k, system in enumerate(SYSTEMS[kind])
        }
    return items


@pytest.fixture
def make(tmp_path):
    """Make a small test of a kind."""

    def create(kind: str = "abx", **options) -> ListeningTest:
        options.setdefault("items", _items(kind))
        return ListeningTest.create(tmp_path / f"{kind}{len(list(tmp_path.iterdir()))}", kind=kind, **options)

    return create


def _any_answer(trial: dict):
    return dict.fromkeys(trial["answers"], 50) if trial["kind"] == "mushra" else trial["answers"][0]


def _finish(session: Session) -> Session:
    while not session.finished:
        trial = session.current()
        session.answer(trial["number"], _any_answer(trial), seconds=1.5)
    return session


@pytest.mark.parametrize("kind", KINDS)
def test_a_client_receives_nothing_that_tells(make, kind):
    test = make(kind, repeats=3)
    session = test.start()
    seen = set()
    while not session.finished:
        trial = session.current()
        text = json.dumps(trial)
        files = [path.stem for path in (test.folder / "sounds").iterdir()]
        hidden = [*_items(kind), *SYSTEMS[kind], "anchor", session.listener, *files]
        if kind == "mushra":
            # Its open reference is called that.
            hidden.remove("reference")
        for word in hidden:
            assert f'"{word}' not in text
        tokens = set(trial["sounds"].values())
        assert len(tokens) == len(trial["sounds"])
        assert not tokens & seen
        seen |= tokens
        lengths = {len(session.wav(token)) for token in tokens}
        assert len(lengths) == 1
        session.answer(trial["number"], _any_answer(trial))


def test_the_sounds_are_what_the_results_say(make):
    """Through the client's door: X is byte for byte the version that the row names."""
    test = make("abx", repeats=4)
    session, heard = test.start(), []
    while not session.finished:
        trial = session.current()
        sounds = {label: session.wav(token) for label, token in trial["sounds"].items()}
        right = "A" if sounds["A"] == sounds["X"] else "B"
        assert sounds[right] == sounds["X"] != sounds["B" if right == "A" else "A"]
        wrong = "B" if right == "A" else "A"
        session.answer(trial["number"], right if len(heard) % 2 else wrong)
        heard.append(sounds)
    rows = session.rows()
    assert [row["correct"] for row in rows] == [n % 2 for n in range(len(rows))]
    by_name = {}
    for row, sounds in zip(rows, heard, strict=True):
        for label in "abx":
            by_name.setdefault((row["item"], row[label]), set()).add(sounds[label.upper()])
    assert all(len(found) == 1 for found in by_name.values())
    assert len(set.union(*by_name.values())) == 4


def test_all_sounds_have_the_tests_loudness(make):
    test = make("mushra")
    assert test.about["loudness_lufs"] == -23
    session = test.start()
    for token in session.current()["sounds"].values():
        y, sr = soundfile.read(io.BytesIO(session.wav(token)))
        assert sr == 8000
        assert loudness(y, sr=sr) == pytest.approx(-23, abs=0.1)
    untouched = make("preference", loudness=None)
    assert untouched.about["loudness_lufs"] is None


def test_a_silent_version_is_noted_for_the_organiser(make):
    items = _items("preference")
    items["two"]["new"] = np.zeros(4000)
    test = make("preference", items=items)
    assert test.notes == ["two / new is silent: it could not be levelled"]
    assert "silent" not in (test.folder / "test.json").read_text()


@pytest.mark.parametrize("kind", KINDS)
def test_a_listener_goes_on_where_it_was_left(make, kind):
    test = make(kind, repeats=2)
    session = test.start()
    before = session.current()
    session.answer(1, _any_answer(before), seconds=3)
    waiting = session.current()
    again = ListeningTest(test.folder).resume(session.listener)
    assert again.current() == waiting
    assert waiting["number"] == 2
    assert again.wav(waiting["sounds"]["A" if kind != "mushra" else "1"])
    _finish(again)
    assert test.resume(session.listener).rows() == again.rows()
    assert again.rows()[0]["seconds"] == 3
    assert json.loads((test.folder / "listeners" / f"{session.listener}.json").read_text())["kind"] == kind


def test_a_crash_while_writing_loses_nothing(make, monkeypatch):
    test = make()
    session = test.start()
    session.answer(1, "A")

    def full(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(state_file.os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        session.answer(2, "A")
    monkeypatch.undo()
    assert test.resume(session.listener).current()["number"] == 2
    left = sorted(path.suffix for path in (test.folder / "listeners").iterdir())
    assert ".partial" not in left


def test_a_second_click_and_a_second_window_answer_nothing_twice(make):
    test = make(repeats=2)
    one = test.start()
    other = test.resume(one.listener)
    one.answer(1, "A")
    with pytest.raises(ListeningError, match="trial 1 is not the current one; go on with trial 2"):
        one.answer(1, "B")
    with pytest.raises(ListeningError, match="go on with trial 2"):
        other.answer(1, "B")
    # The other window has caught up by that.
    assert other.current() == one.current()
    other.answer(2, "B")
    with pytest.raises(ListeningError, match="go on with trial 3"):
        one.answer(2, "A")


def test_it_is_blind_until_the_last_answer(make):
    test = make(repeats=2)
    early, late = test.start(), test.start()
    early.answer(1, "A")
    with pytest.raises(ListeningError, match="has answered 1 of 4 trials: the test is blind until the last"):
        early.rows()
    with pytest.raises(ListeningError, match="no listener has finished the test yet"):
        test.analyse()
    _finish(late)
    assert {row["listener"] for row in test.rows()} == {late.listener}
    assert test.listeners() == {early.listener: (1, 4), late.listener: (4, 4)}
    assert test.analyse()["all"]["trials"] == 4
    with pytest.raises(ListeningError, match="has finished all 4 trials"):
        late.current()
    with pytest.raises(ListeningError, match="has finished all 4 trials"):
        late.wav("0" * 16)


def test_only_the_current_trials_sounds_are_served(make):
    test = make()
    session = test.start()
    first = session.current()["sounds"]["X"]
    session.answer(1, "A")
    for token in (first, "", "../key.json", next((test.folder / "sounds").iterdir()).name):
        with pytest.raises(ListeningError, match="the current trial has no sound"):
            session.wav(token)


def test_codes_are_random_and_say_nothing(make):
    test = make()
    codes = [test.start().listener for _ in range(20)]
    assert len(set(codes)) == 20
    letters = Counter("".join(codes))
    assert len(letters) > 20
    assert not set(letters) & set("01ilo")
    for code in ("", "../key", "ABCDEFGH", "abcdefg", None):
        with pytest.raises(ListeningError, match="code has 8 letters and digits"):
            test.resume(code)
    with pytest.raises(ListeningError, match="no listener '22222222' in this test"):
        test.resume("22222222")


@pytest.mark.parametrize(
    ("kind", "answer", "message"),
    [
        ("abx", "X", "expected one of A, B; received 'X'"),
        ("abx", None, "expected one of A, B; received None"),
        ("preference", "both", "expected one of A, B, tie; received 'both'"),
        ("mushra", "1", "expected a score for each of 1, 2, 3, 4, 5; received 1"),
        ("mushra", {"1": 50}, "expected a score for each of"),
        ("mushra", dict.fromkeys("12345", 101), "scores from 0 to 100 and seconds from 0"),
        ("mushra", dict.fromkeys("12345", float("nan")), "scores from 0 to 100 and seconds from 0"),
    ],
)
def test_an_answer_that_is_none_is_refused_and_changes_nothing(make, kind, answer, message):
    session = make(kind).start()
    with pytest.raises(ListeningError, match=message):
        session.answer(1, answer)
    with pytest.raises(ListeningError, match=r"received .* and -1"):
        session.answer(1, _any_answer(session.current()), seconds=-1)
    assert session.answered == 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"kind": "mos"}, "kind must be one of abx, preference, mushra; received 'mos'"),
        ({"repeats": 0}, "repeats must be a whole number from 1; received 0"),
        (
            {"pairs": [("original", "vocoder")]},
            r"a pair names two of original, codec; received \('original',",
        ),
        ({"pairs": [("original", "codec"), ("codec", "original")]}, "each once"),
        ({"pairs": []}, "expected pairs of systems"),
        ({"kind": "mushra"}, "MUSHRA needs a system called 'reference'"),
    ],
)
def test_a_test_that_cannot_be_is_not_made(tmp_path, options, message):
    with pytest.raises(ListeningError, match=message):
        ListeningTest.create(tmp_path / "t", **{"kind": "abx", "items": _items("abx"), **options})
    assert not list(tmp_path.iterdir())


def test_thirteen_versions_are_too_many(tmp_path):
    y = np.random.default_rng(0).normal(size=800) * 0.1
    items = {"a": dict.fromkeys(["reference", *(f"s{n}" for n in range(10))], y)}
    with pytest.raises(ListeningError, match=r"at most 12 versions of an item.* received 13: make two tests"):
        ListeningTest.create(tmp_path / "t", kind="mushra", items=items)


def test_a_test_is_never_overwritten(make):
    test = make()
    with pytest.raises(ListeningError, match="exists; give a new test another folder"):
        ListeningTest.create(test.folder, kind="abx", items=_items("abx"))


def test_damage_is_named(make, tmp_path):
    with pytest.raises(ListeningError, match=r"has no test\.json; expected the folder of a test"):
        ListeningTest(tmp_path)
    test = make()
    code = test.start().listener
    path = test.folder / "listeners" / f"{code}.json"
    for text, message in (
        ("{", "cannot be read"),
        ("{}", "is damaged"),
        ('{"schema": 9}', "another version"),
    ):
        path.write_text(text)
        with pytest.raises(ListeningError, match=message):
            test.resume(code)
    (test.folder / "key.json").write_text("{}")
    with pytest.raises(ListeningError, match="is not a listening test, or is damaged"):
        ListeningTest(test.folder)


def test_a_question_of_ones_own_is_asked_to_the_end(make):
    session = make("preference", question="Which voice is warmer?", repeats=2).start()
    session.answer(1, "tie")
    assert session.current()["question"] == "Which voice is warmer?"
    assert make("preference", ties=False).start().current()["answers"] == ["A", "B"]
    assert len(make("preference", ties=False).start()) == 2
