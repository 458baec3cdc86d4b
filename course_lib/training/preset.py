"""What a named training is: settings, data, network, loss, augmentation. Only ``build`` imports Keras."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic import ValidationError

from course_lib.training.hyperparameters import TrainingHyperparameters, describe_fields

if TYPE_CHECKING:
    import keras

    from course_lib.data.dataset import Dataset
    from course_lib.training.tasks.task import Task

Augment = Callable[[np.ndarray, np.random.Generator], np.ndarray]
STYLE_WORDS = {"word": "spoken words", "note": "notes", "noise": "noises"}


class Preset:
    """A training that has a name. Subclasses give ``build`` and, where it helps, ``augment``."""

    name: str
    title: str
    description: str
    hyperparameters: type[TrainingHyperparameters]
    # The ``config`` of another representation than the default log-mel, without its scaling.
    representation: dict[str, Any] | None = None
    # What it trains on unless told otherwise, and the only style of recordings it can learn from: a key of
    # ``data.preparation.STYLES``, None for any.
    dataset: str = "digits"
    style: str | None = None
    # Whether ``build`` wants to know how many classes there are to ask for, as ``classes``.
    conditional = False
    # What its model can do with sound, the most telling first: keys of ``training.apply.verbs.VERBS``.
    verbs: tuple[str, ...] = ("reconstruct", "interpolate", "sample")

    def parse(self, overrides: Mapping[str, Any] | None = None) -> TrainingHyperparameters:
        """Hyperparameters from text or values, defaults for the rest.

        Raises
        ------
        ValueError
            An unknown field or a value out of range; the message lists what is valid.
        """
        overrides = dict(overrides or {})
        known = list(self.hyperparameters.model_fields)
        for field in overrides:
            if field not in known:
                near = difflib.get_close_matches(field, known, n=1)
                guess = f" (did you mean {near[0]}?)" if near else ""
                raise ValueError(
                    f"preset {self.name} has no setting {field!r}{guess}; expected one of {', '.join(known)}"
                )
        try:
            return self.hyperparameters.model_validate(overrides)
        except ValidationError as error:
            raise ValueError("; ".join(map(self._explain, error.errors()))) from error

    def _explain(self, problem: Any) -> str:
        name = str(problem["loc"][0]) if problem["loc"] else self.name
        received = problem.get("input")
        row = next((row for row in self.fields() if row["name"] == name), None)
        if row is None:
            return problem["msg"].removeprefix("Value error, ")
        if row["choices"]:
            return f"{name} must be one of {', '.join(row['choices'])}; received {received}"
        kind = {"integer": "a whole number", "number": "a number", "boolean": "true or false"}.get(
            row["type"], "text"
        )
        bounds = ""
        if row["minimum"] is not None and row["maximum"] is not None:
            low = "above" if problem["type"] == "greater_than" else "from"
            bounds = f" {low} {row['minimum']} to {row['maximum']}"
        multiple = (problem.get("ctx") or {}).get("multiple_of")
        step = f", a multiple of {multiple}" if multiple else ""
        return f"{name} must be {kind}{bounds}{step}; received {received}"

    def unsuitable(self, dataset: Dataset) -> str:
        """Why the preset cannot learn from a data set, and which ones it takes; empty when it can."""
        from course_lib.data import catalog

        has = catalog.style_of(dataset)
        if self.style in (None, has):
            return ""
        fits = [entry.name for entry in catalog.CATALOG.values() if catalog.style_of(entry) == self.style]
        return (
            f"preset {self.name} learns from {STYLE_WORDS[self.style]}, and {dataset.name} holds "
            f"{STYLE_WORDS[has]}; choose {', '.join(fits)}"
        )

    def asked(self, config: Mapping[str, Any]) -> dict[str, Any]:
        """What ``build`` is told of a run whose data is read: how many ``classes`` can be asked for."""
        return {"classes": len(config["classes"])} if self.conditional else {}

    def fields(self) -> list[dict[str, Any]]:
        """One dict a setting: name, type, description, default, minimum, maximum, choices, hint, scale."""
        return describe_fields(self.hyperparameters)

    def task(self, config: dict[str, Any], hyperparameters: TrainingHyperparameters) -> Task:
        """What is trained on: the data that a run's ``config.json`` names, as this preset uses them.

        Raises
        ------
        RunError, ValueError, FileNotFoundError
            As :func:`course_lib.training.training_data.load_training_data`.
        """
        from course_lib.training.tasks.reconstruction import Reconstruction
        from course_lib.training.training_data import load_training_data

        data = load_training_data(config, representation=self.representation)
        return Reconstruction(data, self.augment(hyperparameters))

    def build(
        self,
        hyperparameters: TrainingHyperparameters,
        shape: tuple[int, ...],
        train_features: np.ndarray | None = None,
        seed: int = 0,
        architecture: dict[str, Any] | None = None,
    ) -> keras.Model:
        """A compiled model.

        Parameters
        ----------
        shape : tuple of int
            What the network reads of one example: frames and bands of one clip, unless the task says else.
        train_features : np.ndarray, shape (clips, frames, bands), optional
            For an initialisation that looks at the data. None when weights will be loaded over it.
        seed : int
            Seeds the initial weights.
        architecture : dict, optional
            ``{"encoder": config, "decoder": config}``: networks from a notebook replace the preset's.
        """
        raise NotImplementedError

    def augment(self, hyperparameters: TrainingHyperparameters) -> Augment | None:
        """``(features (batch, frames, bands), rng) -> features``, applied to input and target, or None."""
        return None
