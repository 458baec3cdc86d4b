"""Sound to a few hundred bits a second, and back."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from course_lib.audio.representation import Representation
from course_lib.training.codec.codebooks import BITS, codebooks
from course_lib.training.codec.errors import CodecError
from course_lib.training.codec.latent_file import Content, Header, pack, read_header, rounded, unpack
from course_lib.training.codec.latents import check_model, latents_of
from course_lib.training.codec.quantiser import Quantiser
from course_lib.training.passage import MAX_SECONDS, Passage, analyse, synthesise

if TYPE_CHECKING:
    import keras

    from course_lib.training.run_folder import Run


class Codec:
    """An autoencoder, its representation and its codebooks.

    Parameters
    ----------
    model : keras.Model
        Has ``encode`` and ``decode``; of a variational one, the means are coded.
    representation : Representation
        The one the model was trained in.
    quantiser : Quantiser
        Fitted to latents of the model.
    fingerprint : str
        Eight hexadecimal digits that files carry, so that no other codec decodes them.
    name : str
        Of the run, for messages.
    """

    def __init__(
        self,
        model: keras.Model | Any,
        representation: Representation,
        quantiser: Quantiser,
        fingerprint: str,
        name: str = "this model",
    ):
        self.model = model
        self.representation = representation
        self.quantiser = quantiser
        self.fingerprint = fingerprint
        self.name = name

    @classmethod
    def open(
        cls,
        run: Run,
        *,
        kind: str = "uniform",
        bits: float = BITS,
        model: keras.Model | None = None,
        on_fit: Callable[[str], Any] = lambda message: None,
    ) -> Codec:
        """The codec of a run; its codebooks are fitted at the first use.

        Parameters
        ----------
        kind : "uniform" or "kmeans"
        bits : float
            Bits a latent number, in the mean; 0.25 to 8.
        model : keras.Model, optional
            That of the run, where it is loaded already.
        on_fit : callable
            Told when codebooks have to be fitted.

        Raises
        ------
        CodecError
            A model without latents or with a condition, an unknown kind, or bits out of range.
        RunError
            The run has no model, or another edition of its data set.
        """
        if model is None:
            from course_lib.training.quiet import quiet_stderr

            with quiet_stderr():
                model = run.load_model()
        check_model(model, run.name)
        quantiser, fingerprint = codebooks(run, model, kind=kind, bits=bits, on_fit=on_fit)
        return cls(model, run.representation(), quantiser, fingerprint, run.name)

    def encode(self, y: np.ndarray) -> bytes:
        """The file of ``y``, shape (samples,), at the representation's rate; up to 60 s.

        Raises
        ------
        AudioError
            As :func:`course_lib.training.passage.analyse`.
        """
        return self.encode_passage(analyse(y, self.representation))

    def encode_passage(self, passage: Passage) -> bytes:
        """The file of a recording whose words are known already."""
        latents = np.empty((0, self.quantiser.latent_dim), np.float32)
        if len(passage.features):
            latents = latents_of(self.model, passage.features)
        symbols = self.quantiser.quantise(latents)
        content = Content(
            passage.samples, self.representation.sr, passage.segments, rounded(passage.gains), symbols
        )
        return pack(content, self.quantiser, self.fingerprint, frames=self.representation.shape[0])

    def decode(self, data: bytes) -> np.ndarray:
        """The sound of a file, shape (samples,), float32.

        Raises
        ------
        CodecError
            Not such a file, a damaged one, or one of another run or other codebooks.
        """
        return synthesise(self.decode_passage(data), self.representation)

    def decode_passage(self, data: bytes) -> Passage:
        """What a file holds: places, levels, and the features that the decoder makes of its latents."""
        header = read_header(data)
        self._check(header)
        content = unpack(data, self.quantiser, frames=self.representation.shape[0])
        features = np.empty((0, *self.representation.shape), np.float32)
        if len(content.symbols):
            features = self.model.decode(self.quantiser.restore(content.symbols))
        return Passage(content.samples, content.segments, content.gains, features)

    def _check(self, header: Header) -> None:
        if header.fingerprint != self.fingerprint:
            raise CodecError(
                "the file was made with another model or other codebooks: its fingerprint is "
                f"{header.fingerprint}, that of {self.name} {self.fingerprint}; name the run that encoded it "
                "by --run, and bring its whole folder"
            )
        if header.sr != self.representation.sr or header.seconds > MAX_SECONDS:
            raise CodecError(
                f"the file holds {header.seconds:.1f} s at {header.sr} Hz; expected {MAX_SECONDS:.0f} s at "
                f"most, at {self.representation.sr} Hz: it is damaged"
            )
