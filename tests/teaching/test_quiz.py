"""Questions, predictions, hints and the record of them."""

from __future__ import annotations

import json

import pytest

from course_lib.teaching import hint, quiz
from course_lib.teaching.exercise import Answer, Exercise, Prediction, Question
from course_lib.teaching.progress import Progress

QUESTION = Question(
    "9.Q1", "What is 1 + 1?", (Answer("3", "one too many"), Answer("2", "yes: 2", right=True))
)


def test_every_answer_is_explained_when_chosen():
    chosen = []
    choice = quiz.quiz(QUESTION, record=chosen.append)
    assert "Answer with lab.quiz" in repr(choice)
    assert repr(choice.choose("a")).endswith("✗ one too many")
    assert repr(choice.choose("b")).endswith("✓ yes: 2")
    assert chosen == [0, 1]


def test_a_letter_that_is_no_option_is_refused():
    with pytest.raises(ValueError, match="expected one of a, b; received 'c'"):
        quiz.quiz(QUESTION, record=print).choose("c")


def test_clicking_a_button_shows_the_explanation():
    choice = quiz.quiz(QUESTION, record=lambda index: None)
    box = choice.widget()
    box.children[2].click()
    assert "yes: 2" in box.children[-1].value
    assert box.children[2].button_style == "info"
    assert box.children[1].button_style == ""


def test_a_question_needs_exactly_one_right_answer():
    with pytest.raises(ValueError, match="exactly one right answer"):
        Question("9.Q2", "?", (Answer("a", ""), Answer("b", "")))


def test_prediction_is_noted():
    noted = []
    choice = quiz.predict(Prediction("9.P1", "Who wins?", ("A", "B")), record=noted.append)
    assert "Noted: B" in repr(choice.choose("b"))
    assert noted == [1]


def test_hints_come_in_stages():
    exercise = Exercise("9.1", "t", "f", 1, lambda value, rng: "", ("first", "second"))
    assert "first" in repr(hint.Hint(exercise, 1))
    assert "run the cell again" in repr(hint.Hint(exercise, 1))
    for stage in (2, 5):
        assert "second" in repr(hint.Hint(exercise, stage))
        assert 'lab.solution("9.1")' in repr(hint.Hint(exercise, stage))


def test_solution_without_the_source_says_where_it_is(tmp_path):
    with pytest.raises(FileNotFoundError, match="not in this copy"):
        hint.solution_code(tmp_path / "01_none.ipynb", "1.1")


def test_progress_survives_a_new_session_and_a_damaged_file(tmp_path):
    progress = Progress("09", root=tmp_path)
    progress.set("checks", "9.1", "correct")
    assert Progress("09", root=tmp_path).get("checks", "9.1") == "correct"
    assert [path.name for path in tmp_path.iterdir()] == ["lab09.json"]
    progress.path.write_text(progress.path.read_text()[:20])
    damaged = Progress("09", root=tmp_path)
    assert damaged.get("checks", "9.1") is None
    damaged.set("hints", "9.1", 1)
    assert json.loads(progress.path.read_text())["hints"] == {"9.1": 1}


def test_a_folder_that_cannot_be_written_costs_only_the_record(tmp_path):
    (tmp_path / "file").write_text("")
    progress = Progress("09", root=tmp_path / "file" / "below")
    progress.set("checks", "9.1", "correct")
    assert progress.get("checks", "9.1") == "correct"
