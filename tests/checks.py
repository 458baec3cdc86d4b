"""Generic checks that every layer and every model goes through."""

from __future__ import annotations

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


def check_model(make, features: np.ndarray, *, folder, loss="mae", epochs: int = 3) -> None:
    """An autoencoder's contract, on any networks.

    Unknown batch size, finite output, a loss that falls, the same model from the same seed, and the same
    output after saving and loading.

    Parameters
    ----------
    make : callable
        ``seed -> Autoencoder``.
    features : np.ndarray, shape (clips, frames, bands)
    """
    model, same, other = make(0), make(0), make(1)
    before = model.reconstruct(features)
    assert before.shape == features.shape
    assert before.dtype == np.float32
    assert np.isfinite(before).all()
    np.testing.assert_array_equal(same.reconstruct(features), before)
    assert np.abs(other.reconstruct(features) - before).max() > 0
    # One clip alone gives what it gives among others: nothing depends on the batch.
    np.testing.assert_allclose(model.reconstruct(features[:1]), before[:1], atol=1e-4)
    model.compile(optimizer=keras.optimizers.Adam(1e-3), loss=loss)
    history = model.fit(features, features, epochs=epochs, batch_size=8, verbose=0).history["loss"]
    assert np.isfinite(history).all()
    assert history[-1] < history[0]
    after = model.reconstruct(features)
    assert np.abs(after - before).max() > 1e-4
    np.testing.assert_allclose(_saved_and_loaded(model, folder).reconstruct(features), after, atol=1e-5)


def _saved_and_loaded(model: keras.Model, folder) -> keras.Model:
    path = folder / "checked.keras"
    model.save(path)
    return keras.saving.load_model(path)
