"""Generic checks that every layer and every model goes through."""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np


def _arrays(inputs):
    return inputs if isinstance(inputs, list) else [inputs]


def check_layer(layer: keras.layers.Layer, inputs, expected_shape: tuple[int, ...], *, folder) -> np.ndarray:
    """Shapes with an unknown batch, finite output, config round trip, the same output after save and load.

    Parameters
    ----------
    inputs : np.ndarray or list of np.ndarray, each (batch, ...)
    expected_shape : tuple of int
        Of one example, without the batch.
    folder : pathlib.Path
        Where the model may be saved.

    Returns
    -------
    np.ndarray
        The layer's output.
    """
    symbols = [keras.Input(x.shape[1:]) for x in _arrays(inputs)]
    symbols = symbols if isinstance(inputs, list) else symbols[0]
    output = layer(symbols)
    assert output.shape == (None, *expected_shape), output.shape
    model = keras.Model(symbols, output)
    made = keras.ops.convert_to_numpy(model(inputs))
    assert made.shape == (len(_arrays(inputs)[0]), *expected_shape)
    assert np.isfinite(made).all()
    again = type(layer).from_config(layer.get_config())
    assert again.get_config() == layer.get_config()
    loaded = _saved_and_loaded(model, folder).predict(inputs, verbose=0)
    np.testing.assert_allclose(loaded, made, rtol=1e-5, atol=1e-5)
    return made


def check_model(make, features: np.ndarray, *, folder, loss="mae", epochs: int = 3) -> dict[str, list[float]]:
    """An autoencoder's contract, on any networks.

    Unknown batch size, finite output, a loss that falls, the same model and the same training from the same
    seed, a configuration that makes the model again, the same output after saving and loading, half
    precision, and on TensorFlow no tracing once every size of batch has been seen.

    Parameters
    ----------
    make : callable
        ``seed -> Autoencoder``.
    features : np.ndarray, shape (clips, frames, bands)

    Returns
    -------
    dict of str to list of float
        The history of the training.
    """
    model, same, other = make(0), make(0), make(1)
    for made in keras.tree.flatten(model(keras.Input(features.shape[1:]))):
        assert made.shape[0] is None, made.shape
    before = model.reconstruct(features)
    assert before.shape == features.shape
    assert before.dtype == np.float32
    assert np.isfinite(before).all()
    np.testing.assert_array_equal(same.reconstruct(features), before)
    assert np.abs(other.reconstruct(features) - before).max() > 0
    # One clip alone gives what it gives among others: nothing depends on the batch.
    np.testing.assert_allclose(model.reconstruct(features[:1]), before[:1], atol=1e-4)
    again = type(model).from_config(model.get_config())
    assert again.get_config() == model.get_config()

    history = _trained(model, features, loss, epochs)
    for term, values in history.items():
        assert np.isfinite(values).all(), term
    assert history["loss"][-1] < history["loss"][0]
    # Eagerly, which saves the time of tracing.
    repeated = _trained(same, features, loss, 1, run_eagerly=True)
    for term, values in repeated.items():
        np.testing.assert_allclose(values, history[term][:1], rtol=1e-3, err_msg=term)
    after = model.reconstruct(features)
    assert np.abs(after - before).max() > 1e-4
    np.testing.assert_allclose(_saved_and_loaded(model, folder).reconstruct(features), after, atol=1e-5)
    again.set_weights(model.get_weights())
    np.testing.assert_allclose(again.reconstruct(features), after, atol=1e-5)
    _check_half_precision(make, features, loss)
    return history


def _trained(
    model: keras.Model, features: np.ndarray, loss, epochs: int, *, run_eagerly: bool = False
) -> dict[str, list[float]]:
    model.compile(optimizer=keras.optimizers.Adam(1e-3), loss=loss, run_eagerly=run_eagerly)
    traces = count_traces(model)
    counts = []
    counting = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: counts.append(traces()))
    history = model.fit(
        features, features, epochs=epochs, batch_size=8, shuffle=False, verbose=0, callbacks=[counting]
    ).history
    if keras.backend.backend() == "tensorflow" and not run_eagerly:
        assert counts[0] > 0, "the loss was never traced"
        assert len(set(counts)) == 1, f"steps of known shapes were traced again: {counts} by epoch"
    return history


def count_traces(model: keras.Model) -> Callable[[], int]:
    """From now on, how often Python has run through the loss of ``model``: in a graph, once for each trace.

    Keras hides its compiled step, so that TensorFlow's own count of it cannot be read.
    """
    compute, traced = model.compute_loss, []

    def counted(*args, **kwargs):
        traced.append(1)
        return compute(*args, **kwargs)

    model.compute_loss = counted
    return lambda: len(traced)


def _check_half_precision(make, features: np.ndarray, loss) -> None:
    """Two finite steps in float16 with float32 weights, as a GPU takes them."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_float16")
    try:
        model = make(0)
        model.compile(optimizer=keras.optimizers.Adam(1e-3), loss=loss, run_eagerly=True)
        batch = features[:8]
        losses = [model.train_on_batch(batch, batch, return_dict=True)["loss"] for _ in range(2)]
        assert np.isfinite(losses).all()
        assert losses[0] != losses[1]
        made = model.reconstruct(features[:2])
        assert made.dtype == np.float32
        assert np.isfinite(made).all()
        assert {variable.dtype for variable in model.trainable_variables} == {"float32"}
    finally:
        keras.config.set_dtype_policy(before)


def _saved_and_loaded(model: keras.Model, folder) -> keras.Model:
    path = folder / "checked.keras"
    model.save(path)
    return keras.saving.load_model(path)
