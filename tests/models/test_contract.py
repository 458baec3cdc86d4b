"""What every layer and model of the zoo keeps to, whatever it computes: a new one joins by its line there."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from tests.checks import count_traces
from tests.models.zoo import LAYERS, MODELS, Exhibit, outputs, stir, weights

ALL = LAYERS | MODELS
# A game is trained by its turns, which have tests of their own.
FITTED = [name for name, exhibit in MODELS.items() if not hasattr(exhibit.make(), "turns")]


def arguments(exhibit: Exhibit):
    """What ``call`` is given: one argument, or the list of them."""
    return exhibit.inputs[0] if len(exhibit.inputs) == 1 else list(exhibit.inputs)


def symbols(exhibit: Exhibit):
    """The same as inputs of a functional model, the batch unknown."""
    return keras.tree.map_structure(
        lambda array: keras.Input(array.shape[1:], dtype=str(array.dtype)), arguments(exhibit)
    )


@pytest.mark.parametrize("name", ALL)
def test_it_takes_batches_of_any_size(name):
    exhibit = ALL[name]
    made = keras.tree.flatten(exhibit.make()(symbols(exhibit)))
    assert made
    # What has no axes is one number a model, such as a learned scale.
    assert all(part.shape[0] is None for part in made if part.shape), [part.shape for part in made]


@pytest.mark.parametrize("name", ALL)
def test_its_configuration_makes_it_again(name):
    exhibit = ALL[name]
    made = exhibit.make()
    again = type(made).from_config(made.get_config())
    assert again.get_config() == made.get_config()
    outputs(exhibit, made), outputs(exhibit, again)
    stir(made)
    for mine, its in zip(weights(again), weights(made), strict=True):
        mine.assign(its)
    for one, two in zip(outputs(exhibit, made), outputs(exhibit, again), strict=True):
        np.testing.assert_allclose(one, two, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", ALL)
def test_the_same_seed_makes_it_the_same(name):
    exhibit = ALL[name]
    for one, two in zip(outputs(exhibit, exhibit.make()), outputs(exhibit, exhibit.make()), strict=True):
        np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize("name", ALL)
def test_saved_and_loaded_it_gives_the_same(name, tmp_path):
    exhibit = ALL[name]
    made = exhibit.make()
    if not isinstance(made, keras.Model):
        inputs = symbols(exhibit)
        model = keras.Model(inputs, made(inputs))
        stir(model)
        model.save(tmp_path / "layer.keras")
        loaded = keras.saving.load_model(tmp_path / "layer.keras")
        expected = model.predict(arguments(exhibit), verbose=0)
        np.testing.assert_allclose(
            loaded.predict(arguments(exhibit), verbose=0), expected, rtol=1e-5, atol=1e-6
        )
        return
    outputs(exhibit, made)
    stir(made)
    made.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert type(loaded) is type(made)
    for one, two in zip(outputs(exhibit, made), outputs(exhibit, loaded), strict=True):
        np.testing.assert_allclose(one, two, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", ALL)
def test_in_half_precision_it_stays_finite_with_whole_weights(name):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_float16")
    try:
        exhibit = ALL[name]
        made = exhibit.make()
        found = keras.tree.flatten(made(arguments(exhibit)))
        assert all(np.isfinite(keras.ops.convert_to_numpy(part)).all() for part in found)
        assert {str(weight.dtype) for weight in getattr(made, "trainable_weights", [])} <= {"float32"}
    finally:
        keras.config.set_dtype_policy(before)


@pytest.mark.parametrize("name", FITTED)
def test_some_steps_of_fit_change_a_finite_loss(name):
    exhibit = MODELS[name]
    model, x = exhibit.make(), arguments(exhibit)
    if type(model).compute_loss is keras.Model.compute_loss:
        shapes = keras.tree.map_structure(lambda part: part.shape, model(x))
        y = keras.tree.map_structure_up_to(
            model(x), lambda shape: np.full(tuple(shape), 0.3, np.float32), shapes
        )
    else:
        y = keras.tree.flatten(x)[0]
    model.compile(optimizer=keras.optimizers.Adam(1e-2), loss="mse")
    traces = count_traces(model)
    counts, losses = [], []
    for _ in range(5):
        losses.append(float(model.train_on_batch(x, y, return_dict=True)["loss"]))
        counts.append(traces())
        model.reset_metrics()
    assert np.isfinite(losses).all()
    assert len(set(losses)) == len(losses), losses
    if keras.backend.backend() == "tensorflow":
        assert counts[0] > 0
        assert counts[2] == counts[-1], counts
