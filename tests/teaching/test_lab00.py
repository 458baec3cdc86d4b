"""Lab 00: every solution passes its check, every stub is not attempted, every usual mistake is told apart."""

from __future__ import annotations

import subprocess
import sys
import time

import librosa
import numpy as np
import pytest

from course_lib.paths import project_root
from course_lib.teaching import build, check, hint, lab
from course_lib.teaching.errors import LabError
from course_lib.teaching.labs.lab00 import CONTENT

SOURCE = build.source("00")
EXERCISES = {exercise.id: exercise for exercise in CONTENT.exercises}


def defined(code, name):
    names = {"np": np}  # the rest each cell imports itself
    exec(code, names)
    return names[name]


def judge(exercise, value, seed=0):
    return check.judge(EXERCISES[exercise], value, seed=seed)


def solution(exercise, *changes):
    """The solution with mistakes put in."""
    code = hint.solution_code(SOURCE, exercise)
    for old, new in changes:
        assert old in code, f"{old!r} is not in the solution of {exercise}"
        code = code.replace(old, new)
    return defined(code, EXERCISES[exercise].defines)


@pytest.mark.parametrize("exercise", EXERCISES)
def test_solution_passes_with_two_seeds_and_in_time(exercise):
    judge(exercise, solution(exercise))  # what librosa loads at its first call is not the check's time
    for seed in (0, 20117):
        start = time.perf_counter()
        verdict = judge(exercise, solution(exercise), seed)
        seconds = time.perf_counter() - start
        assert verdict.correct, verdict
        assert seconds < 2.0


@pytest.mark.parametrize("exercise", EXERCISES)
def test_untouched_stub_is_not_attempted(exercise):
    (stub,) = (
        cell.source
        for cell in build.build(SOURCE, "student").cells
        if cell.metadata.get("nbgrader", {}).get("grade_id") == hint.grade_id(exercise)
    )
    assert judge(exercise, defined(stub, EXERCISES[exercise].defines)).kind == "not attempted"


def test_every_exercise_is_graded_and_worth_what_its_notebook_says():
    graded = {
        cell.metadata["nbgrader"]["grade_id"]: cell.metadata["nbgrader"]["points"]
        for cell in build.build(SOURCE, "student").cells
        if cell.metadata.get("nbgrader", {}).get("grade")
    }
    assert graded == {f"check-{e.id.replace('.', '-')}": e.points for e in CONTENT.exercises}


@pytest.mark.parametrize(
    ("exercise", "changes", "kind", "words"),
    [
        ("0.1", [("return abs(", "return (")], "wrong value", "has no sign"),
        ("0.1", [("sr * round(frequency / sr)", "0")], "wrong value", "nothing above 4000 Hz"),
        (
            "0.1",
            [("abs(frequency - nearest_multiple)", "frequency % (sr / 2)")],
            "wrong value",
            "nearest multiple of 8000 Hz",
        ),
        ("0.1", [("return abs(", "return np.ones(3) * abs(")], "wrong shape", "(3,)"),
        (
            "0.2",
            [("np.clip(np.round(y / step) * step, -1, 1 - step)", "np.round(y / step) * step")],
            "wrong value",
            "beyond full scale",
        ),
        ("0.2", [("2**bits", "bits")], "wrong value", "differs first"),
        ("0.2", [("1 - step)", "1)")], "wrong value", "4 levels"),
        (
            "0.2",
            [("np.round(y / step) * step", "(np.floor(y / step) + 0.5) * step")],
            "wrong value",
            "silence",
        ),
        ("0.2", [("step = 2", "y *= 1.01; step = 2")], "wrong value", "changed in place"),
        ("0.3", [("/ (window.sum() / 2)", "")], "wrong value", "half the window's sum"),
        ("0.3", [("frames * window", "frames")], "wrong value", "window is missing"),
        (
            "0.3",
            [("axis=-1)) / (window.sum() / 2)", "axis=-1)).T / (window.sum() / 2)")],
            "wrong shape",
            "other way round",
        ),
        (
            "0.3",
            [("len(y) - len(window) + 1, hop", "len(y) - len(window) - hop, hop")],
            "wrong shape",
            "must have shape (22, 33)",
        ),
        ("0.3", [("np.abs(", "(")], "wrong value", "complex"),
        ("0.4", [("axis=-1", "axis=0")], "wrong value", "along time"),
        ("0.4", [(', norm="ortho"', "")], "wrong value", "ortho"),
        ("0.4", [("    coefficients[:, k:] = 0", "")], "wrong value", "smooth differs first"),
        ("0.4", [("return mfcc, ", "return ")], "wrong shape", "two arrays"),
        ("0.4", [("[:, :k].copy()", "[:, 1 : k + 1].copy()")], "wrong value", "mfcc differs first at [0, 0]"),
        ("0.5", [("sr=None", "sr=8000")], "wrong value", "came back at 8000 Hz"),
        ("0.5", [(", sr=None", "")], "wrong value", "came back at 22050 Hz"),
        ("0.5", [("target, sound,", "target, features,")], "wrong shape", "channels"),
        (
            "0.5",
            [("target, sound,", "target, features.T.ravel() / 1000,")],
            "wrong value",
            "samples are needed",
        ),
        (
            "0.5",
            [("target, sound,", "target, np.resize(features.T / 1000, y.shape),")],
            "wrong value",
            "what was written is not the sound",
        ),
        ("0.5", [("target, sound,", "target, y,")], "wrong value", "copy of the source"),
        ("0.5", [("soundfile.write", "print")], "wrong value", "nothing was written"),
    ],
)
def test_usual_mistakes(exercise, changes, kind, words):
    verdict = judge(exercise, solution(exercise, *changes))
    assert verdict.kind == kind, verdict
    assert words in verdict.message


def test_the_published_code_fails_the_clinic_with_its_own_error():
    def tutorial(source, target):
        features = librosa.feature.mfcc(y=librosa.load(source)[0], sr=8000, n_mfcc=40)
        librosa.output.write_wav(target, features, 8000)

    verdict = judge("0.5", tutorial)
    assert verdict.kind == "wrong value"
    assert "AttributeError" in verdict.message


def test_opening_loads_no_backend():
    code = (
        "import sys; from course_lib import teaching; teaching.lab.prelude('00'); teaching.lab.open('00'); "
        "print(sorted({'tensorflow', 'keras', 'jax', 'torch'} & set(sys.modules)))"
    )
    child = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=project_root())
    assert child.stdout.strip() == "[]", child.stderr


def test_a_lab_without_trainings_says_so():
    session = lab.open("00", profile="fast")
    assert session.x_test.shape[1:] == (128, 64)
    assert "training on" not in repr(session)
    assert "nothing is trained" in repr(session)
    assert "Trainings, as long as" not in session._repr_html_()
    with pytest.raises(LabError, match="no training 'yours' in this lab"):
        session.start("yours")


def test_bands_are_judged_in_every_profile_where_nothing_is_trained():
    session = lab.open("00", profile="fast")
    assert "outside what the text says" in repr(session.expect("a number", 3.0, 1.0, 2.0))
    assert session.expectations[-1]["judged"]
    assert not session.expectations[-1]["inside"]


def test_the_prelude_shows_the_originals_picture_and_another_sound():
    target, failure = lab.prelude("00").rows.values()
    for whole, hollow in zip(target, failure, strict=True):
        assert np.array_equal(whole.picture, hollow.picture)
        assert np.abs(whole.y - hollow.y).max() > 0.1
    with pytest.raises(LabError, match="expected one of 00, 01"):
        lab.prelude("77")
