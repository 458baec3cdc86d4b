"""Looks into a model's layers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import keras

# A sigmoid at zero, or a softmax, says something by it; these say nothing.
SILENT_AT_ZERO = ("relu", "relu6", "leaky_relu", "elu", "selu", "celu", "gelu", "silu", "swish", "mish")
LAYERS = ("ReLU", "LeakyReLU", "PReLU", "ELU")


def hidden_activations(
    model: keras.Model | Any, features: np.ndarray
) -> tuple[dict[str, np.ndarray], np.ndarray | None]:
    """What the hidden layers of a model's networks answer to some clips.

    Parameters
    ----------
    model : keras.Model
        With an ``encoder`` and a ``decoder``, or a ``generator`` (and ``noise(n)``) and a ``critic``, made of
        layers and each with one input; others give nothing.
    features : np.ndarray, shape (clips, frames, bands)

    Returns
    -------
    activations : dict of str to np.ndarray, shape (clips, units)
        By network and layer, such as ``"encoder/dense"``: each unit's largest absolute value over time.
    latents : np.ndarray, shape (clips, latent_dim), or None
        What the encoder gives, when it gives one array.
    """
    import keras

    found, latents = {}, None
    encoder = _network(model, "encoder")
    if encoder is not None:
        found |= _answers(encoder, features, "encoder")
        given = encoder(features, training=False)
        latents = None if isinstance(given, (dict, list, tuple)) else keras.ops.convert_to_numpy(given)
    decoder = _network(model, "decoder")
    if decoder is not None and latents is not None:
        found |= _answers(decoder, latents, "decoder")
    generator, critic = _network(model, "generator"), _network(model, "critic")
    if generator is not None and hasattr(model, "noise"):
        found |= _answers(generator, model.noise(len(features), seed=0), "generator")
    if critic is not None:
        found |= _answers(critic, features, "critic")
    return found, latents


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
