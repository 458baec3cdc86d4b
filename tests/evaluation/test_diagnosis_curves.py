"""Symptoms on curves, each of a training that really went wrong, and none on those that went well."""

from __future__ import annotations

import itertools
import time

import numpy as np
import pytest

from course_lib.evaluation.diagnosis import curves, generalisation, learning_rate
from course_lib.evaluation.diagnosis.hysteresis import latched, steady
from course_lib.evaluation.diagnosis.symptom import Symptom
from tests.evaluation.small_trainings import regression

ALL = (
    curves.diverged,
    learning_rate.learning_rate_too_high,
    learning_rate.learning_rate_too_low,
    generalisation.overfitting,
    generalisation.gap,
)
# The published design on six speakers, 40 epochs: held-out clips of a new voice cost more and still fall.
ALIGNED_TRAIN = np.concatenate([[0.0525], 0.0345 + 0.011 * np.exp(-np.arange(39) / 16)])
ALIGNED_HELD_OUT = 0.0790 + 0.0218 / (1 + np.exp((np.arange(40) - 18) / 6))


def _history(loss, val_loss=None, **columns) -> dict[str, list[float]]:
    epochs = range(1, len(loss) + 1)
    held_out = [np.nan] * len(loss) if val_loss is None else val_loss
    return {
        "step": list(epochs),
        "epoch": list(epochs),
        "loss": list(loss),
        "val_loss": list(held_out),
    } | columns


def test_a_healthy_training_has_no_symptom():
    history = regression(clips=400)
    assert [check(history) for check in ALL] == [None] * len(ALL)
    assert generalisation.learnt(history).startswith("the held-out loss fell from ")


def test_the_gap_of_new_voices_is_a_note_and_no_overfitting():
    history = _history(ALIGNED_TRAIN, ALIGNED_HELD_OUT)
    assert [check(history) for check in ALL[:-1]] == [None] * 4
    note = generalisation.gap(history)
    assert (note.severity, note.remedy) == ("note", "")
    assert note.evidence["ratio"] == pytest.approx(ALIGNED_HELD_OUT[-1] / ALIGNED_TRAIN[-1])
    assert "2.2 times" in note.sentence


def test_steps_too_large_diverge_to_nan():
    found = curves.diverged(regression(learning_rate=50, epochs=200), learning_rate=0.5)
    assert found.severity == "serious"
    assert found.evidence["step"] == 61
    assert "not a number since step 61" in found.sentence
    assert "it is 0.5, try 0.001" in found.remedy


def test_a_training_that_ended_itself_is_known_by_its_last_step():
    found = curves.diverged({"loss": []}, failed_at=12)
    assert (found.name, found.evidence) == ("diverged", {"step": 12})
    assert curves.diverged({"loss": []}) is None


def test_a_finite_loss_may_have_exploded():
    history = regression(learning_rate=0.3)
    found = curves.diverged(history)
    assert "exploded" in found.sentence
    assert found.evidence["last_loss"] > 10 * found.evidence["first_loss"]


def test_steps_too_large_let_the_loss_rise():
    history = regression(learning_rate=0.3, epochs=12)
    assert curves.diverged(history) is None
    found = learning_rate.learning_rate_too_high(history, learning_rate=0.3)
    assert (found.name, found.severity) == ("learning rate too high", "serious")
    assert history["loss"][found.evidence["low_epoch"]] == found.evidence["low"]
    assert history["loss"][found.evidence["high_epoch"]] == found.evidence["high"]
    assert found.remedy == "Lower learning_rate: it is 0.3, try 0.001."


def test_a_rise_that_is_over_stays_a_warning():
    loss = [1.0, 0.8, 0.7, 1.2, 1.3, 1.25, 0.9, 0.7, 0.6, 0.5]
    assert learning_rate.learning_rate_too_high(_history(loss[:5])) is None
    live = [learning_rate.learning_rate_too_high(_history(loss[:n])).severity for n in range(6, 11)]
    assert live == ["serious", "serious", "warning", "warning", "warning"]


def test_one_bad_batch_is_forgiven_and_three_are_not():
    calm = list(np.linspace(1.0, 0.5, 30))
    once = [*calm[:10], 1.1, *calm[10:]]
    assert learning_rate.learning_rate_too_high(_history(once)) is None
    often = [*calm[:10], 1.1, *calm[10:15], 1.2, *calm[15:20], 1.3, *calm[20:]]
    found = learning_rate.learning_rate_too_high(_history(often), learning_rate=2e-3)
    assert (found.severity, found.evidence["jumps"]) == ("warning", 3)
    assert "try 0.0007" in found.remedy
    assert learning_rate.learning_rate_too_high(_history(often[:23])).severity == "serious"


def test_a_surge_in_the_first_epoch_is_seen_and_the_warm_up_is_not():
    # Running means of a first epoch: principal components with the usual rate, and a rate of 1.
    healthy = [0.0635, 0.0590, 0.1099, 0.1037, 0.0963, 0.0835]
    assert learning_rate.learning_rate_too_high({"epoch": [0] * 6, "loss": healthy}) is None
    wild = [0.789, 0.852, 1.094, 5.113, 4.5, 3.3]
    found = learning_rate.learning_rate_too_high({"epoch": [0] * 6, "loss": wild}, learning_rate=1.0)
    assert found.evidence["surge"] == pytest.approx(5.113 / 0.789)
    assert found.severity == "serious"
    later = {"epoch": [0] * 6 + [1, 2], "loss": [*wild, 3.2, 0.87]}
    assert learning_rate.learning_rate_too_high(later).severity == "warning"


