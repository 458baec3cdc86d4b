"""Train a judge network: varied voices, masks, mixtures, and sounds that are no digit."""

from __future__ import annotations

import keras
import numpy as np

from course_lib.models.judge_network import judge_network
from course_lib.training.judge.material import NO_DIGIT, Examples
from course_lib.training.judge.settings import JudgeSettings


class JudgeBatches(keras.utils.PyDataset):
    """Batches (features, targets), varied afresh in each epoch; equal seeds give equal batches."""

    def __init__(self, examples: Examples, settings: JudgeSettings, *, classes: int = 10, seed: int = 0):
        super().__init__(workers=1, use_multiprocessing=False, max_queue_size=4)
        self.examples = examples
        self.settings = settings
        self.seed = seed
        targets = np.full((len(examples), classes), 1 / classes, np.float32)
        spoken = examples.label != NO_DIGIT
        sure = 1 - settings.smoothing
        targets[spoken] = (
            sure * np.eye(classes, dtype=np.float32)[examples.label[spoken]] + (1 - sure) / classes
        )
        self.targets = targets
        self.epoch = 0
        self._shuffle()

    @property
    def num_batches(self) -> int:
        return -(-len(self.examples) // self.settings.batch_size)

    def on_epoch_end(self) -> None:
        self.epoch += 1
        self._shuffle()

    def _shuffle(self) -> None:
        self.order = np.random.default_rng((self.seed, self.epoch)).permutation(len(self.examples))

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        size = self.settings.batch_size
        rows, rng = (
            self.order[index * size : (index + 1) * size],
            np.random.default_rng((self.seed, self.epoch, index)),
        )
        return self.settings.vary(self.examples.features[rows], self.targets[rows], rng)


def fit(examples: Examples, settings: JudgeSettings, *, seed: int = 0, verbose: int = 0) -> keras.Model:
    """A trained network with averaged weights; see :func:`course_lib.models.judge_network.judge_network`."""
    keras.utils.set_random_seed(seed)
    network = judge_network(examples.features.shape[1:], **settings.network, seed=seed)
    batches = JudgeBatches(examples, settings, seed=seed)
    steps = settings.epochs * batches.num_batches
    warm = max(1, steps // 20)
    rate = keras.optimizers.schedules.CosineDecay(
        settings.learning_rate / 50,
        steps - warm,
        alpha=0.02,
        warmup_target=settings.learning_rate,
        warmup_steps=warm,
    )
    optimizer = keras.optimizers.AdamW(
        rate, weight_decay=settings.weight_decay, clipnorm=1.0, use_ema=True, ema_momentum=0.99
    )
    trainer = keras.Model(network.input, network.output[1])
    trainer.compile(optimizer=optimizer, loss=keras.losses.CategoricalCrossentropy(from_logits=True))
    trainer.fit(batches, epochs=settings.epochs, shuffle=False, verbose=verbose)
    return network
