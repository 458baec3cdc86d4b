"""Adversarial enhancement: whose weights move, what is learnt without a critic and with one."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from course_lib.audio.stacked import level, stack, unstack
from course_lib.audio.stft import stft
from course_lib.evaluation.signal import snr
from course_lib.layers.bent_magnitude import BentMagnitude
from course_lib.losses.feature_matching import feature_matching
from course_lib.losses.separation import compressed_error
from course_lib.models.enhancement import Enhancer
from course_lib.models.enhancement_networks import enhancement_critic, enhancement_network
from course_lib.training.adversarial import Game
from tests.checks import check_layer

SIZES = {"n_fft": 64, "hop_length": 16}
BINS, SAMPLES = 33, 1024


def network(**options) -> keras.Model:
    return enhancement_network(BINS, **{"width": 24, "inner": 16, "dilations": (1, 2)} | options)


def enhancer(*, critic: bool = True, seed: int = 0, **options) -> Enhancer:
    rival = enhancement_critic(BINS, width=8, depth=2, seed=2 * seed + 1) if critic else None
    return Enhancer(network(seed=2 * seed), rival, **SIZES, seed=seed, **options)


def players(model: Enhancer, rate: float = 3e-3):
    return model.turns(keras.optimizers.Adam(rate, beta_1=0.5), keras.optimizers.Adam(rate, beta_1=0.5))


def clipped(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Whole chords, and the same cut at a fifth of their height."""
    rng = np.random.default_rng(seed)
    time = np.arange(SAMPLES) / 8000
    pitch, phase = rng.uniform(200, 900, (count, 1)), rng.uniform(0, 6, (count, 1))
    whole = 0.5 * np.sin(2 * np.pi * pitch * time + phase) + 0.2 * np.sin(4 * np.pi * pitch * time)
    whole = (whole + 0.005 * rng.standard_normal(whole.shape)).astype(np.float32)
    return whole, np.clip(whole, -0.15, 0.15)


def spectra(count: int, seed: int) -> list[np.ndarray]:
    """[whole, damaged]"""
    both = [stft(y, **SIZES) for y in clipped(count, seed)]
    scale = level(both[1])
    return [stack(spectrum / scale) for spectrum in both]


def gain(model: Enhancer) -> float:
    return float(np.mean([snr(a, model.enhance(b)) - snr(a, b) for a, b in zip(*clipped(6, 9), strict=True)]))


def weights(model: keras.Model) -> list[np.ndarray]:
    return [keras.ops.convert_to_numpy(variable).copy() for variable in model.variables]


def test_less_than_200_steps_by_regression_alone_repair():
    model = enhancer(critic=False, adversarial_weight=0.0)
    model.compile(optimizer=keras.optimizers.Adam(1e-2), loss=compressed_error)
    whole, damaged = spectra(64, 0)
    history = model.fit(damaged, whole, epochs=12, batch_size=8, verbose=0).history
    assert model.optimizer.iterations < 200
    assert history["loss"][-1] < 0.7 * history["loss"][0]
    assert gain(model) > 3
    with pytest.raises(ValueError, match="this model has no critic"):
        players(model)
    with pytest.raises(ValueError, match="this model has no critic"):
        model.score(whole, damaged)


@pytest.mark.one_backend
def test_less_than_200_turns_of_a_game_repair():
    model = enhancer()
    players(model, rate=1e-2)
    game = Game(model)
    whole, damaged = spectra(64, 0)
    for step in range(80):
        rows = slice(8 * (step % 8), 8 * (step % 8) + 8)
        logs = game.step(whole[rows], damaged[rows])
    assert {"regression", "adversarial", "matching", "generator_loss", "critic_loss"} < set(logs)
    assert np.isfinite(list(logs.values())).all()
    assert gain(model) > 2


def test_a_turn_moves_its_own_network_and_no_number_of_its_rival():
    model = enhancer()
    critic, generator = players(model)
    batch = spectra(4, 1)
    for turn, own, rival in (
        (critic, model.critic, model.network),
        (generator, model.network, model.critic),
    ):
        mine, other = weights(own), weights(rival)
        # Zero layers keep those behind them still for a step.
        for _ in range(4):
            turn.train_on_batch(batch)
        assert all(np.array_equal(a, b) for a, b in zip(other, weights(rival), strict=True))
        moved = [not np.array_equal(a, b) for a, b in zip(mine, weights(own), strict=True)]
        assert np.mean(moved) > 0.8


