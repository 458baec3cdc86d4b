"""Networks as JSON, and which of their classes may be rebuilt from it. Keras is imported by functions only.

A serialised Keras model names classes by module and can carry marshalled code. What a file names here must
be on a list of harmless layers, or a class that this project registered.
"""

from __future__ import annotations

import importlib
import json
import pkgutil
from typing import TYPE_CHECKING, Any

from course_lib.training.errors import RunError

if TYPE_CHECKING:
    import keras

# fmt: off
LAYERS = frozenset(
    {
        "Activation", "Add", "Average", "AveragePooling1D", "AveragePooling2D", "BatchNormalization",
        "Bidirectional", "Concatenate", "Conv1D", "Conv1DTranspose", "Conv2D", "Conv2DTranspose",
        "Cropping1D", "Cropping2D", "Dense", "DepthwiseConv1D", "DepthwiseConv2D", "Dot", "Dropout", "ELU",
        "EinsumDense", "Embedding", "Flatten", "GRU", "GRUCell", "GaussianDropout", "GaussianNoise",
        "GlobalAveragePooling1D", "GlobalAveragePooling2D", "GlobalMaxPooling1D", "GlobalMaxPooling2D",
        "GroupNormalization", "Identity", "InputLayer", "LSTM", "LSTMCell", "LayerNormalization",
        "LeakyReLU", "MaxPooling1D", "MaxPooling2D", "Maximum", "Minimum", "MultiHeadAttention", "Multiply",
        "PReLU", "Permute", "RMSNormalization", "ReLU", "RepeatVector", "Rescaling", "Reshape",
        "SeparableConv1D", "SeparableConv2D", "SimpleRNN", "SimpleRNNCell", "Softmax", "SpatialDropout1D",
        "SpatialDropout2D", "SpectralNormalization", "Subtract", "TimeDistributed", "UnitNormalization",
        "UpSampling1D", "UpSampling2D", "ZeroPadding1D", "ZeroPadding2D",
    }
)
# fmt: on
MODELS = frozenset({"Functional", "Model", "Sequential"})
# Parts of a configuration that only hold numbers or choose a formula.
MODULES = (
    "keras.initializers",
    "keras.regularizers",
    "keras.constraints",
    "keras.activations",
    "keras.dtype_policies",
)
# Pure functions of tensors that a functional model may contain as nodes, such as ``x + y``.
OPERATIONS = ("keras.src.ops.numpy", "keras.src.ops.nn", "keras.src.ops.math", "keras.ops")
STRUCTURES = frozenset(
    {"__keras_tensor__", "__tuple__", "__slice__", "__ellipsis__", "__numpy__", "__tensor__"}
)
PACKAGE = "latent_sound>"


def without_compilation(config: Any) -> Any:
    """The same serialised object without optimisers and losses, which a network does not need."""
    if isinstance(config, dict):
        return {key: without_compilation(value) for key, value in config.items() if key != "compile_config"}
    if isinstance(config, (list, tuple)):
        return [without_compilation(value) for value in config]
    return config


def check_classes(config: Any, *, where: str = "the architecture") -> None:
    """Refuse a serialised object that names a class outside the lists.

    Raises
    ------
    RunError
        With the class that is not allowed.
    """
    if isinstance(config, dict):
        if "class_name" in config:
            _check_class(config, where)
        for value in config.values():
            check_classes(value, where=where)
    elif isinstance(config, (list, tuple)):
        for value in config:
            check_classes(value, where=where)


def _check_class(config: dict[str, Any], where: str) -> None:
    name, module = config["class_name"], config.get("module")
    registered = config.get("registered_name")
    if name in STRUCTURES:
        return
    if isinstance(registered, str) and registered.startswith(PACKAGE) and registered == f"{PACKAGE}{name}":
        if module is None or str(module).startswith("course_lib."):
            return
    elif isinstance(module, str) and isinstance(name, str):
        plain = registered in (None, name)
        if plain and module == "keras.layers" and name in LAYERS | MODELS:
            return
        if plain and module in ("keras", "keras.models", "keras.src.models.functional") and name in MODELS:
            return
        if plain and module in MODULES and name.isidentifier():
            return
        # How Keras writes the precision of every layer: a name, such as float32.
        if plain and module == "keras" and name == "DTypePolicy":
            return
        if plain and module in OPERATIONS and name.isidentifier() and not name.startswith("_"):
            return
    raise RunError(
        f"{where} holds {module}.{name}, which is not on the list of classes that may be loaded; "
        "build it from keras.layers (no Lambda) or the course's own layers"
    )


