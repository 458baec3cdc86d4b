"""Settings of the presets: pydantic models whose fields carry the bounds and the hints that pages show."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class TrainingHyperparameters(BaseModel):
    """What every preset has."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    learning_rate: float = Field(
        1e-3,
        gt=0,
        le=1.0,
        description="Peak step size of the optimiser, after the warm-up and before the cosine decay",
        json_schema_extra={"hint": "ten times more diverges, ten times less crawls", "scale": "log"},
    )
    batch_size: int = Field(64, ge=1, le=2048, description="Clips in one optimiser step")
    epochs: int = Field(
        40,
        ge=1,
        le=100_000,
        description="Passes over the training clips",
        json_schema_extra={"hint": "the learning rate decays over all of them"},
    )
    augment: bool = Field(
        True,
        description="Vary the training clips a little in each epoch, so that no voice is learnt by heart",
    )


class LatentHyperparameters(TrainingHyperparameters):
    """What the presets have whose networks meet at a bottleneck."""

    latent_dim: int = Field(
        64,
        ge=1,
        le=1024,
        description="Numbers that describe one clip",
        json_schema_extra={"hint": "2 can be drawn as a map; 64 can be understood", "scale": "log"},
    )


def describe_fields(cls: type[BaseModel]) -> list[dict[str, Any]]:
    """One dict a field: name, description, default, minimum, maximum, choices, hint."""
    rows = []
    for name, schema in cls.model_json_schema()["properties"].items():
        rows.append(
            {
                "name": name,
                "type": schema.get("type", "string"),
                "description": schema.get("description", ""),
                "default": schema.get("default"),
                "minimum": schema.get("minimum", schema.get("exclusiveMinimum")),
                "maximum": schema.get("maximum"),
                "choices": schema.get("enum"),
                "hint": schema.get("hint", ""),
                "scale": schema.get("scale", "linear"),
            }
        )
    return rows
