"""What the loop of a game costs beside one written by hand, and that it compiles its steps once."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from course_lib.commands.speed.turns import by_turns
from course_lib.training.adversarial import play
from course_lib.training.batches import EpochBatches
from course_lib.training.presets import get_preset
from course_lib.training.warm_average import WarmAdam
from tests.checks import count_traces

tf = pytest.importorskip("tensorflow", reason="tracing and tf.function are TensorFlow's")

# The preset's own networks and batches; an epoch of the bundled digits has three times as many.
SHAPE, BATCH, STEPS = (128, 64), 64, 6


class Clips:
    """A task of noise: what the clips are does not change what a step costs."""

    whole_batches, size = True, BATCH * STEPS

    def __init__(self):
        rng = np.random.default_rng(0)
        self.clips = rng.standard_normal((self.size, *SHAPE), np.float32)
        self.condition = np.zeros(self.size, np.int32)

    def batch(self, rows, rng):
        return [self.clips[rows], self.condition[rows]], self.condition[rows]


def model():
    preset = get_preset("gan")
    settings = preset.parse()
    assert settings.batch_size == BATCH
    return preset.build(settings, SHAPE, seed=0)


def by_hand(gan, clips):
    """An epoch of the same game as anybody would write it for TensorFlow: () -> None."""
    critic_adam = keras.optimizers.Adam(4e-4, beta_1=0.5, beta_2=0.99)
    generator_adam = WarmAdam(
        4e-4, beta_1=0.5, beta_2=0.99, use_ema=True, ema_momentum=0.99, ema_overwrite_frequency=None
    )
    critic_adam.build(gan.critic.trainable_variables)
    generator_adam.build(gan.generator.trainable_variables)

    def made():
        return gan.generator(tf.random.normal((BATCH, gan.noise_dim)), training=True)

    def score(x, training):
        return gan.critic(gan.augment(x, training=True), training=training)

    @tf.function
    def critic_step(real):
        fake = made()
        with tf.GradientTape() as tape:
            scores = score(tf.concat([real, fake], 0), True)
            loss = tf.reduce_mean(tf.nn.relu(1 - scores[:BATCH])) + tf.reduce_mean(
                tf.nn.relu(1 + scores[BATCH:])
            )
        weights = gan.critic.trainable_variables
        critic_adam.apply(tape.gradient(loss, weights), weights)
        return loss

    @tf.function
    def generator_step():
        weights = gan.generator.trainable_variables
        with tf.GradientTape() as tape:
            loss = -tf.reduce_mean(score(made(), False))
        generator_adam.apply(tape.gradient(loss, weights), weights)
        return loss

    def epoch():
        for start in range(0, len(clips), BATCH):
            critic_step(clips[start : start + BATCH])
            generator_step()

    return epoch


def test_an_epoch_costs_little_more_than_a_loop_written_by_hand():
    task, gan = Clips(), model()
    batches = EpochBatches(task, batch_size=BATCH, seed=0)
    held_out = ([task.clips[:64], task.condition[:64]], None)

    def ours():
        batches.epoch += 1
        play(gan, batches, epochs=1, initial_epoch=0, held_out=held_out, callbacks=[])

    turns = by_turns(ours, by_hand(model(), task.clips), turns=7)
    # What else a busy machine does only adds to either side: the shortest are what the loops cost.
    assert min(turns.ours) <= 1.15 * min(turns.usual), turns


def test_no_step_of_a_game_is_compiled_again_after_the_third():
    gan, task = model(), Clips()
    traces = [count_traces(player) for player in gan.players]
    counts = []
    for step in range(6):
        inputs, _ = task.batch(np.arange(step * BATCH, (step + 1) * BATCH), None)
        for player in gan.players:
            player.train_on_batch(inputs)
        counts.append([count() for count in traces])
    assert min(counts[0]) > 0, "no step was traced"
    assert counts[2] == counts[-1], counts