def check_architecture(architecture: dict[str, Any], shape: tuple[int, int] | None = None) -> None:
    """Check networks from a notebook as far as that goes without Keras.

    Parameters
    ----------
    architecture : dict
        ``{"encoder": config, "decoder": config}``, each ``keras.saving.serialize_keras_object(network)``.
    shape : (int, int), optional
        Frames and bands that the encoder must read; the default representation's when None.

    Raises
    ------
    ValueError
        Other keys, not JSON, a class that is not allowed, or an encoder for another shape.
    """
    if not isinstance(architecture, dict) or set(architecture) != {"encoder", "decoder"}:
        received = sorted(architecture) if isinstance(architecture, dict) else type(architecture).__name__
        raise RunError(f"architecture must be a dict with encoder and decoder; received {received}")
    if shape is None:
        from course_lib.audio.log_mel_spectrogram import LogMelSpectrogram

        shape = LogMelSpectrogram().shape
    for part, config in architecture.items():
        try:
            json.dumps(config)
        except (TypeError, ValueError) as error:
            raise RunError(
                f"the {part} is not JSON ({error}); pass keras.saving.serialize_keras_object({part})"
            ) from error
        if not isinstance(config, dict) or config.get("class_name") not in MODELS:
            raise RunError(
                f"the {part} must be a serialised Functional or Sequential network; "
                f"pass keras.saving.serialize_keras_object({part})"
            )
        check_classes(without_compilation(config), where=f"the {part}")
    reads = _input_shape(architecture["encoder"])
    if reads is not None and tuple(reads) != tuple(shape):
        raise RunError(f"the encoder must read clips of shape {tuple(shape)}; it reads {tuple(reads)}")


def _input_shape(config: dict[str, Any]) -> list[int] | None:
    """Shape of one clip that a serialised network with a single input reads, if it says so."""
    layers = (config.get("config") or {}).get("layers") or []
    inputs = [
        layer for layer in layers if isinstance(layer, dict) and layer.get("class_name") == "InputLayer"
    ]
    if len(inputs) != 1:
        return None
    shape = (inputs[0].get("config") or {}).get("batch_shape")
    return list(shape[1:]) if isinstance(shape, (list, tuple)) else None


def build_network(
    config: dict[str, Any],
    part: str,
    *,
    input_shape: tuple[int, ...] | None = None,
    output_shape: tuple[int, ...] | None = None,
) -> keras.Model:
    """Rebuild one network with fresh weights and check what it reads and gives, without the batch axis."""
    model = rebuild(config, where=f"the {part}")
    if not getattr(model, "built", False) or len(getattr(model, "inputs", None) or []) != 1:
        raise RunError(f"the {part} has no single, known input; begin it with keras.Input(shape)")
    reads, gives = tuple(model.input_shape[1:]), tuple(model.output_shape[1:])
    if input_shape is not None and reads != tuple(input_shape):
        raise RunError(f"the {part} must read clips of shape {tuple(input_shape)}; it reads {reads}")
    if output_shape is not None and gives != tuple(output_shape):
        raise RunError(f"the {part} must give clips of shape {tuple(output_shape)}; it gives {gives}")
    return model


def rebuild(config: dict[str, Any], *, where: str = "the architecture") -> keras.Model:
    """Deserialise after :func:`check_classes`; nothing in ``config`` is executed or unpickled."""
    config = without_compilation(config)
    check_classes(config, where=where)
    import keras

    _register_classes()
    try:
        return keras.saving.deserialize_keras_object(config, safe_mode=True)
    except Exception as error:
        raise RunError(f"{where} cannot be rebuilt from its JSON: {error}") from error


def _register_classes() -> None:
    """Import every layer and model of the course: a registered class is known once its module is imported."""
    for room in ("course_lib.layers", "course_lib.models"):
        package = importlib.import_module(room)
        for module in pkgutil.iter_modules(package.__path__):
            importlib.import_module(f"{room}.{module.name}")
