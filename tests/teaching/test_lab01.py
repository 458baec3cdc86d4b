"""Lab 01: every solution passes its check, every stub is not attempted, every usual mistake is told apart."""

from __future__ import annotations

import time

import keras
import numpy as np
import pytest
from keras import layers
from typer.testing import CliRunner

from course_lib.commands.lab import app
from course_lib.teaching import build, check, hint
from course_lib.teaching.labs.lab01 import CONTENT

SOURCE = build.source("01")
EXERCISES = {exercise.id: exercise for exercise in CONTENT.exercises}


def defined(code, name):
    names = {"np": np, "keras": keras, "layers": layers}
    exec(code, names)
    return names[name]


def judge(exercise, value, seed=0):
    return check.judge(EXERCISES[exercise], value, seed=seed)


@pytest.mark.parametrize("exercise", EXERCISES)
def test_solution_passes_with_two_seeds_and_in_time(exercise):
    solution = defined(hint.solution_code(SOURCE, exercise), EXERCISES[exercise].defines)
    judge(exercise, solution)  # the backend's first call in this process is not the check's time
    for seed in (0, 20117):
        start = time.perf_counter()
        verdict = judge(exercise, solution, seed)
        seconds = time.perf_counter() - start
        assert verdict.correct, verdict
        assert seconds < 2.0


@pytest.mark.parametrize("exercise", EXERCISES)
def test_untouched_stub_is_not_attempted(exercise):
    cells = build.build(SOURCE, "student").cells
    (stub,) = (
        cell.source
        for cell in cells
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


def solution(exercise, *changes):
    """The solution with mistakes put in."""
    code = hint.solution_code(SOURCE, exercise)
    for old, new in changes:
        assert old in code, f"{old!r} is not in the solution of {exercise}"
        code = code.replace(old, new)
    return defined(code, EXERCISES[exercise].defines)


CLINIC_SOFTMAX = ("layers.Dense(bands),", 'layers.Dense(bands, activation="softmax"),')


@pytest.mark.parametrize(
    ("exercise", "changes", "kind", "words"),
    [
        ("1.1", [(" + mean)", ")")], "wrong value", "lacks the mean"),
        ("1.1", [(".reshape(features.shape)", "")], "wrong shape", "must have shape (5, 6, 4)"),
        ("1.1", [("flat - mean", "flat")], "wrong value", "differs first at [0, 0, 0]"),
        ("1.1", [("flat = features", "features -= 1; flat = features")], "wrong value", "differs first"),
        ("1.2", [("layers.Dense(latent_dim)", "layers.Dense(8)")], "wrong shape", "('batch', 3)"),
        (
            "1.2",
            [("layers.Dense(latent_dim)", 'layers.Dense(latent_dim, activation="relu")')],
            "wrong value",
            "lies below 0",
        ),
        (
            "1.2",
            [("layers.Dense(latent_dim)", 'layers.Dense(latent_dim, activation="tanh")')],
            "wrong value",
            "never leaves [-1, 1]",
        ),
        ("1.2", [("range(3)", "range(0)")], "wrong value", "no Conv1D layer"),
        (
            "1.2",
            [("layers.Flatten()(x)", "layers.Flatten()(layers.Cropping1D((0, 8))(x))")],
            "wrong value",
            "ignores frames 96 to 127",
        ),
        (
            "1.2",
            [("strides=2", "strides=1"), ("128, 5", "640, 5")],
            "wrong value",
            "would not train in the time",
        ),
        (
            "1.2",
            [("return keras.Model", "return (inputs, latent)\n    keras.Model")],
            "wrong value",
            "a tuple",
        ),
        ("1.3", [("UpSampling1D(2)", "UpSampling1D(1)")], "wrong shape", "('batch', 128, 64)"),
        (
            "1.3",
            [('5, padding="same")(x)', '5, padding="same", activation="relu")(x)')],
            "wrong value",
            "lies below 0",
        ),
        (
            "1.3",
            [('5, padding="same")(x)', '5, padding="same", activation="tanh")(x)')],
            "wrong value",
            "never leaves [-1, 1]",
        ),
        ("1.4", [(".astype(int)", "")], "wrong value", "whole numbers"),
        ("1.4", [("(2**bits - 1)", "2**bits")], "wrong value", "first at"),
        (
            "1.4",
            [("np.clip(np.round((z - low) / step), 0, 2**bits - 1)", "np.round((z - low) / step)")],
            "wrong value",
            "clip them",
        ),
        ("1.4", [("return codes, low + codes * step", "return codes")], "wrong shape", "two arrays"),
        ("1.5", [("clips.reshape(-1, bands)", "clips[0]")], "wrong shape", "frames of one clip"),
        ("1.5", [CLINIC_SOFTMAX], "wrong value", "sums to 1.000"),
        ("1.5", [('loss="mse"', 'loss="categorical_crossentropy"')], "wrong value", "a perfect copy costs"),
    ],
)
def test_usual_mistakes(exercise, changes, kind, words):
    verdict = judge(exercise, solution(exercise, *changes))
    assert verdict.kind == kind, verdict
    assert words in verdict.message


def test_a_lambda_layer_is_refused_before_it_reaches_the_training():
    wrong = solution("1.2", ("layers.Flatten()(x)", "layers.Lambda(lambda t: t * 2)(layers.Flatten()(x))"))
    assert "Lambda" in judge("1.2", wrong).message


def test_the_command_proves_the_source_and_names_what_fails(tmp_path, monkeypatch):
    run = CliRunner().invoke
    good = run(app, ["check", "01"])
    assert good.exit_code == 0, good.output
    assert good.output.count("✓") == len(EXERCISES)

    broken = tmp_path / "notebooks" / SOURCE.name
    broken.parent.mkdir()
    broken.write_text(SOURCE.read_text().replace("+ mean).reshape", ").reshape"))
    monkeypatch.setattr(build, "source", lambda number: broken)
    bad = run(app, ["check", "01"])
    assert isinstance(bad.exception, ValueError)
    assert str(bad.exception) == "1.1: solution wrong value, stub not attempted"
