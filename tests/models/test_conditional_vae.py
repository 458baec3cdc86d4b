"""The conditional VAE: its prior learns the conditions, and a wish is followed."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from keras import layers

from course_lib.evaluation.latent.posterior import iwae_bound
from course_lib.models.condition import one_hot
from course_lib.models.conditional_vae import ConditionalVAE, condition_prior
from course_lib.models.networks import dense_decoder, dense_encoder

SHAPE = (8, 4)


def told(network: keras.Model, size: int) -> keras.Model:
    """The same network that also reads a condition, which moves its output."""
    inputs, condition = keras.Input(network.inputs[0].shape[1:]), keras.Input((size,))
    flat = int(np.prod(network.output_shape[1:]))
    moved = layers.Reshape(network.output_shape[1:])(layers.Dense(flat)(condition))
    return keras.Model([inputs, condition], layers.Add()([network(inputs), moved]))


def make(*, reads: bool = False, latent_dim: int = 3, **settings) -> ConditionalVAE:
    keras.utils.set_random_seed(3)
    encoder = dense_encoder(SHAPE, 2 * latent_dim, width=24, seed=0)
    decoder = dense_decoder(SHAPE, latent_dim, width=24, seed=1)
    if reads:
        encoder, decoder = told(encoder, 3), told(decoder, 3)
    settings = {"initial_scale": 0.5} | settings
    return ConditionalVAE(encoder, decoder, condition_prior(3, latent_dim, seed=2), **settings)


@pytest.fixture(scope="module")
def kinds():
    """(features (300, 8, 4), kind (300,)): a bump whose band is the kind and whose height varies."""
    rng = np.random.default_rng(0)
    kind = np.arange(300) % 3
    x = 0.1 * rng.standard_normal((300, *SHAPE))
    for row, band in enumerate(kind):
        x[row, 2:6, band] += 2 + 0.5 * rng.standard_normal()
    return x.astype(np.float32), kind


def train(model: ConditionalVAE, x, kind, *, epochs: int = 40):
    model.compile(optimizer=keras.optimizers.Adam(5e-3))
    inputs = [x, one_hot(kind, (3,))]
    return model.fit(inputs, x, epochs=epochs, batch_size=50, verbose=0, shuffle=False).history


def heard(x: np.ndarray) -> np.ndarray:
    return x[:, 2:6, :3].mean(axis=1).argmax(axis=1)


@pytest.fixture(scope="module", params=[False, True], ids=["prior alone", "networks too"])
def trained(request, kinds):
    model = make(reads=request.param)
    history = train(model, *kinds)
    return model, history


@pytest.mark.one_backend
def test_a_wish_is_followed(trained):
    model, history = trained
    assert np.isfinite(history["loss"]).all()
    assert history["loss"][-1] < history["loss"][0]
    asked = np.arange(120) % 3
    made = model.sample(120, one_hot(asked, (3,)), seed=0)
    assert made.shape == (120, *SHAPE)
    assert np.mean(heard(made) == asked) > 0.9
    # Told the wrong kind, it explains the clips worse.
    np.testing.assert_array_equal(made, model.sample(120, one_hot(asked, (3,)), seed=0))


@pytest.mark.one_backend
def test_the_wrong_condition_is_less_likely(trained, kinds):
    (model, _), (x, kind) = trained, kinds
    right, wrong = (
        iwae_bound(model.log_weights(x[:60], one_hot((kind[:60] + by) % 3, (3,)), samples=8)) for by in (0, 1)
    )
    assert wrong < right - 1


def test_draws_vary_like_the_clips(trained, kinds):
    (model, _), (x, kind) = trained, kinds
    height = model.sample(300, one_hot(np.array([1]), (3,))[0], seed=0)[:, 2:6, 1].mean(axis=1)
    real = x[kind == 1, 2:6, 1].mean(axis=1)
    assert height.mean() == pytest.approx(real.mean(), abs=0.2)
    assert 0.5 < height.std() / real.std() < 1.6
    calm = model.sample(300, one_hot(np.array([1]), (3,))[0], seed=0, temperature=0.3)[:, 2:6, 1].mean(axis=1)
    assert calm.std() < 0.6 * height.std()


def test_conversion_changes_the_kind_and_keeps_the_rest(trained, kinds):
    (model, _), (x, kind) = trained, kinds
    rows = np.flatnonzero(kind == 0)
    there = model.convert(x[rows], one_hot(np.array([0]), (3,))[0], one_hot(np.array([2]), (3,))[0])
    assert np.mean(heard(there) == 2) > 0.9
    condition = one_hot(kind[rows], (3,))
    same = model.convert(x[rows], condition, condition)
    np.testing.assert_allclose(same, model.reconstruct(x[rows], condition), atol=1e-4)


def test_walks_begin_and_end_at_the_clips(trained, kinds):
    (model, _), (x, _) = trained, kinds
    condition = one_hot(np.array([0]), (3,))[0]
    for path in ("linear", "spherical"):
        walk = model.interpolate(x[0], x[3], 5, condition=condition, path=path)
        np.testing.assert_allclose(walk[[0, -1]], model.reconstruct(x[[0, 3]], condition), atol=1e-4)


def test_saved_and_loaded_it_is_the_same(trained, kinds, tmp_path):
    (model, _), (x, kind) = trained, kinds
    model.save(tmp_path / "cvae.keras")
    loaded = keras.saving.load_model(tmp_path / "cvae.keras")
    condition = one_hot(kind[:9], (3,))
    np.testing.assert_allclose(
        loaded.reconstruct(x[:9], condition), model.reconstruct(x[:9], condition), atol=1e-5
    )
    np.testing.assert_allclose(
        loaded.sample(2, condition[:2], 1), model.sample(2, condition[:2], 1), atol=1e-5
    )


def test_an_untrained_prior_is_the_standard_normal(kinds):
    x, kind = kinds
    model = make()
    model.compile(optimizer="adam")
    mean, log_variance = model.prior_of(one_hot(kind, (3,)))
    assert not mean.any()
    assert not log_variance.any()
    scores = model.evaluate([x, one_hot(kind, (3,))], x, verbose=0, return_dict=True)
    assert scores["loss"] == pytest.approx(scores["reconstruction"] + scores["kl"], rel=1e-5)
    assert scores["kl"] > 0


def test_conditions_as_numbers():
    made = one_hot(np.array([[1, 0], [0, 2]]), (2, 3))
    np.testing.assert_array_equal(made, [[0, 1, 1, 0, 0], [1, 0, 0, 0, 1]])
    assert made.dtype == np.float32
    for fields, message in (
        (np.array([[0, 3]]), "below its size"),
        (np.array([-1]), r"shape \(clips, 2\)"),
        (np.array([[0.0, 1.0]]), "expected integers"),
    ):
        with pytest.raises(ValueError, match=message):
            one_hot(fields, (2, 3))


@pytest.mark.parametrize(
    ("action", "message"),
    [
        (
            lambda: ConditionalVAE(dense_encoder(SHAPE, 6), dense_decoder(SHAPE, 3), condition_prior(3, 2)),
            r"prior must give \(batch, 6\)",
        ),
        (
            lambda: ConditionalVAE(
                told(dense_encoder(SHAPE, 6), 2), dense_decoder(SHAPE, 3), condition_prior(3, 3)
            ),
            "encoder reads a condition of 2 numbers, prior one of 3",
        ),
        (lambda: make().sample(2), "say what to sample: a condition of 3"),
        (lambda: make().sample(2, np.zeros(4)), r"expected conditions of shape \(2, 3\)"),
        (lambda: make().sample(0, np.zeros(3)), "n must be at least 1"),
        (lambda: make().sample(2, np.zeros(3), temperature=-1), "temperature must be at least 0"),
        (lambda: make().interpolate(np.zeros(SHAPE), np.zeros(SHAPE)), "say what the clips are"),
        (lambda: make().encode(np.zeros((2, *SHAPE)), np.zeros((3, 3))), r"received \(3, 3\)"),
    ],
)
def test_what_it_refuses(action, message):
    with pytest.raises(ValueError, match=message):
        action()
