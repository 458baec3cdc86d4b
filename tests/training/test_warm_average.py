"""The average of the weights against its formula, step by step."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from course_lib.training.averaging import averaged_weights
from course_lib.training.warm_average import WarmAdam, WarmAdamW


@pytest.mark.parametrize("optimiser", [WarmAdam, WarmAdamW])
def test_the_memory_grows_with_the_steps(optimiser):
    layer = keras.layers.Dense(1, use_bias=False)
    model = keras.Sequential([keras.Input((2,)), layer])
    model.compile(optimiser(0.1, use_ema=True, ema_momentum=0.5, ema_overwrite_frequency=None), loss="mse")
    x, y = np.eye(2, dtype=np.float32), np.array([[5.0], [-3.0]], np.float32)
    expected = None
    for step in range(12):
        model.train_on_batch(x, y)
        weights = keras.ops.convert_to_numpy(layer.kernel).copy()
        memory = min(0.5, (1 + step) / (10 + step)) if step else 0.0
        expected = weights if expected is None else memory * expected + (1 - memory) * weights
        average = keras.ops.convert_to_numpy(model.optimizer._model_variables_moving_average[0])
        np.testing.assert_allclose(average, expected, rtol=1e-5)
    assert np.abs(average - weights).max() > 1e-3, "it is an average, not the weights"


def test_a_short_training_is_heard_trained():
    """Keras's own average would be at the first weights still."""
    made = {}
    for name, optimiser in (("keras", keras.optimizers.Adam), ("warm", WarmAdam)):
        keras.utils.set_random_seed(0)
        model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, use_bias=False)])
        model.compile(optimiser(0.2, use_ema=True, ema_momentum=0.995), loss="mse")
        x, y = np.eye(2, dtype=np.float32), np.array([[5.0], [-3.0]], np.float32)
        for _ in range(60):
            model.train_on_batch(x, y)
        average = keras.ops.convert_to_numpy(model.optimizer._model_variables_moving_average[0])
        made[name] = float(np.abs(average - y).max())
    assert made["warm"] < 0.5 * made["keras"]


def test_after_being_heard_the_training_goes_on_with_its_own_weights():
    def trained(hear: bool) -> list[np.ndarray]:
        keras.utils.set_random_seed(0)
        model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3), keras.layers.Dense(1)])
        model.compile(WarmAdam(0.1, use_ema=True, ema_overwrite_frequency=None), loss="mse")
        x, y = np.eye(2, dtype=np.float32), np.array([[5.0], [-3.0]], np.float32)
        for step in range(6):
            model.train_on_batch(x, y)
            if hear and step % 2:
                own = model.get_weights()
                with averaged_weights(model, steps=step + 1):
                    assert np.abs(model.get_weights()[0] - own[0]).max() > 1e-3
                np.testing.assert_array_equal(model.get_weights()[0], own[0])
        return model.get_weights()

    for heard, unheard in zip(trained(True), trained(False), strict=True):
        np.testing.assert_array_equal(heard, unheard)
