"""The variational autoencoder: its bound, its limits in beta, its draws, walks and files."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from scipy.stats import multivariate_normal

from course_lib.evaluation.latent.posterior import iwae_bound, kl_per_dimension
from course_lib.layers.sampling import Sampling
from course_lib.models.networks import dense_decoder, dense_encoder
from course_lib.models.vae import VAE
from course_lib.models.walk import line, sphere
from tests.checks import check_layer

SHAPE = (64, 8)


def make(seed: int = 0, *, latent_dim: int = 4, width: int = 16, shape=SHAPE, **settings) -> VAE:
    encoder = dense_encoder(shape, 2 * latent_dim, width=width, seed=2 * seed)
    decoder = dense_decoder(shape, latent_dim, width=width, seed=2 * seed + 1)
    return VAE(encoder, decoder, seed=seed, **settings)


def train(model: VAE, clips: np.ndarray, *, epochs: int = 30, rate: float = 3e-3) -> dict[str, list[float]]:
    model.compile(optimizer=keras.optimizers.Adam(rate))
    return model.fit(clips, clips, epochs=epochs, batch_size=20, verbose=0, shuffle=False).history


def test_sampling_layer(tmp_path):
    mean, log_variance = (
        np.full((4000, 2), 3.0, np.float32),
        np.tile([-2.0, 1.0], (4000, 1)).astype(np.float32),
    )
    layer = Sampling(seed=5)
    symbols = [keras.Input((2,)), keras.Input((2,))]
    assert layer(symbols).shape == (None, 2)
    assert Sampling.from_config(layer.get_config()).get_config() == layer.get_config()
    drawn = keras.ops.convert_to_numpy(layer([mean, log_variance]))
    np.testing.assert_allclose(drawn.mean(axis=0), 3, atol=0.1)
    np.testing.assert_allclose(drawn.std(axis=0), np.exp([-1.0, 0.5]), rtol=0.05)
    again = keras.ops.convert_to_numpy(Sampling(seed=5)([mean, log_variance]))
    np.testing.assert_array_equal(again, drawn)
    # Without variance there is nothing to draw: the generic checks of a layer apply.
    sure = [mean[:3], np.full((3, 2), -200.0, np.float32)]
    check_layer(Sampling(), sure, (2,), folder=tmp_path)


def test_training_makes_the_bound_better_and_repeats_by_seed(clips):
    model, same = make(), make()
    history = train(model, clips, epochs=3)
    assert train(same, clips, epochs=3)["loss"] == history["loss"]
    assert np.isfinite(history["loss"]).all()
    assert history["loss"][-1] < history["loss"][0]
    np.testing.assert_allclose(
        np.array(history["reconstruction"]) + history["kl"], history["loss"], rtol=1e-3
    )


def test_loss_is_the_bound_in_nats(clips):
    model = make()
    model.compile(optimizer="adam")
    made = model(clips)
    loss = float(model.compute_loss(x=clips, y=clips, y_pred=made, training=False))
    made = {name: keras.ops.convert_to_numpy(value).astype(np.float64) for name, value in made.items()}
    surprise = 0.5 * ((clips - made["estimate"]) ** 2 + np.log(2 * np.pi)).sum(axis=(1, 2)).mean()
    kl = kl_per_dimension(made["mean"], made["log_variance"]).sum()
    assert loss == pytest.approx(surprise + kl, rel=1e-5)


@pytest.mark.one_backend
def test_beta_0_is_an_autoencoder_with_noise(clips):
    model = make(beta=0.0)
    model.compile(optimizer="adam")
    made = model(clips)
    loss = float(model.compute_loss(x=clips, y=clips, y_pred=made, training=True))
    estimate = keras.ops.convert_to_numpy(made["estimate"])
    alone = 0.5 * ((clips - estimate) ** 2 + np.log(2 * np.pi)).sum(axis=(1, 2)).mean()
    assert loss == pytest.approx(alone, rel=1e-5)
    # Nothing holds the noise back from going away: it becomes a plain autoencoder.
    before = np.exp(model.encode(clips)[1]).mean()
    train(model, clips, epochs=60)
    assert np.exp(model.encode(clips)[1]).mean() < 0.5 * before


@pytest.mark.one_backend
def test_a_huge_beta_says_nothing(clips):
    model = make(beta=1e5)
    before = model.encode(clips)[0].std()
    assert train(model, clips, epochs=60)["kl"][-1] < 0.05
    assert model.encode(clips)[0].std() < 0.1 * before
    rebuilt = model.reconstruct(clips)
    assert np.abs(rebuilt - rebuilt.mean(axis=0)).max() < 0.1 * clips.std()


def test_free_nats_and_warm_up_weigh_the_kl(clips):
    spared, warm = make(free_nats=500.0), make(warm_up=10)
    for model in (spared, warm):
        model.compile(optimizer="adam")
    made = spared(clips)
    surprise = float(spared.compute_loss(x=clips, y=clips, y_pred=made, training=True)) - 4 * 500.0
    assert surprise == pytest.approx(float(spared.surprise_tracker.result()), rel=1e-5)
    made = warm(clips)
    losses = [float(warm.compute_loss(x=clips, y=clips, y_pred=made, training=True)) for _ in range(12)]
    kl, surprise = float(warm.kl_tracker.result()), float(warm.surprise_tracker.result())
    np.testing.assert_allclose(losses, surprise + kl * np.minimum(np.arange(12) / 10, 1), rtol=1e-4)


@pytest.mark.one_backend
def test_the_scale_is_learned_or_kept(clips):
    model, kept = make(initial_scale=2.0), make(initial_scale=0.3, learn_scale=False)
    train(model, clips, epochs=100, rate=2e-2)
    assert not kept.log_scale.trainable
    error = np.sqrt(np.mean((model.reconstruct(clips) - clips) ** 2, axis=(0, 1)))
    learned = np.exp(keras.ops.convert_to_numpy(model.log_scale))
    # A little above the error of the means: the draws add theirs.
    assert (learned > 0.8 * error).all()
    assert (learned < 2 * error).all()
    np.testing.assert_allclose(np.exp(keras.ops.convert_to_numpy(kept.log_scale)), 0.3, rtol=1e-6)


def test_importance_weights_find_the_likelihood_of_a_linear_model():
    """Of ``x = A z + b + noise`` the likelihood is known: a Gaussian with covariance A A' + s^2."""
    model = VAE(dense_encoder((3, 2), 4, depth=0), dense_decoder((3, 2), 2, depth=0), initial_scale=0.7)
    rng = np.random.default_rng(0)
    weights, bias = rng.standard_normal((2, 6)), rng.standard_normal(6)
    model.decoder.get_layer("principal").set_weights([weights, bias])
    covariance = np.linalg.inv(np.eye(2) + weights @ weights.T / 0.49)
    kernel = np.concatenate([(covariance @ weights / 0.49).T, np.zeros((6, 2))], axis=1)
    offset = np.concatenate([-kernel[:, :2].T @ bias, np.log(2.0 * np.diag(covariance))])
    model.encoder.get_layer("principal").set_weights([kernel, offset])
    x = rng.multivariate_normal(bias, weights.T @ weights + 0.49 * np.eye(6), 20)
    exact = multivariate_normal(bias, weights.T @ weights + 0.49 * np.eye(6)).logpdf(x).mean()
    weights = model.log_weights(x.reshape(20, 3, 2), samples=512)
    bounds = [iwae_bound(weights.reshape(n, -1)) for n in (1, 8, 64)] + [iwae_bound(weights)]
    assert bounds[0] < bounds[1] < bounds[2] < exact + 0.03
    assert bounds[3] == pytest.approx(exact, abs=0.03)
    assert bounds[0] < exact - 0.05


