"""What somebody asks to be trained."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError


class TrainingRequest(BaseModel):
    """A training to be started or, with ``resume``, to be gone on with.

    A resumed run keeps the settings of its ``config.json``: give ``name`` and ``resume`` only.
    """

    model_config = ConfigDict(extra="forbid")

    preset: str = "autoencoder"
    dataset: str | None = Field(
        None, description="Name in the catalog, such as digits or fsdd; None takes the preset's own"
    )
    holdout: list[str] = Field(
        default_factory=list,
        description="Speakers to keep out of training; empty takes the data set's own split",
    )
    name: str | None = Field(None, description="Name of the run; made up when None")
    seed: int = Field(0, ge=0, le=2**31 - 1)
    epochs: int | None = Field(None, ge=1, le=100_000, description="Overrides the preset's number of epochs")
    max_seconds: float | None = Field(
        None, gt=0, description="Ends the training after this time at the latest"
    )
    overrides: dict[str, Any] = Field(
        default_factory=dict, description="Hyperparameters that differ from the preset"
    )
    architecture: dict[str, Any] | None = Field(
        None, description='{"encoder": config, "decoder": config}: serialised Keras networks from a notebook'
    )
    limit_clips: int | None = Field(
        None, ge=8, description="For quick trials: train on this many clips, validate on at most as many"
    )
    tensorboard: bool = Field(False, description="Also write event files for TensorBoard; needs TensorFlow")
    resume: bool = False

    @classmethod
    def checked(cls, **fields: Any) -> TrainingRequest:
        """As the constructor, but a wrong value is one sentence.

        Raises
        ------
        ValueError
            Which field, what was wrong and what came.
        """
        try:
            return cls(**fields)
        except ValidationError as error:
            problem = error.errors()[0]
            name = ".".join(map(str, problem["loc"]))
            raise ValueError(
                f"{name}: {problem['msg'].lower()}; received {problem.get('input')!r}"
            ) from error