def test_the_generators_loss_is_its_three_terms():
    model = enhancer(adversarial_weight=0.5, matching_weight=0.25)
    _, generator = players(model)
    whole, damaged = map(keras.ops.convert_to_tensor, spectra(4, 2))
    made = model(damaged)
    scores, *heard = model.critic([made, damaged], training=False)
    _, *wanted = model.critic([whole, damaged], training=False)
    expected = {
        "regression": np.mean(keras.ops.convert_to_numpy(compressed_error(whole, made))),
        "adversarial": -np.mean(keras.ops.convert_to_numpy(scores)),
        "matching": np.mean(keras.ops.convert_to_numpy(feature_matching(wanted, heard))),
    }
    logs = generator.train_on_batch([whole, damaged], return_dict=True)
    for name, value in expected.items():
        assert float(logs[name]) == pytest.approx(float(value), rel=1e-3, abs=1e-5), name
    total = expected["regression"] + 0.5 * expected["adversarial"] + 0.25 * expected["matching"]
    assert float(logs["loss"]) == pytest.approx(float(total), rel=1e-3)


def test_a_critic_alone_learns_to_tell_and_is_told_what_was_damaged():
    model = enhancer()
    critic, _ = players(model, rate=1e-2)
    whole, damaged = spectra(16, 3)
    for _ in range(30):
        critic.reset_metrics()
        logs = critic.train_on_batch([whole, damaged], return_dict=True)
    assert logs["real_score"] > logs["fake_score"] + 0.5
    scores = model.score(whole, damaged)
    assert scores.shape == (16,)
    # The same sounds as repairs of others are another question.
    assert np.abs(model.score(whole, damaged[::-1].copy()) - scores).max() > 1e-3


def test_features_match_where_they_are_equal():
    rng = np.random.default_rng(0)
    real = [rng.standard_normal((3, 5, 2)).astype(np.float32), rng.standard_normal((3, 4)).astype(np.float32)]
    made = [layer + 0.5 for layer in real]
    expected = np.mean([0.5 / np.abs(layer).mean() for layer in real])
    found, none = (keras.ops.convert_to_numpy(feature_matching(real, one)) for one in (made, real))
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    np.testing.assert_array_equal(none, 0)


def test_untrained_it_changes_nothing_and_any_length_passes():
    model = enhancer()
    _, (y,) = clipped(1, 4)
    np.testing.assert_allclose(model.enhance(y), y, atol=1e-4)
    assert model.enhance(y[:777]).shape == (777,)
    np.testing.assert_allclose(model.enhance(np.zeros(500, np.float32)), 0, atol=1e-6)
    for stride in (1, 2, 3):
        x = np.random.default_rng(0).standard_normal((2, 4 * stride, 2 * BINS)).astype(np.float32)
        assert network(stride=stride)(x).shape == x.shape


def test_saved_and_loaded_it_does_the_same(tmp_path):
    whole, damaged = spectra(4, 5)
    for model in (enhancer(loss="least_squares", critic_steps=2), enhancer(critic=False)):
        if model.critic is not None:
            critic, generator = players(model)
            critic.train_on_batch([whole, damaged])
            generator.train_on_batch([whole, damaged])
        model.save(tmp_path / "model.keras")
        loaded = keras.saving.load_model(tmp_path / "model.keras", compile=False)
        both = [keras.ops.convert_to_numpy(one(damaged)) for one in (loaded, model)]
        np.testing.assert_allclose(*both, atol=1e-5)
        for name in ("loss", "adversarial_weight", "matching_weight", "critic_steps", "seed"):
            assert loaded.get_config()[name] == model.get_config()[name]
        if model.critic is not None:
            np.testing.assert_allclose(loaded.score(whole, damaged), model.score(whole, damaged), atol=1e-5)


def test_bent_magnitudes_come_back(tmp_path):
    x = np.random.default_rng(0).standard_normal((2, 5, 12)).astype(np.float32)
    bent = check_layer(BentMagnitude(0.3), x, (5, 12), folder=tmp_path)
    np.testing.assert_allclose(np.abs(unstack(bent)), np.abs(unstack(x)) ** 0.3, rtol=1e-3)
    np.testing.assert_allclose(np.angle(unstack(bent)), np.angle(unstack(x)), atol=1e-3)
    back = keras.ops.convert_to_numpy(BentMagnitude(1 / 0.3)(bent))
    np.testing.assert_allclose(back, x, rtol=1e-2, atol=1e-4)
    with pytest.raises(ValueError, match="exponent must be positive; received 0"):
        BentMagnitude(0)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: enhancer(loss="wgan"), "unknown adversarial loss 'wgan'"),
        (lambda: enhancer(adversarial_weight=-1), "must not be negative; received -1 and 0.01"),
        (
            lambda: Enhancer(network(), enhancement_critic(17, width=4), **SIZES),
            r"critic must read two spectra, \[\(None, None, 66\), .*; it reads \[\(None, None, 34\)",
        ),
        (lambda: network(width=0), "width must be at least 1; received 0"),
        (lambda: enhancement_critic(BINS, depth=0), "depth must be at least 1; received 0"),
    ],
)
def test_what_does_not_fit_is_named(make, message):
    with pytest.raises(ValueError, match=message):
        make()
