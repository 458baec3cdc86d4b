"""The preset that takes a voice out of music, or the music from behind a voice."""

from __future__ import annotations

from pydantic import Field

from course_lib.training.conditional_preset import SeparationHyperparameters, SeparationPreset


class ConditionalNotesHyperparameters(SeparationHyperparameters):
    """Settings of the preset ``conditional_notes``."""

    epochs: int = Field(
        16,
        ge=1,
        le=100_000,
        description="Passes over the training clips, each over other music",
        json_schema_extra={"hint": "the learning rate decays over all of them"},
    )
    width: int = Field(
        192, ge=4, le=1024, description="Channels between the blocks", json_schema_extra={"scale": "log"}
    )
    inner: int = Field(
        64, ge=4, le=1024, description="Channels inside a block", json_schema_extra={"scale": "log"}
    )


class ConditionalNotesPreset(SeparationPreset):
    """A mixture of a voice and of music, and which of the two is wanted."""

    name = "conditional_notes"
    title = "Voice out of music"
    description = "Somebody speaks over music; ask for the voice or for the notes"
    hyperparameters = ConditionalNotesHyperparameters
    # The words; the music is always of the bundled notes.
    style = "word"

    def task(self, config, hyperparameters):
        from course_lib.training.tasks.voice_out_of_music import voice_out_of_music

        return voice_out_of_music(config, **self._pairs(config, hyperparameters))