def test_validation_is_the_bound_whatever_weighs_the_kl(clips):
    model = make(beta=7.0, free_nats=3.0, warm_up=100)
    model.compile(optimizer="adam")
    loss = model.evaluate(clips, clips, verbose=0, return_dict=True)
    assert loss["loss"] == pytest.approx(loss["reconstruction"] + loss["kl"], rel=1e-5)


def test_encode_decode_reconstruct_and_sample(clips):
    model = make()
    mean, log_variance = model.encode(clips)
    assert mean.shape == log_variance.shape == (40, 4)
    np.testing.assert_array_equal(model.reconstruct(clips), model.decode(mean))
    np.testing.assert_allclose(model.reconstruct(clips[:1])[0], model.reconstruct(clips)[0], atol=1e-5)
    one, other = model.sample(3, seed=1), model.sample(3, seed=2)
    assert one.shape == (3, *SHAPE)
    np.testing.assert_array_equal(model.sample(3, seed=1), one)
    assert np.abs(one - other).max() > 0


def test_walks(clips):
    model = make()
    for path in ("linear", "spherical"):
        walk = model.interpolate(clips[0], clips[1], steps=5, path=path)
        assert walk.shape == (5, *SHAPE)
        np.testing.assert_allclose(walk[[0, -1]], model.reconstruct(clips[:2]), atol=1e-4)
    a, b = np.array([3.0, 0, 0]), np.array([0, 4.0, 0])
    round_way = sphere(a, b, 3)
    np.testing.assert_allclose(np.linalg.norm(round_way, axis=1), [3, 3.5, 4], rtol=1e-6)
    np.testing.assert_allclose(round_way[1] / 3.5, [np.sqrt(0.5), np.sqrt(0.5), 0], atol=1e-6)
    np.testing.assert_allclose(line(a, b, 3)[1], [1.5, 2, 0])
    for end in (2 * a, -a, 0 * a):
        np.testing.assert_allclose(sphere(a, end, 4), line(a, end, 4), atol=1e-6)


