"""Two players out of balance, in trainings of a one-dimensional generator and a logistic critic."""

from __future__ import annotations

import numpy as np
import pytest

from course_lib.evaluation.diagnosis import adversarial, samples
from tests.evaluation.small_trainings import rivals

DIGITS = list(range(10))


@pytest.mark.parametrize("generator_rate", [0.1, 0.3, 1.0])
def test_players_in_balance_have_no_symptom(generator_rate):
    history = rivals(critic_rate=0.1, generator_rate=generator_rate)
    assert adversarial.critic_winning(history) is None
    assert adversarial.critic_fooled(history) is None


def test_a_critic_that_learns_much_faster_wins():
    history = rivals(critic_rate=1.0, generator_rate=0.001, critic_steps=5)
    found = adversarial.critic_winning(history)
    assert (found.severity, found.lab) == ("serious", "05")
    assert found.evidence["critic_loss"] < 0.1 * found.evidence["guessing_loss"]
    assert found.evidence["guessing_loss"] == pytest.approx(2 * np.log(2), abs=0.01)
    assert found.evidence["real_score"] - found.evidence["fake_score"] > 6
    assert found.remedy.startswith("Lower critic_rate")
    assert adversarial.critic_fooled(history) is None


def test_a_critic_that_rests_behind_its_margin_is_a_note():
    """Epochs of the preset with a hinge loss: the critic's loss is next to nothing, made clips stay near."""
    history = {
        "critic_loss": [1.92, 0.047, 0.004, 0.001, 0.008, 0.0, 0.0, 0.031, 0.003, 0.018, 0.02, 0.01],
        "generator_loss": [2.17, 4.17, 1.75, 1.56, 1.32, 1.75, 1.3, 1.3, 1.42, 1.4, 1.3, 1.4],
        "real_score": [0.12, 2.0, 3.2, 3.84, 4.96, 5.22, 4.73, 6.21, 5.57, 5.76, 5.8, 5.8],
        "fake_score": [0.04, -3.67, -1.68, -1.38, -1.35, -1.58, -1.3, -1.38, -1.32, -1.3, -1.3, -1.3],
    }
    found = adversarial.critic_winning(history)
    assert (found.name, found.severity, found.remedy) == ("critic ahead", "note", "")
    history["generator_loss"] = [2.17, 4.17, 1.75, 1.56, 1.6, 1.8, 2.0, 2.1, 2.2, 2.4, 2.5, 2.6]
    assert adversarial.critic_winning(history).severity == "serious"


def test_a_lead_that_is_lost_again_is_no_longer_told():
    history = rivals(critic_rate=1.0, generator_rate=0.01, critic_steps=5)
    early = {name: column[:40] for name, column in history.items()}
    assert adversarial.critic_winning(early) is not None
    assert adversarial.critic_winning(history) is None


def test_scores_alone_show_a_sure_critic():
    rows = 20
    history = {"critic_loss": [0.0] * rows, "real_score": [0.97] * rows, "fake_score": [0.02] * rows}
    assert adversarial.critic_winning(history).evidence["real_score"] == 0.97
    history["fake_score"] = [0.3] * rows
    assert adversarial.critic_winning(history) is None


def test_a_critic_that_cannot_learn_is_fooled():
    found = adversarial.critic_fooled(rivals(critic_rate=0.001, generator_rate=3.0))
    assert (found.name, found.severity) == ("critic fooled", "warning")
    assert "never learnt" in found.sentence
    assert found.remedy == "Raise critic_rate, critic_steps or critic_width."


def test_a_critic_that_prefers_what_is_made_is_fooled():
    rows = 30
    history = {
        "critic_loss": [1.4, 0.6, 0.7] + [1.8] * (rows - 3),
        "real_score": [0.0, 2.0, 2.0] + [-1.0] * (rows - 3),
        "fake_score": [0.0, -2.0, -2.0] + [1.0] * (rows - 3),
    }
    assert "scores made clips 1 and real ones -1" in adversarial.critic_fooled(history).sentence
    history["real_score"] = history["fake_score"]
    assert adversarial.critic_fooled(history) is None


