"""States of a run in words."""

from __future__ import annotations

import math

import pytest

from dashboards.state import sentences


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (59.4, "59 s"),
        (59.6, "1 min"),
        (125, "2 min 5 s"),
        (3600, "1 h"),
        (4800, "1 h 20 min"),
        (None, "?"),
        (math.nan, "?"),
        (-1, "?"),
    ],
)
def test_durations(seconds, words):
    assert sentences.duration(seconds) == words


@pytest.mark.parametrize(
    ("ago", "words"),
    [(3, "just now"), (50, "1 min ago"), (300, "5 min ago"), (7200, "2 h ago"), (86400, "1 day ago")],
)
def test_ages(ago, words):
    assert sentences.age(1000.0, now=1000.0 + ago) == words


def test_progress_takes_the_limit_that_comes_first():
    status = {"state": "running", "epoch": 1, "epochs": 10, "elapsed_s": 30.0, "eta_s": 30.0}
    assert sentences.progress(status) == pytest.approx(0.5)
    assert sentences.progress(status, {"max_seconds": 40}) == pytest.approx(0.75)
    assert sentences.progress({"state": "done"}) == 1.0
    assert sentences.progress({"state": "queued", "epochs": 0}) is None


def test_every_state_has_a_sentence_of_its_own():
    status = {"step": 5, "epoch": 1, "epochs": 4, "elapsed_s": 12, "eta_s": 40, "message": "", "error": None}
    said = {state: sentences.sentence(status | {"state": state}) for state in sentences.STATE_WORDS}
    assert len(set(said.values())) == len(said)
    assert said["running"] == "Learning: about 40 s to go."
    assert said["stopped"] == "Stopped after 12 s in epoch 2 of 4."


def test_before_the_first_step_the_training_says_what_it_does():
    status = {"state": "running", "step": 0, "message": "loading the data"}
    assert sentences.sentence(status) == "Getting ready: loading the data."


@pytest.mark.parametrize(
    ("error", "remedy"),
    [
        ("ResourceExhausted: out of memory", "smaller batch size"),
        ("[Errno 28] No space left on device", "free some space"),
        ("the loss is NaN at step 12", "learning rate ten times smaller"),
        ("run 'course data fetch fsdd'", "run the command above"),
        ("something odd", "course doctor"),
    ],
)
def test_a_failure_says_what_to_do_next(error, remedy):
    words = sentences.advice({"state": "failed", "error": error})
    assert words.startswith(error)
    assert remedy in words


def test_an_interrupted_run_says_that_resume_goes_on():
    message = "interrupted: its process is gone (killed, or the machine went down); resume goes on"
    words = sentences.advice({"state": "stopped", "message": message})
    assert words.startswith("Interrupted: its process is gone")
    assert "Resume goes on" in words
