"""The four verdicts, and what each says."""

from __future__ import annotations

import numpy as np
import pytest

from course_lib.teaching import check
from course_lib.teaching.exercise import Exercise


def exercise(judge):
    return Exercise("9.1", "doubling", "double", 1, judge, ("first", "second"))


def doubling(function, rng):
    x = rng.normal(size=(2, 3))
    check.same_array(check.attempt(function, x), 2 * x, name="the result")
    return "doubled"


DOUBLE = exercise(doubling)


def untouched(x):
    raise NotImplementedError("exercise 9.1 is not done yet")


@pytest.mark.parametrize("value", [None, ..., untouched, lambda x: None, lambda x: ...])
def test_untouched_stub_is_not_attempted(value):
    verdict = check.judge(DOUBLE, value)
    assert verdict.kind == "not attempted"
    assert not verdict.correct


def test_correct_answer():
    verdict = check.judge(DOUBLE, lambda x: 2 * x)
    assert verdict.correct
    assert bool(verdict)
    assert repr(verdict) == "✓ 9.1 · correct: doubled"


def test_wrong_shape_gives_both_shapes():
    verdict = check.judge(DOUBLE, lambda x: (2 * x).ravel())
    assert verdict.kind == "wrong shape"
    assert "(2, 3)" in verdict.message
    assert "(6,)" in verdict.message


def test_wrong_value_gives_the_first_place_that_differs():
    def nearly(x):
        y = 2 * x
        y[1, 1] += 1
        y[1, 2] += 1
        return y

    verdict = check.judge(DOUBLE, nearly)
    assert verdict.kind == "wrong value"
    assert "differs first at [1, 1]" in verdict.message
    assert "33 %" in verdict.message


def test_nan_is_named_with_its_place():
    def broken(x):
        y = 2 * x
        y[0, 2] = np.nan
        return y

    verdict = check.judge(DOUBLE, broken)
    assert verdict.kind == "wrong value"
    assert "[0, 2]" in verdict.message


def test_an_error_in_the_learners_code_names_its_line():
    def broken(x):
        return x @ x

    verdict = check.judge(DOUBLE, broken)
    assert verdict.kind == "wrong value"
    assert "`broken` raised ValueError at line" in verdict.message


def test_not_a_function():
    assert "expected a function; received int" in check.judge(DOUBLE, 3).message


def test_one_seed_asks_the_same_and_another_asks_otherwise():
    asked = []

    def remember(function, rng):
        asked.append(rng.normal())
        return ""

    for seed in (0, 0, 1):
        check.judge(exercise(remember), int, seed=seed)
    assert asked[0] == asked[1] != asked[2]


def test_html_escapes_what_a_learner_wrote():
    def broken(x):
        raise ValueError("<script>alert(1)</script>")

    html = check.judge(DOUBLE, broken)._repr_html_()
    assert "<script>" not in html
    assert "wrong value" in html
