"""A frozen classifier of spoken digits that judges what a model generates."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from course_lib.audio.representation import from_config

if TYPE_CHECKING:
    import keras

    from course_lib.audio.representation import Representation

SHIPPED = Path(__file__).with_name("shipped")
BATCH = 256
# Twice the bound below which prepare refuses a recording: its offset removed in single precision.
SILENT_PEAK = 2e-6


class Judge:
    """Which digit is spoken in a clip, and 64 numbers that describe it.

    Every clip is prepared as a recording is (:func:`course_lib.data.clips.prepare`): offset removed, trimmed,
    speech at -22 dB re full scale, onset at 64 ms. Generated clips may therefore come raw, at any level and
    wherever they begin. A silent clip stays silent.

    Parameters
    ----------
    network : keras.Model
        (batch, frames, bands) -> [features (batch, n), logits (batch, classes)].
    representation : Representation
        What turns clips into the network's input; its scaling is fixed.
    classes : sequence of int
        What the columns of the probabilities stand for.
    temperature : float
        Divides the logits: the one under which the digits of voices that training left out are likeliest.
    card : dict, optional
        What was measured of it, on which data, by which command and versions.

    Raises
    ------
    ValueError
        The three do not fit together.
    """

    def __init__(
        self,
        network: keras.Model,
        representation: Representation,
        *,
        classes: Sequence[int] = tuple(range(10)),
        temperature: float = 1.0,
        card: dict[str, Any] | None = None,
    ):
        reads, gives = tuple(network.input_shape[1:]), network.output_shape
        if reads != representation.shape or len(gives) != 2 or gives[1][-1] != len(classes):
            raise ValueError(
                f"expected a network from {representation.shape} to features and {len(classes)} logits; "
                f"this one goes from {reads} to {gives}"
            )
        if not temperature > 0:
            raise ValueError(f"temperature must be above 0; received {temperature}")
        self.network = network
        self.representation = representation
        self.classes = tuple(classes)
        self.temperature = float(temperature)
        self.card = dict(card or {})

    @classmethod
    def shipped(cls) -> Judge:
        """The judge that comes with the course; :attr:`card` says what it can do.

        Raises
        ------
        ValueError
            The weights are not those that the card was measured with.
        """
        return cls.load(SHIPPED)

    @classmethod
    def load(cls, folder: Path) -> Judge:
        """``judge.json`` and ``judge.npz`` of a folder; the hash in the first must fit the second."""
        from course_lib.models.judge_network import judge_network

        card = json.loads((Path(folder) / "judge.json").read_text(encoding="utf-8"))
        data = (Path(folder) / "judge.npz").read_bytes()
        if hashlib.sha256(data).hexdigest() != card["weights_sha256"]:
            raise ValueError(
                "judge.npz is not the file that judge.json was written with (another SHA-256): its accuracy "
                "is unknown; install the course again, or build it: course judge build"
            )
        representation = from_config(card["representation"])
        network = judge_network(representation.shape, len(card["classes"]), **card["network"])
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            network.set_weights([arrays[name].astype(np.float32) for name in sorted(arrays.files)])
        return cls(
            network, representation, classes=card["classes"], temperature=card["temperature"], card=card
        )

    def probabilities(self, y: np.ndarray) -> np.ndarray:
        """Clips, shape (clips, n_samples), 8 kHz -> (clips, classes), float32; rows sum to 1."""
        return self.listen(y)[1]

    def features(self, y: np.ndarray) -> np.ndarray:
        """Clips, shape (clips, n_samples), 8 kHz -> the layer before the logits, (clips, 64), float32."""
        return self.listen(y)[0]

    def listen(self, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Features and probabilities of clips in one pass: see :meth:`features`, :meth:`probabilities`.

        Raises
        ------
        ValueError
            Not (clips, n_samples), NaN or infinite.
        """
        heard = prepared(y, n_samples=self.representation.n_samples, sr=self.representation.sr)
        return answers(self.network, self.representation.encode(heard), temperature=self.temperature)


def answers(
    network: keras.Model, inputs: np.ndarray, *, temperature: float = 1.0
) -> tuple[np.ndarray, np.ndarray]:
    """Features (clips, n) and probabilities (clips, classes) that a judge's network gives for its inputs."""
    from keras import ops

    # Empty arrays first: no clip is no error.
    features, probabilities = ([np.empty((0, shape[-1]), np.float32)] for shape in network.output_shape)
    for start in range(0, len(inputs), BATCH):
        last, logits = network(inputs[start : start + BATCH], training=False)
        features.append(ops.convert_to_numpy(last))
        probabilities.append(ops.convert_to_numpy(ops.softmax(logits / temperature, axis=-1)))
    return np.concatenate(features), np.concatenate(probabilities)


def prepared(y: np.ndarray, *, n_samples: int = 8192, sr: int = 8000) -> np.ndarray:
    """Clips, shape (clips, n_samples), as the judge hears them: trimmed, levelled, aligned.

    Raises
    ------
    ValueError
        Another shape, no floats, NaN or infinite samples.
    """
    from course_lib.data.clips import prepare

    y = np.asarray(y)
    if y.ndim != 2 or y.shape[1] != n_samples or not np.issubdtype(y.dtype, np.floating):
        raise ValueError(f"expected floats of shape (clips, {n_samples}); received {y.dtype} {y.shape}")
    if not np.isfinite(y).all():
        raise ValueError("clips hold NaN or infinite samples: the model that made them has diverged")
    heard = np.zeros(y.shape, np.float32)
    for row, clip in enumerate(y.astype(np.float32)):
        # The bound of prepare, which refuses silence; a generator may well be silent.
        if np.abs(clip - clip.mean(dtype=np.float64)).max() > SILENT_PEAK:
            heard[row], _ = prepare(clip, n_samples, sr=sr)
    return heard
