"""The model that puts sound where packets were lost."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from course_lib.audio.files import check_samples
from course_lib.audio.restore.fill import fill_gaps
from course_lib.audio.restore.gap_frames import GapFrames

READS = {"interpolated", "damaged", "lost"}


@keras.saving.register_keras_serializable(package="latent_sound")
class Inpainter(keras.Model):
    """Sound with gaps in, sound without them out.

    The network says how loud every bin of the lost frames is; the phase is continued from both sides and
    made to fit by :func:`course_lib.audio.restore.fill.fill_gaps`. Pairs to train on come from
    :class:`course_lib.data.gap_pairs.GapPairs`; any loss of features fits.

    Parameters
    ----------
    network : keras.Model
        As of :func:`course_lib.models.inpainting_network.inpainting_network`.
    n_fft, hop_length : int
        As of :func:`course_lib.audio.stft.stft`.

    Raises
    ------
    ValueError
        The network reads something else, or does not fit the transform.
    """

    def __init__(self, network: keras.Model, *, n_fft: int, hop_length: int, **kwargs):
        super().__init__(**kwargs)
        reads = {x.name for x in network.inputs}
        if reads != READS:
            raise ValueError(f"network must read {', '.join(sorted(READS))}; it reads {', '.join(reads)}")
        if network.output_shape[-1] != 1 + n_fft // 2:
            raise ValueError(
                f"n_fft = {n_fft} makes {1 + n_fft // 2} bins; network gives {network.output_shape[-1]}"
            )
        if hop_length < 1 or n_fft % hop_length:
            raise ValueError(f"hop_length must divide n_fft = {n_fft}; received {hop_length}")
        self.network = network
        self.n_fft = n_fft
        self.hop_length = hop_length
        # The network owns its weights already, so there is nothing left to build at the first call.
        self.built = True

    def call(self, inputs, training=None):
        return self.network(inputs, training=training)

    def compute_output_shape(self, input_shape):
        return tuple(input_shape["interpolated"])

    def magnitude(self, y: np.ndarray, missing: np.ndarray) -> np.ndarray:
        """Magnitudes of the whole sound as the network believes them, (samples,) twice -> (frames, bins).

        ``samples`` is a whole number of hops.
        """
        frames = GapFrames.of(y[None], missing[None], n_fft=self.n_fft, hop_length=self.hop_length)
        inputs = {name: getattr(frames, name) for name in READS}
        made = keras.ops.convert_to_numpy(self.network(inputs, training=False)).astype(np.float32)
        # A network that has gone astray must not overflow.
        return np.exp(np.minimum(made[0], 10.0)) * frames.level[0]

    def inpaint(self, y: np.ndarray, missing: np.ndarray) -> np.ndarray:
        """Fill what is ``missing``, shape (samples,), bool, in ``y``, shape (samples,) -> the same, float32.

        What is not missing comes back bit for bit.

        Raises
        ------
        AudioError
            Not mono, empty, or not finite.
        ValueError
            Another shape of ``missing``.
        """
        y, missing = check_samples(y), np.asarray(missing)
        if missing.dtype != bool or missing.shape != y.shape:
            raise ValueError(
                f"missing must be bool of shape {y.shape}; received {missing.dtype} {missing.shape}"
            )
        if not missing.any():
            return y.copy()
        if missing.all():
            return np.zeros_like(y)
        # One hop of silence beyond the end: the transform's last hop is not reliable.
        more = (0, self.hop_length - len(y) % self.hop_length)
        padded, gaps = np.pad(np.where(missing, np.float32(0), y), more), np.pad(missing, more)
        filled = fill_gaps(
            padded, gaps, self.magnitude(padded, gaps), n_fft=self.n_fft, hop_length=self.hop_length
        )
        return np.where(missing, filled[: len(y)], y)

    def get_config(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "network": keras.saving.serialize_keras_object(self.network),
            "n_fft": self.n_fft,
            "hop_length": self.hop_length,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects=None) -> Inpainter:
        network = keras.saving.deserialize_keras_object(config["network"], custom_objects=custom_objects)
        return cls(**(config | {"network": network}))
