"""The two turns of a GAN: who moves, who does not, and what is made."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from course_lib.layers.random_change import RandomChange
from course_lib.losses.adversarial import LOSSES
from course_lib.models import gan_networks as networks
from course_lib.models.gan import GAN

SHAPE, CLASSES, BATCH = (16, 6), 10, 8
RNG = np.random.default_rng(0)
CLIPS = RNG.standard_normal((BATCH, *SHAPE)).astype(np.float32)
CONDITION = np.arange(BATCH, dtype=np.int32) % CLASSES


def make(*, classes=CLASSES, loss="non_saturating", augment=True, seed=0, **options) -> GAN:
    return GAN(
        networks.conv1d_generator(SHAPE, 8, width=12, depth=2, classes=classes, seed=seed),
        networks.conv1d_critic(SHAPE, width=12, depth=2, classes=classes, seed=seed + 1),
        loss=loss,
        augment=RandomChange(shift=2, mask=3, seed=seed) if augment else None,
        seed=seed,
        **options,
    )


def players(gan, rate=1e-3):
    return gan.turns(keras.optimizers.Adam(rate, beta_1=0.5), keras.optimizers.Adam(rate, beta_1=0.5))


def weights(network):
    return [keras.ops.convert_to_numpy(variable).copy() for variable in network.variables]


@pytest.mark.parametrize(
    "loss",
    [
        pytest.param(loss, marks=() if loss == "non_saturating" else pytest.mark.one_backend)
        for loss in LOSSES
    ],
)
def test_a_turn_moves_its_own_network_and_no_number_of_its_rival(loss):
    gan = make(loss=loss)
    critic, generator = players(gan)
    for turn, own, rival in ((critic, gan.critic, gan.generator), (generator, gan.generator, gan.critic)):
        other = weights(rival)
        mine = {v.path: keras.ops.convert_to_numpy(v).copy() for v in own.trainable_variables}
        for _ in range(3):
            turn.train_on_batch([CLIPS, CONDITION])
        assert all(np.array_equal(a, b) for a, b in zip(other, weights(rival), strict=True))
        still = [v.path for v in own.trainable_variables if np.array_equal(mine[v.path], v)]
        # The critic's last bias raises both scores alike, which some of the losses do not mind.
        assert not [path for path in still if not path.endswith("bias")]
        assert len(still) <= 1


def test_turns_log_their_scores():
    gan = make()
    critic, generator = players(gan)
    logs = critic.train_on_batch([CLIPS, CONDITION], return_dict=True)
    assert set(logs) == {"loss", "real_score", "fake_score"}
    assert set(generator.train_on_batch([CLIPS, CONDITION], return_dict=True)) == {"loss"}


def test_a_critic_alone_learns_to_tell_and_a_generator_alone_to_please_it():
    gan = make(augment=False)
    critic, generator = players(gan, rate=3e-3)
    real = np.tile(CLIPS + 2, (4, 1, 1))
    condition = np.tile(CONDITION, 4)
    for _ in range(40):
        logs = critic.train_on_batch([real, condition], return_dict=True)
    critic.reset_metrics()
    logs = critic.train_on_batch([real, condition], return_dict=True)
    assert logs["real_score"] > logs["fake_score"] + 1
    first = generator.train_on_batch([real, condition], return_dict=True)["loss"]
    for _ in range(40):
        generator.reset_metrics()
        last = generator.train_on_batch([real, condition], return_dict=True)["loss"]
    assert last < 0.8 * first


def test_clips_are_repeatable_by_seed_and_obey_the_class():
    gan = make()
    first = gan.sample(6, condition=3, seed=1)
    assert first.shape == (6, *SHAPE)
    assert np.isfinite(first).all()
    np.testing.assert_array_equal(gan.sample(6, condition=3, seed=1), first)
    assert np.abs(gan.sample(6, condition=3, seed=2) - first).max() > 0
    assert np.abs(gan.sample(6, condition=4, seed=1) - first).max() > 0
    np.testing.assert_allclose(
        gan.sample(20, seed=0)[13], gan.generate(gan.noise(20, 0)[13:14], 3)[0], atol=1e-5
    )


def test_a_walk_stays_on_the_sphere_and_ends_where_asked():
    gan = make(classes=None)
    a, b = gan.noise(2, seed=0)
    walk = gan.interpolate(a, b, steps=5)
    np.testing.assert_allclose(walk[0], gan.generate(a[None])[0], atol=1e-5)
    np.testing.assert_allclose(walk[-1], gan.generate(b[None])[0], atol=1e-5)
    assert gan.interpolate(a, a, steps=3).shape == (3, *SHAPE)


def test_saved_and_loaded_it_makes_and_scores_the_same(tmp_path):
    gan = make(loss="least_squares", label_smoothing=0.1)
    critic, generator = players(gan)
    critic.train_on_batch([CLIPS, CONDITION])
    generator.train_on_batch([CLIPS, CONDITION])
    gan.save(tmp_path / "gan.keras")
    loaded = keras.saving.load_model(tmp_path / "gan.keras")
    for name in ("loss", "label_smoothing", "seed"):
        assert loaded.get_config()[name] == gan.get_config()[name]
    assert loaded.augment.get_config() == gan.augment.get_config()
    np.testing.assert_allclose(loaded.sample(4, seed=0), gan.sample(4, seed=0), atol=1e-6)
    np.testing.assert_allclose(loaded.score(CLIPS, CONDITION), gan.score(CLIPS, CONDITION), atol=1e-6)


def test_the_same_seed_trains_to_the_same_weights():
    made = []
    for seed in (0, 0, 1):
        gan = make(seed=seed)
        critic, generator = players(gan)
        for _ in range(2):
            critic.train_on_batch([CLIPS, CONDITION])
            generator.train_on_batch([CLIPS, CONDITION])
        made.append(gan.sample(2, seed=0))
    np.testing.assert_array_equal(made[0], made[1])
    assert np.abs(made[0] - made[2]).max() > 0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"loss": "wgan"}, "unknown adversarial loss 'wgan'"),
        ({"label_smoothing": 0.7}, r"label_smoothing must lie in \[0, 0.5\); received 0.7"),
        ({"loss": "hinge", "label_smoothing": 0.1}, "the hinge loss has no labels to smooth"),
    ],
)
def test_wrong_settings_are_named(change, message):
    with pytest.raises(ValueError, match=message):
        make(**change)


def test_networks_that_do_not_fit_are_named():
    generator = networks.dense_generator(SHAPE, 8)
    with pytest.raises(ValueError, match=r"critic reads clips of shape \(16, 7\), but the generator makes"):
        GAN(generator, networks.dense_critic((16, 7)))
    with pytest.raises(ValueError, match="must both take a condition, or neither; they have 1 and 2 inputs"):
        GAN(generator, networks.conv1d_critic(SHAPE, width=8, depth=2, classes=10))


def test_wrong_requests_are_named():
    conditional, plain = make(), make(classes=None)
    with pytest.raises(ValueError, match="takes no condition; train conditional_gan"):
        plain.sample(2, condition=3)
    with pytest.raises(ValueError, match=r"condition must be classes from 0 to 9; received \[12"):
        conditional.sample(2, condition=12)
    with pytest.raises(ValueError, match="n must be at least 1; received 0"):
        plain.sample(0)
    with pytest.raises(ValueError, match=r"noise of shape \(n, 8\); received \(2, 9\)"):
        plain.generate(np.zeros((2, 9)))