def test_saved_and_loaded_it_is_the_same(clips, tmp_path):
    model = make(beta=0.5, warm_up=7, free_nats=0.1)
    train(model, clips, epochs=2)
    model.save(tmp_path / "vae.keras")
    loaded = keras.saving.load_model(tmp_path / "vae.keras")
    np.testing.assert_allclose(loaded.reconstruct(clips), model.reconstruct(clips), atol=1e-5)
    np.testing.assert_allclose(
        loaded.log_weights(clips, samples=2), model.log_weights(clips, samples=2), rtol=1e-4
    )
    for name in ("beta", "warm_up", "free_nats", "initial_scale", "learn_scale", "seed"):
        assert getattr(loaded, name) == getattr(model, name)
    assert float(loaded.steps) == 4


@pytest.mark.parametrize(
    ("action", "message"),
    [
        (lambda: VAE(dense_encoder(SHAPE, 4), dense_decoder(SHAPE, 4)), r"must give \(batch, 8\)"),
        (lambda: VAE(dense_encoder(SHAPE, 8), dense_decoder((32, 8), 4)), r"decoder gives \(32, 8\)"),
        (lambda: make(beta=-1.0), "beta must be at least 0"),
        (lambda: make(initial_scale=0.0), "initial_scale must be above 0"),
        (lambda: make().sample(0), "n must be at least 1"),
        (lambda: make().sample(1, condition=3), "takes no condition"),
        (lambda: make().interpolate(np.zeros(SHAPE), np.zeros(SHAPE), path="round"), "linear, spherical"),
        (lambda: make().interpolate(np.zeros(SHAPE), np.zeros((3, 8))), "b must be one clip"),
        (lambda: make().interpolate(np.zeros(SHAPE), np.zeros(SHAPE), 1), "steps must be at least 2"),
        (lambda: make().encode(np.zeros((2, 3, 8))), "expected features"),
        (lambda: make().log_weights(np.zeros((1, *SHAPE)), samples=0), "samples must be at least 1"),
    ],
)
def test_what_it_refuses(action, message):
    with pytest.raises(ValueError, match=message):
        action()
