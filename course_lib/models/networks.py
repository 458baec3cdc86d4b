"""Encoders and decoders to inject into a model: plain functional Keras networks, a file for each kind.

A clip is (frames, bands); every ``<kind>_encoder(shape, latent_dim, width=..., seed=...)`` gives
(batch, latent_dim), and the decoder of the same kind goes back. The sigmoid pair has no width.
"""

from __future__ import annotations

from course_lib.models.conv1d_networks import conv1d_decoder, conv1d_encoder
from course_lib.models.conv2d_networks import conv2d_decoder, conv2d_encoder
from course_lib.models.dense_networks import dense_decoder, dense_encoder
from course_lib.models.lstm_networks import lstm_decoder, lstm_encoder
from course_lib.models.network_parts import Seeds, check_sizes
from course_lib.models.sigmoid_networks import sigmoid_decoder, sigmoid_encoder

__all__ = [
    "Seeds",
    "check_sizes",
    "conv1d_decoder",
    "conv1d_encoder",
    "conv2d_decoder",
    "conv2d_encoder",
    "dense_decoder",
    "dense_encoder",
    "lstm_decoder",
    "lstm_encoder",
    "sigmoid_decoder",
    "sigmoid_encoder",
]
