"""Looks into a model's layers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import keras

# A sigmoid at zero, or a softmax, says something by it; these say nothing.
SILENT_AT_ZERO = ("relu", "relu6", "leaky_relu", "elu", "selu", "celu", "gelu", "silu", "swish", "mish")
LAYERS = ("ReLU", "LeakyReLU", "PReLU", "ELU")


def wants_condition(model: keras.Model | Any) -> bool:
    """Whether the model must be told what a clip is before it can encode it."""
    return hasattr(model, "condition_size")


def latents_of(model: keras.Model | Any, features: np.ndarray) -> tuple[np.ndarray, np.ndarray | None] | None:
    """Latents of some clips, (clips, latent_dim), and of a variational model their log-variances.

    None for a model that has none, or that cannot encode a clip alone.
    """
    if not hasattr(model, "encode") or wants_condition(model):
        return None
    given = model.encode(features)
    return given if isinstance(given, tuple) else (given, None)


def hidden_activations(
    model: keras.Model | Any, features: np.ndarray, latents: np.ndarray | None = None
) -> dict[str, np.ndarray]:
    """What the hidden layers of a model's networks answer to some clips.

    Parameters
    ----------
    model : keras.Model
        With an ``encoder`` and a ``decoder``, or a ``generator`` (and ``noise(n)``) and a ``critic``, made of
        layers and each with one input; others give nothing.
    features : np.ndarray, shape (clips, frames, bands)
        What the encoder and the critic read.
    latents : np.ndarray, shape (clips, latent_dim), optional
        What the decoder reads.

    Returns
    -------
    dict of str to np.ndarray, shape (clips, units)
        By network and layer, such as ``"encoder/dense"``: each unit's largest absolute value over time.
    """
    noise = model.noise(len(features), seed=0) if hasattr(model, "noise") else None
    found = {}
    for name, inputs in (
        ("encoder", features),
        ("decoder", latents),
        ("generator", noise),
        ("critic", features),
    ):
        network = _network(model, name)
        if network is not None and inputs is not None:
            found |= _answers(network, inputs, name)
    return found


def _network(model, name: str) -> keras.Model | None:
    """A part of the model that reads one array; None where there is none."""
    import keras

    network = getattr(model, name, None)
    usable = isinstance(network, keras.Model) and len(getattr(network, "inputs", None) or ()) == 1
    return network if usable else None


def _answers(network: keras.Model, inputs: np.ndarray, name: str) -> dict[str, np.ndarray]:
    import keras

    outputs = {}
    for layer in network.layers:
        if not _can_die(layer):
            continue
        try:
            outputs[f"{name}/{layer.name}"] = layer.output
        except (AttributeError, ValueError):
            # A layer used twice, or one that was never called alone, has no one output.
            continue
    if not outputs:
        return {}
    try:
        # Called as it is: to trace a graph for one batch would take longer.
        answers = keras.Model(network.inputs[0], list(outputs.values()))(inputs, training=False)
    except (AttributeError, ValueError, TypeError):
        # Not a graph of layers: a subclass with a call of its own.
        return {}
    answers = answers if isinstance(answers, (list, tuple)) else [answers]
    answers = [keras.ops.convert_to_numpy(answer) for answer in answers]
    return {
        layer: np.abs(x).max(axis=tuple(range(1, x.ndim - 1)))
        for layer, x in zip(outputs, answers, strict=True)
    }


def _can_die(layer: keras.layers.Layer) -> bool:
    activation = getattr(getattr(layer, "activation", None), "__name__", "")
    return activation in SILENT_AT_ZERO or type(layer).__name__ in LAYERS
