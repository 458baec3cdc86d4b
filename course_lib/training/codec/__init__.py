"""A codec on an autoencoder: latents quantised, arithmetically coded, in a small file, and back.

:func:`encode` makes a file of a sound of up to a minute, :func:`decode` a sound of a file, :func:`info` says
what a file says of itself; for many sounds, ``Codec.open(run)`` loads the model once. The file's format is
that of :mod:`course_lib.training.codec.latent_file`.
"""

from course_lib.training.codec.codec import Codec
from course_lib.training.codec.errors import CodecError
from course_lib.training.codec.kmeans import KMeansQuantiser
from course_lib.training.codec.latent_file import Header, read_header
from course_lib.training.codec.quantiser import Quantiser
from course_lib.training.codec.uniform import UniformQuantiser
from course_lib.training.codec.verbs import decode, encode, info

__all__ = [
    "Codec",
    "CodecError",
    "Header",
    "KMeansQuantiser",
    "Quantiser",
    "UniformQuantiser",
    "decode",
    "encode",
    "info",
    "read_header",
]
