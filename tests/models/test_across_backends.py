"""The same weights and inputs give the same outputs and gradients on every backend.

On JAX and Torch (``make test-backends``) each exhibit of ``tests/models/zoo.py`` is compared with what
TensorFlow makes of it, in a process of the course's own environment. A new layer, model or loss joins by a
line there.
"""

from __future__ import annotations

import importlib
import inspect
import json
import os
import pkgutil
import subprocess
from pathlib import Path

import keras
import numpy as np
import pytest

from course_lib import bootstrap
from tests.models.zoo import ZOO, outputs, slopes, stir, weights

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = "tensorflow"


@pytest.fixture(scope="session")
def reference(tmp_path_factory) -> dict[str, np.ndarray]:
    """Weights, outputs and gradients of every exhibit, by TensorFlow."""
    if keras.backend.backend() == REFERENCE:
        pytest.skip("TensorFlow is what other backends are compared with: make test-backends")
    python = bootstrap.venv_python()
    if not python.exists():
        pytest.skip("there is no .venv with TensorFlow to compare with: make setup")
    path = Path(os.environ.get("ZOO_REFERENCE") or tmp_path_factory.mktemp("reference") / "zoo.npz")
    if not path.exists():
        environment = os.environ | {"KERAS_BACKEND": REFERENCE, "TF_CPP_MIN_LOG_LEVEL": "3"}
        command = [str(python), "-m", "tests.models.zoo", str(path)]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    with np.load(path) as arrays:
        return dict(arrays)


def _kept(reference: dict[str, np.ndarray], name: str, kind: str) -> list[np.ndarray]:
    count = sum(key.startswith(f"{name}/{kind}/") for key in reference)
    return [reference[f"{name}/{kind}/{number}"] for number in range(count)]


@pytest.mark.parametrize("name", ZOO)
def test_same_outputs_and_gradients_as_tensorflow(name, reference):
    exhibit = ZOO[name]
    made = exhibit.make()
    outputs(exhibit, made)
    own, given = weights(made), _kept(reference, name, "weight")
    assert [tuple(weight.shape) for weight in own] == [value.shape for value in given]
    for weight, value in zip(own, given, strict=True):
        weight.assign(value)
    for kind, found in (("output", outputs(exhibit, made)), ("slope", slopes(exhibit, made))):
        expected = _kept(reference, name, kind)
        assert len(found) == len(expected) > 0
        for number, (ours, theirs) in enumerate(zip(found, expected, strict=True)):
            assert ours.dtype == theirs.dtype
            # A gradient by a weight is a sum over all clips and frames: as large as its largest number.
            size = 1 if kind == "output" else max(1, np.abs(theirs).max())
            np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-4 * size, err_msg=f"{kind} {number}")


@pytest.mark.parametrize("name", ZOO)
def test_every_exhibit_repeats_itself_and_shows_something(name):
    exhibit = ZOO[name]
    made = exhibit.make()
    outputs(exhibit, made)
    stir(made)
    first, second = outputs(exhibit, made), outputs(exhibit, made)
    for one, two in zip(first, second, strict=True):
        np.testing.assert_array_equal(one, two)
        assert np.isfinite(one).all()
        # Zeros, or one number everywhere, would prove nothing when another backend gave them too.
        assert one.any()
        assert one.size == 1 or np.ptp(one) > 0


def _public(room: str) -> list[object]:
    """Classes and functions that modules of ``course_lib.<room>`` define for others."""
    package = importlib.import_module(f"course_lib.{room}")
    modules = [
        importlib.import_module(f"{package.__name__}.{module.name}")
        for module in pkgutil.iter_modules(package.__path__)
    ]
    return [
        thing
        for module in modules
        for name, thing in vars(module).items()
        if not name.startswith("_") and getattr(thing, "__module__", None) == module.__name__
    ]


def test_every_layer_model_and_loss_is_in_the_zoo():
    shown = "".join(
        json.dumps(keras.saving.serialize_keras_object(made), default=str)
        for made in (exhibit.make() for exhibit in ZOO.values())
        if isinstance(made, keras.layers.Layer)
    )
    registered = {
        keras.saving.get_registered_name(thing)
        for room in ("layers", "models")
        for thing in _public(room)
        if inspect.isclass(thing) and issubclass(thing, keras.layers.Layer)
    }
    missing = {name for name in registered if name.startswith("latent_sound>") and f'"{name}"' not in shown}
    losses = {thing.__name__ for thing in _public("losses") if inspect.isfunction(thing)}
    missing |= losses - {name.split()[0] for name in ZOO}
    assert not missing, f"add a line for each to tests/models/zoo.py: {sorted(missing)}"
