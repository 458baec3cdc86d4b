"""What the presets share that send clips through an encoder and a decoder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from course_lib.training.preset import Preset

if TYPE_CHECKING:
    import keras


class EncoderDecoderPreset(Preset):
    """Base of presets with two networks; subclasses give ``networks``, a notebook may give others."""

    def networks(
        self, hyperparameters: Any, shape: tuple[int, ...], seed: int
    ) -> tuple[keras.Model, keras.Model]:
        """(encoder, decoder) of the preset itself, for clips of ``shape``."""
        raise NotImplementedError

    def own_or_given(
        self,
        hyperparameters: Any,
        shape: tuple[int, ...],
        seed: int,
        architecture: dict[str, Any] | None,
    ) -> tuple[keras.Model, keras.Model]:
        """(encoder, decoder): those of ``architecture``, or the preset's own without one.

        Raises
        ------
        RunError
            A network of another shape, or of a class that is not allowed.
        """
        if architecture is None:
            return self.networks(hyperparameters, shape, seed)
        from course_lib.training.architecture import build_network

        return (
            build_network(architecture["encoder"], "encoder", input_shape=shape),
            build_network(architecture["decoder"], "decoder", output_shape=shape),
        )

    def augment(self, hyperparameters):
        if not hyperparameters.augment:
            return None
        from course_lib.data.augment import vary_voice

        return vary_voice