def test_a_critic_that_knows_its_clips_takes_new_ones_for_made():
    rows = 12
    history = {
        "real_score": [0.1, 0.5, 1.0] + [2.0] * (rows - 3),
        "fake_score": [0.0, -0.5, -1.0] + [-2.0] * (rows - 3),
        "val_real_score": [np.nan, 0.4, 0.9] + [1.5] * (rows - 3),
    }
    assert adversarial.critic_by_heart(history) is None
    history["val_real_score"] = [np.nan, 0.4, 0.9] + [-1.0] * (rows - 3)
    found = adversarial.critic_by_heart(history)
    assert (found.name, found.severity, found.evidence["part"]) == ("critic overfitting", "warning", 0.75)
    assert "has never seen -1" in found.sentence
    assert adversarial.critic_by_heart({name: column[:7] for name, column in history.items()}) is None
    # A critic that tells nothing apart has learnt nothing by heart either.
    level = {"real_score": [0.01] * rows, "fake_score": [0.0] * rows, "val_real_score": [0.0] * rows}
    assert adversarial.critic_by_heart(level) is None
    assert adversarial.critic_by_heart({"loss": [1.0]}) is None


def test_winning_against_noise_in_the_first_epoch_counts_for_nothing():
    history = {"epoch": [0] * 20, "critic_loss": [2.0] + [0.01] * 19, "real_score": [2.0] * 20}
    history["fake_score"] = [-9.0] * 20
    assert adversarial.critic_winning(history) is None
    history["epoch"] = list(range(20))
    assert adversarial.critic_winning(history).evidence["guessing_loss"] == 2.0


def test_too_few_rows_and_other_trainings_are_left_alone():
    assert adversarial.critic_winning({"loss": [1.0] * 50}) is None
    short = {"critic_loss": [0.0] * 9, "real_score": [9.0] * 9, "fake_score": [-9.0] * 9}
    assert adversarial.critic_winning(short) is None
    assert adversarial.critic_fooled(short) is None


def test_missing_classes_are_named_and_chance_is_forgiven():
    rng = np.random.default_rng(0)
    for _ in range(50):
        assert samples.mode_collapse(rng.integers(0, 10, 200), DIGITS) is None
    few = rng.choice([0, 1, 2, 3, 4, 5, 6], 200)
    found = samples.mode_collapse(few, DIGITS)
    assert (found.severity, found.evidence["missing"]) == ("warning", ["7", "8", "9"])
    assert "never come out (7, 8, 9)" in found.sentence
    assert found.evidence["counts"]["7"] == 0
    one = samples.mode_collapse([3] * 200, DIGITS)
    assert (one.severity, one.evidence["effective_classes"]) == ("serious", 1.0)


def test_thirty_samples_cannot_tell_that_a_class_is_missing():
    assert samples.mode_collapse([0, 1, 2, 3, 4, 5, 6, 7, 8] * 3, DIGITS) is None


def test_a_rare_class_may_be_absent():
    labels = [0] * 120 + [1] * 80
    assert samples.mode_collapse(labels, [0, 1, 2], expected=[0.6, 0.39, 0.01]) is None
    assert samples.mode_collapse(labels, [0, 1, 2]).evidence["missing"] == ["2"]


def test_samples_that_are_all_alike_are_a_collapse_without_any_judge():
    rng = np.random.default_rng(0)
    real = rng.standard_normal((64, 20, 8))
    assert samples.mode_collapse([], [], samples=rng.standard_normal((64, 20, 8)), real=real) is None
    alike = samples.mode_collapse([], [], samples=0.1 * rng.standard_normal((64, 20, 8)), real=real)
    assert (alike.severity, alike.lab) == ("serious", "05")
    assert alike.remedy.startswith("Let the critic see")
    made = 0.1 * rng.standard_normal((64, 20, 8))
    drawn = samples.mode_collapse([], [], samples=made, real=real, adversarial=False)
    assert (drawn.remedy[:12], drawn.lab) == ("Train longer", "04")
    assert alike.evidence["variety"] == pytest.approx(0.1, abs=0.01)
