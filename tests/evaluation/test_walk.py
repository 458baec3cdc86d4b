"""Smoothness of walks whose shape is known."""

from __future__ import annotations

import numpy as np
import pytest

from course_lib.evaluation.latent import smoothness


def test_a_cross_fade_is_perfect():
    a, b = np.random.default_rng(0).normal(size=(2, 16, 8))
    weight = np.linspace(0, 1, 9)[:, None, None]
    result = smoothness((1 - weight) * a + weight * b)
    assert result["largest_step"] == pytest.approx(1)
    assert result["detour"] == pytest.approx(1)
    assert result["length"] == pytest.approx(np.linalg.norm(b - a))


def test_a_jump_takes_all_in_one_step():
    walk = np.zeros((8, 5))
    walk[4:] = 3.0
    result = smoothness(walk)
    assert result["largest_step"] == pytest.approx(7)
    assert result["detour"] == pytest.approx(1)


def test_half_a_circle_is_half_pi_long():
    angle = np.linspace(0, np.pi, 2001)
    result = smoothness(np.stack([np.cos(angle), np.sin(angle)], axis=1) * 2)
    assert result["detour"] == pytest.approx(np.pi / 2, abs=1e-5)
    assert result["straight"] == pytest.approx(4)
    assert result["largest_step"] == pytest.approx(1, abs=1e-9)


def test_steps_of_known_lengths():
    """Steps 1, 2 and 6 along a line and one back of 3: 12 in all, mean 3, 6 from end to end."""
    result = smoothness(np.array([0, 1, 3, 9, 6.0])[:, None])
    assert result == {"largest_step": 2.0, "length": 12.0, "straight": 6.0, "detour": 2.0}


def test_the_unit_does_not_count():
    walk = np.random.default_rng(1).normal(size=(6, 12, 4)).cumsum(axis=0)
    one, other = smoothness(walk), smoothness(1e3 * walk + 7)
    assert other["largest_step"] == pytest.approx(one["largest_step"])
    assert other["detour"] == pytest.approx(one["detour"])
    assert other["length"] == pytest.approx(1e3 * one["length"])


def test_several_walks_are_averaged_with_their_error():
    walks = np.random.default_rng(2).normal(size=(5, 6, 12, 4)).cumsum(axis=1)
    each = [smoothness(walk)["detour"] for walk in walks]
    result = smoothness(walks)
    assert result["detour"] == pytest.approx(np.mean(each))
    assert result["detour_se"] == pytest.approx(np.std(each, ddof=1) / np.sqrt(5))


@pytest.mark.parametrize(
    ("walk", "message"),
    [
        (np.zeros(5), r"received \(5,\)"),
        (np.eye(2), "three steps or more; received 2"),
        (np.full((4, 3), np.nan), "NaN or infinite"),
        (np.ones((4, 3)), "walk 0 stands still: the decoder ignores the latent"),
        (np.array([[0.0], [1.0], [0.0]]), "walk 0 is closed"),
    ],
)
def test_walks_without_an_answer(walk, message):
    with pytest.raises(ValueError, match=message):
        smoothness(walk)