def test_a_loss_that_changes_its_meaning_may_rise():
    """While the weight of a divergence grows over the first steps."""
    loss = [1.0, 1.3, 1.6, 1.9, 2.2, 2.1, 2.0, 1.9]
    assert learning_rate.learning_rate_too_high(_history(loss)) is not None
    assert learning_rate.learning_rate_too_high(_history(loss), settled_at=5) is None


def test_a_loss_in_nats_has_no_zero():
    """Ratios of a bound that crosses zero mean nothing: it is measured by how far it has fallen."""
    nats = 9000 * np.exp(-np.arange(30) / 6) - 2000
    history = _history(nats, nats + 300 + 5 * (-1.0) ** np.arange(30), kl=[30.0] * 30)
    for check in ALL:
        assert check(history) is None, check
    assert generalisation.learnt(history).startswith("the held-out loss fell from 7305 to -1")
    turned = np.where(np.arange(30) < 12, nats + 300, nats[12] + 300 + 60 * (np.arange(30) - 12))
    found = generalisation.overfitting(_history(nats, turned, kl=[30.0] * 30))
    assert (found.name, found.evidence["best_epoch"]) == ("overfitting", 13)
    assert "%" not in found.sentence
    rising = np.concatenate([nats[:20], nats[20] + 500 * np.arange(10)])
    found = learning_rate.learning_rate_too_high(_history(rising, kl=[30.0] * 30))
    assert (found.severity, found.evidence["high"]) == ("serious", rising[-1])
    assert "%" not in found.sentence


def test_forgetting_clips_learnt_by_heart_is_no_fault_of_the_rate():
    # Principal components of forty clips hold them all; the steps disturb that, the held-out loss not at all.
    loss = [0.009, 0.028, 0.041, 0.033, 0.035, 0.024, 0.012, 0.004, 0.002, 0.002]
    history = _history(loss, [0.175] * 10)
    history["loss"][0:0], history["epoch"][0:0] = [0.002, 0.008], [0, 0]
    history["step"][0:0], history["val_loss"][0:0] = [0, 0], [np.nan, np.nan]
    assert learning_rate.learning_rate_too_high(history) is None
    assert curves.diverged({name: column[:6] for name, column in history.items()}) is None
    assert generalisation.overfitting(history).severity == "warning"


def test_steps_too_small_leave_the_loss_where_it_was():
    found = learning_rate.learning_rate_too_low(regression(learning_rate=1e-6), learning_rate=1e-6)
    assert 0 <= found.evidence["fallen"] < 0.02
    assert found.remedy == "Raise learning_rate: it is 1e-06, try 0.001."


def test_too_few_clips_are_learnt_by_heart():
    history = regression(clips=34, noise=3, epochs=200, learning_rate=0.05)
    found = generalisation.overfitting(history, settings={"augment": False, "latent_dim": 64})
    assert found.severity == "serious"
    held_out = history["val_loss"][1:]
    assert found.evidence["best_epoch"] == 1 + int(np.argmin(held_out))
    assert found.evidence["rise"] == pytest.approx(held_out[-1] / min(held_out) - 1)
    assert "set augment=true" in found.remedy
    assert "latent_dim (it is 64)" in found.remedy
    assert generalisation.gap(history) is None


def test_a_held_out_loss_that_stands_while_the_other_dives():
    stands = _history(np.linspace(0.4, 0.1, 20), np.maximum(0.25, np.linspace(0.4, 0.1, 20)))
    found = generalisation.overfitting(stands)
    assert (found.severity, found.evidence["best_epoch"]) == ("warning", 11)
    assert "rise" not in found.evidence
    both = _history(np.maximum(0.2, np.linspace(0.4, 0.1, 20)), np.maximum(0.25, np.linspace(0.4, 0.1, 20)))
    assert generalisation.overfitting(both) is None


def test_a_sentence_about_overfitting_does_not_come_and_go():
    """A held-out loss that wavers about the threshold: at most one change of mind."""
    rng = np.random.default_rng(0)
    held_out = np.concatenate([np.linspace(0.5, 0.3, 20), 0.309 + 0.002 * rng.standard_normal(60)])
    history = _history(np.linspace(0.5, 0.1, 80), held_out)
    said = [
        generalisation.overfitting({name: column[:n] for name, column in history.items()}) is not None
        for n in range(20, 81)
    ]
    assert said[-1]
    assert sum(a != b for a, b in itertools.pairwise(said)) == 1


def test_what_cannot_be_judged_is_left_alone():
    short = _history([1.0, 0.9, 0.8, 0.7], [0.5, 0.6, 0.7, 0.8])
    assert generalisation.overfitting(short) is None
    assert generalisation.overfitting(_history([1.0] * 9)) is None
    assert [check({}) for check in ALL] == [None] * len(ALL)
    assert generalisation.learnt({}) == ""


def test_a_long_history_is_read_in_milliseconds():
    n = 100_000
    history = _history(1 / np.arange(1, n + 1), 1.5 / np.arange(1, n + 1))
    began = time.perf_counter()
    assert generalisation.overfitting(history) is None
    assert time.perf_counter() - began < 1.0
    assert len(curves.epochs(history, "loss")["loss"]) == curves.MOST_ROWS


def test_patience_and_hysteresis():
    assert steady([1, 1, 0, 1, 1, 1, 1], 3).tolist() == [False] * 5 + [True, True]
    assert steady([], 3).tolist() == []
    assert latched([0, 1, 0, 0], [1, 0, 0, 0])
    assert not latched([0, 1, 0, 0], [0, 0, 0, 1])
    assert not latched([1, 1], [1, 1])
    assert not latched([], [])


def test_a_severity_that_there_is_not_is_refused():
    with pytest.raises(ValueError, match="serious, warning, note; received 'fatal'"):
        Symptom("x", "fatal", "y")
