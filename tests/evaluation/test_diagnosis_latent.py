"""Dead units and posterior collapse, in networks that really suffer from them."""

from __future__ import annotations

import numpy as np
import pytest

from course_lib.evaluation.diagnosis import latent
from tests.evaluation.small_trainings import linear_vae


def _hidden(learning_rate: float) -> np.ndarray:
    """Activations, (clips, 32), of a relu layer after 30 steps of gradient descent."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((64, 8))
    y = np.abs(x).sum(axis=1, keepdims=True) - 5
    inner, outer, bias = rng.standard_normal((8, 32)) / 3, rng.standard_normal((32, 1)) / 6, np.zeros(32)
    for _ in range(30):
        hidden = np.maximum(x @ inner + bias, 0)
        error = np.clip(hidden @ outer - y, -10, 10) / len(x)
        back = (error @ outer.T) * (hidden > 0)
        outer -= learning_rate * hidden.T @ error
        inner -= learning_rate * x.T @ back
        bias -= learning_rate * back.sum(axis=0)
    return np.maximum(x @ inner + bias, 0)


def test_steps_too_large_kill_relu_units():
    assert latent.dead_units({"encoder/dense": _hidden(0.05)}) is None
    hidden = _hidden(3.0)
    found = latent.dead_units({"encoder/dense": hidden, "encoder/other": _hidden(0.05)})
    dead = int((hidden.max(axis=0) <= 1e-3 * np.median(hidden.max(axis=0)[hidden.max(axis=0) > 0])).sum())
    assert 16 <= dead < 32
    assert found.severity == "serious"
    assert found.evidence["layers"] == {"encoder/dense": {"dead": dead, "units": 32}}
    assert f"encoder/dense {dead} of 32" in found.sentence


def test_units_are_asked_over_all_clips_and_frames():
    rng = np.random.default_rng(0)
    x = rng.random((4, 16, 10))
    x[..., :2] = 0
    # One frame of one clip is enough to be alive.
    x[2, 7, 1] = 0.5
    assert latent.dead_units({"conv": x}).evidence["layers"]["conv"] == {"dead": 1, "units": 10}
    x[..., 0] = 1e-3 * 0.9 * np.median(x.max(axis=(0, 1)))
    assert latent.dead_units({"conv": x}) is not None
    x[..., 0] = 0.1
    assert latent.dead_units({"conv": x}) is None
    assert latent.dead_units({"conv": np.zeros((3, 5))}).evidence["largest_share"] == 1.0


def test_latent_numbers_that_never_change_are_dead_whatever_they_are():
    z = np.random.default_rng(0).standard_normal((20, 8))
    assert latent.dead_units({}, latents=z) is None
    z[:, 3:5] = 7.0
    found = latent.dead_units({}, latents=z)
    assert (found.severity, found.evidence["layers"]) == ("warning", {"latent": {"dead": 2, "units": 8}})
    assert found.remedy.startswith("Lower latent_dim")


def test_a_heavy_prior_collapses_the_posterior():
    for kl_weight in (0.05, 1.0):
        history, mean, _ = linear_vae(kl_weight=kl_weight)
        assert latent.posterior_collapse_over_time(history) is None
        assert latent.posterior_collapse(mean=mean) is None
    history, mean, _ = linear_vae(kl_weight=30.0)
    settings = {"beta": 30.0}
    live = latent.posterior_collapse_over_time(history, settings=settings)
    assert (live.name, live.severity, live.lab) == ("posterior collapse", "serious", "04")
    assert live.evidence["kl"] == history["kl"][-1] < 0.01
    assert live.remedy.startswith("Lower beta (it is 30)")
    deep = latent.posterior_collapse(mean=mean, settings=settings)
    assert (deep.evidence["active_units"], deep.evidence["latent_dim"]) == (0, 2)
    assert "none of the 2 latent numbers varies" in deep.sentence


def test_a_posterior_that_has_not_left_the_prior_yet_is_given_time():
    kl = [0.0, 0.1, 0.3, 0.6, 1.5, 3.0, 4.0, 5.0]
    for rows in range(1, 9):
        history = {"epoch": list(range(1, rows + 1)), "kl": kl[:rows]}
        assert latent.posterior_collapse_over_time(history) is None


def test_a_divergence_about_one_bit_does_not_flicker():
    kl = [5.0, 3.0, 1.0, 0.6, 0.6, 0.6, 0.75, 0.6, 0.8, 0.6]
    said = [
        latent.posterior_collapse_over_time({"epoch": list(range(1, n + 1)), "kl": kl[:n]}) is not None
        for n in range(1, 11)
    ]
    assert said == [False] * 5 + [True] * 5


def test_few_nats_in_many_numbers_are_a_collapse_and_one_busy_number_is_none():
    assert latent.posterior_collapse(kl=[0.1] * 6).evidence["kl"] == pytest.approx(0.6)
    assert latent.posterior_collapse(kl=[3.0, 0.0, 0.0, 0.0]) is None
