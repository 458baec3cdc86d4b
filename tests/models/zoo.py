"""Every layer, model and loss of the course, small: what all backends must compute alike.

A new one joins by one line of ``ZOO``, ``"name": Exhibit(how to make it, inputs)``; a test fails until it has
(``test_across_backends.py``). Any number of entries may show the same class in other settings. For a loss the
first word of the name is the function's.

``python -m tests.models.zoo FILE.npz`` writes weights, outputs and gradients of all on the backend at hand.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from course_lib.layers.apply_mask import ApplyMask
from course_lib.layers.bent_magnitude import BentMagnitude
from course_lib.layers.beside import Beside
from course_lib.layers.compressed_magnitude import CompressedMagnitude
from course_lib.layers.conditioning import FiLM
from course_lib.layers.corruption import Corruption
from course_lib.layers.loudness import Loudness
from course_lib.layers.minibatch_deviation import MinibatchDeviation
from course_lib.layers.part import Part
from course_lib.layers.random_change import RandomChange
from course_lib.layers.sampling import Sampling
from course_lib.layers.silence import Silence
from course_lib.layers.sound_end import SoundEnd
from course_lib.layers.spectral_conv1d import SpectralConv1D
from course_lib.layers.stretch import Stretch
from course_lib.layers.take_phase import TakePhase
from course_lib.losses import (
    adversarial,
    contraction,
    divergence,
    feature_matching,
    likelihood,
    masking,
    reconstruction,
    separation,
    sparsity,
)
from course_lib.models import aligned, gan_networks, networks, note_networks
from course_lib.models.autoencoder import Autoencoder
from course_lib.models.cell_prior import cell_prior
from course_lib.models.conditional import ConditionalSeparator
from course_lib.models.conditional_vae import ConditionalVAE, condition_prior
from course_lib.models.contractive import ContractiveAutoencoder
from course_lib.models.denoising import Denoiser
from course_lib.models.enhancement import Enhancer
from course_lib.models.enhancement_networks import enhancement_critic, enhancement_network
from course_lib.models.gan import GAN
from course_lib.models.inpainting import Inpainter
from course_lib.models.inpainting_network import inpainting_network
from course_lib.models.judge_network import judge_network
from course_lib.models.masking import masking_network
from course_lib.models.recurrent_masking import recurrent_masking_network
from course_lib.models.sparse import SparseAutoencoder
from course_lib.models.vae import VAE
from tests.gradients import gradients


@dataclass(frozen=True)
class Exhibit:
    """Something that computes the same wherever it runs.

    Attributes
    ----------
    make : callable
        () -> a Keras layer or model, or a pure function.
    inputs : tuple
        What it is called with; arrays, or lists and dicts of them.
    call : callable
        ``(made, *inputs) -> tensors``: another way to call it, where its own draws random numbers.
    """

    make: Callable[[], Any]
    inputs: tuple
    call: Callable[..., Any] = lambda made, *inputs: made(*inputs)


RNG = np.random.default_rng(0)
SHAPE = (32, 8)
CLIPS, OTHERS = RNG.uniform(-2, 3, (2, 4, *SHAPE)).astype(np.float32)
# Between two frames: at one, interpolation has two slopes.
ENDS = np.array([[31.4], [20.7], [11.3], [3.0]], np.float32)
VECTORS, CONDITIONS = RNG.standard_normal((2, 4, 6)).astype(np.float32)
CLASSES = np.array([0, 3, 1, 2], np.int32)
ONE_HOT = np.eye(6, dtype=np.float32)[CLASSES]
# 9 bins: real parts, then imaginary parts.
SPECTRA, OTHER_SPECTRA = RNG.standard_normal((2, 4, 16, 18)).astype(np.float32)
# Shares of frames that are lost; of some nothing is.
LOST = np.maximum(np.random.default_rng(1).uniform(-1, 1, (4, 16, 1)), 0).astype(np.float32)
SIGNALS, OTHER_SIGNALS = RNG.standard_normal((2, 4, 200)).astype(np.float32)
SCORES, OTHER_SCORES = RNG.standard_normal((2, 8, 1)).astype(np.float32)
TRANSFORM = {"n_fft": 16, "hop_length": 4}


def _autoencoder(encoder, decoder, **settings) -> Autoencoder:
    return Autoencoder(encoder(SHAPE, 4, **settings), decoder(SHAPE, 4, **settings))


def _one_layer(kind: type, **settings) -> keras.Model:
    """One sigmoid layer, and its kernel transposed."""
    return kind(
        networks.dense_encoder(SHAPE, 4, depth=0, activation="sigmoid"),
        networks.dense_decoder(SHAPE, 4, depth=0, tied=True),
        **settings,
    )


def _masking(**settings) -> keras.Model:
    return masking_network(9, width=8, inner=4, dilations=(1, 2), **settings)


def _recurrent(**settings) -> Denoiser:
    network = recurrent_masking_network(9, width=6, latent_dim=4, **settings)
    return Denoiser(network, stride=4, **TRANSFORM)


def _enhancer() -> Enhancer:
    network = enhancement_network(9, width=8, inner=4, dilations=(1, 2))
    return Enhancer(network, enhancement_critic(9, width=4, depth=2), **TRANSFORM)


def _inpainter() -> Inpainter:
    return Inpainter(inpainting_network(9, width=8, inner=4, dilations=(1, 2)), **TRANSFORM)


def _vae() -> VAE:
    return VAE(
        networks.conv1d_encoder(SHAPE, 8, width=8, depth=2),
        networks.conv1d_decoder(SHAPE, 4, width=8, depth=2),
    )


def _conditional_vae() -> ConditionalVAE:
    return ConditionalVAE(
        networks.dense_encoder(SHAPE, 8, width=8),
        networks.dense_decoder(SHAPE, 4, width=8),
        condition_prior(6, 4, width=8),
    )


def _aligned_vae(**settings) -> VAE:
    return VAE(
        aligned.aligned_encoder(SHAPE, 4, width=8, spread=True, **settings),
        aligned.aligned_decoder(SHAPE, 4, width=8, pool=2),
    )


def _vae_of_notes() -> ConditionalVAE:
    return ConditionalVAE(
        note_networks.note_encoder(SHAPE, 8, width=8),
        note_networks.note_decoder(SHAPE, 4, 6, width=8),
        condition_prior(6, 4, width=8),
    )


def _told_without_chance(made: ConditionalVAE, clips, condition):
    mean, _ = made.posterior(clips)
    return made.decoder([mean, condition]), *made.split(made.prior(condition))


def _without_chance(made: ConditionalVAE, clips, condition):
    mean, _ = made.posterior(clips)
    return made.decoder(mean), *made.split(made.prior(condition))


def _gan(classes: int | None = None) -> GAN:
    return GAN(
        gan_networks.conv1d_generator(SHAPE, 6, width=8, depth=2, classes=classes),
        gan_networks.conv1d_critic(SHAPE, width=8, depth=2, classes=classes),
        augment=RandomChange(),
    )


def _critic(classes: int | None = None) -> keras.Model:
    return gan_networks.conv1d_critic(SHAPE, width=8, depth=2, classes=classes)


LAYERS = {
    "loudness": Exhibit(Loudness, (CLIPS,)),
    "loudness and back": Exhibit(lambda: Loudness(inverse=True), (CLIPS,)),
    "sound end": Exhibit(lambda: SoundEnd(threshold=0.8), (CLIPS,)),
    "stretch": Exhibit(lambda: Stretch(24, head=4), ([CLIPS, ENDS],)),
    "stretch and back": Exhibit(lambda: Stretch(40, head=4, inverse=True), ([CLIPS, ENDS],)),
    "part": Exhibit(lambda: Part(1, 4), (VECTORS,)),
    "apply mask": Exhibit(ApplyMask, ([SPECTRA, OTHER_SPECTRA],)),
    "compressed magnitude": Exhibit(CompressedMagnitude, (SPECTRA,)),
    "bent magnitude": Exhibit(BentMagnitude, (SPECTRA,)),
    "take phase": Exhibit(TakePhase, ([SPECTRA, np.abs(OTHER_SPECTRA[..., :9])],)),
    "corruption, at rest": Exhibit(lambda: Corruption("masking", 0.3), (CLIPS,)),
    "silence": Exhibit(Silence, (CLIPS - 99,)),
    "beside": Exhibit(Beside, ([CLIPS, CONDITIONS],)),
    "film": Exhibit(lambda: FiLM(seed=0), ([CLIPS, CONDITIONS],)),
    "minibatch deviation": Exhibit(lambda: MinibatchDeviation(2), (CLIPS,)),
    "random change, at rest": Exhibit(RandomChange, (CLIPS,)),
    # No noise is left of a variance this small.
    "sampling": Exhibit(lambda: Sampling(), ([VECTORS, np.full_like(VECTORS, -60.0)],)),
    "spectral convolution": Exhibit(lambda: SpectralConv1D(5, 3, strides=2, activation="gelu"), (CLIPS,)),
}
MODELS = {
    "autoencoder, dense": Exhibit(
        lambda: _autoencoder(networks.dense_encoder, networks.dense_decoder, width=16), (CLIPS,)
    ),
    "autoencoder, conv1d": Exhibit(
        lambda: _autoencoder(networks.conv1d_encoder, networks.conv1d_decoder, width=8), (CLIPS,)
    ),
    "autoencoder, conv2d": Exhibit(
        lambda: _autoencoder(networks.conv2d_encoder, networks.conv2d_decoder, width=4), (CLIPS,)
    ),
    "autoencoder, lstm": Exhibit(
        lambda: _autoencoder(networks.lstm_encoder, networks.lstm_decoder, width=6), (CLIPS,)
    ),
    "autoencoder, tied and sparse": Exhibit(lambda: _one_layer(SparseAutoencoder, weight=0.1), (CLIPS,)),
    "autoencoder, contractive": Exhibit(
        lambda: _one_layer(ContractiveAutoencoder, method="closed_form"), (CLIPS,)
    ),
    "autoencoder, contractive, scaled": Exhibit(
        lambda: ContractiveAutoencoder(
            networks.sigmoid_encoder(SHAPE, 4), networks.sigmoid_decoder(SHAPE, 4), method="closed_form"
        ),
        (CLIPS,),
    ),
    "autoencoder, aligned": Exhibit(
        lambda: _autoencoder(aligned.aligned_encoder, aligned.aligned_decoder, width=8), (CLIPS,)
    ),
    "denoiser": Exhibit(lambda: Denoiser(_masking(), **TRANSFORM), (SPECTRA,)),
    "denoiser, recurrent": Exhibit(_recurrent, (SPECTRA,)),
    "denoiser, recurrent, of features": Exhibit(
        lambda: _recurrent(predicts="features", corruption=Corruption("dropped_frames", 0.2, fill=0.0)),
        (SPECTRA,),
    ),
    "enhancer": Exhibit(_enhancer, (SPECTRA,)),
    "enhancer, critic": Exhibit(lambda: enhancement_critic(9, width=4, depth=2), ([SPECTRA, OTHER_SPECTRA],)),
    "inpainter": Exhibit(
        _inpainter,
        ({"interpolated": SPECTRA[..., :9], "damaged": OTHER_SPECTRA[..., :9], "lost": LOST},),
    ),
    "conditional separator": Exhibit(
        lambda: ConditionalSeparator(_masking(classes=6), **TRANSFORM),
        ({"spectrum": SPECTRA, "condition": ONE_HOT},),
    ),
    "conditional separator, concatenating": Exhibit(
        lambda: ConditionalSeparator(_masking(classes=6, fusion="concatenate"), **TRANSFORM),
        ({"spectrum": SPECTRA, "condition": ONE_HOT},),
    ),
    "gan": Exhibit(_gan, (VECTORS,)),
    "gan, conditional": Exhibit(lambda: _gan(6), ([VECTORS, CLASSES],)),
    "gan, critic": Exhibit(_critic, (CLIPS,)),
    "gan, conditional critic": Exhibit(lambda: _critic(6), ([CLIPS, CLASSES],)),
    "vae": Exhibit(_vae, (CLIPS,), lambda made, clips: made.decoder(made.posterior(clips)[0])),
    "vae, aligned": Exhibit(
        _aligned_vae, (CLIPS,), lambda made, clips: made.decoder(made.posterior(clips)[0])
    ),
    "vae, aligned, without voices": Exhibit(
        lambda: _aligned_vae(voices=3, exponent=0.33),
        (CLIPS,),
        lambda made, clips: made.decoder(made.posterior(clips)[0]),
    ),
    "cell prior": Exhibit(lambda: cell_prior((2, 4), 3), (ONE_HOT,)),
    "vae, conditional": Exhibit(_conditional_vae, (CLIPS, ONE_HOT), _without_chance),
    "vae, of notes": Exhibit(_vae_of_notes, (CLIPS, ONE_HOT), _told_without_chance),
    "judge": Exhibit(lambda: judge_network(SHAPE, width=8, depth=1, features=6), (CLIPS,)),
}
LOSSES = {
    "mean_absolute": Exhibit(lambda: reconstruction.mean_absolute, (CLIPS, OTHERS)),
    "mean_squared": Exhibit(lambda: reconstruction.mean_squared, (CLIPS, OTHERS)),
    "loudness_error": Exhibit(
        lambda: lambda *x: reconstruction.loudness_error(*x, floor=CLIPS.min((0, 1)), gain=0.7),
        (CLIPS, OTHERS),
    ),
    "negative_snr": Exhibit(lambda: separation.negative_snr, (SIGNALS, OTHER_SIGNALS)),
    "negative_si_sdr": Exhibit(lambda: separation.negative_si_sdr, (SIGNALS, OTHER_SIGNALS)),
    "masking_loss": Exhibit(lambda: masking.masking_loss, (SPECTRA, OTHER_SPECTRA)),
    "denoising_loss": Exhibit(lambda: masking.denoising_loss, (SPECTRA, OTHER_SPECTRA)),
    "sigmoid_contraction": Exhibit(lambda: contraction.sigmoid_contraction, (VECTORS, CONDITIONS)),
    "estimated_contraction": Exhibit(
        lambda: lambda *x: contraction.estimated_contraction(*x, 0.5), (VECTORS, CONDITIONS)
    ),
    "mean_activity": Exhibit(lambda: sparsity.mean_activity, (VECTORS,)),
    "kl_to_standard_normal": Exhibit(lambda: divergence.kl_to_standard_normal, (VECTORS, CONDITIONS)),
    "kl_of_gaussians": Exhibit(lambda: divergence.kl_of_gaussians, (VECTORS, CONDITIONS, ONE_HOT, VECTORS)),
    "free_bits": Exhibit(lambda: lambda kl: divergence.free_bits(kl, 0.1), (VECTORS,)),
    "gaussian_surprise": Exhibit(lambda: likelihood.gaussian_surprise, (CLIPS, OTHERS, CLIPS[0, 0] / 5)),
    "feature_matching": Exhibit(
        lambda: lambda *x: feature_matching.feature_matching(x[:2], x[2:]),
        (CLIPS, VECTORS, OTHERS, CONDITIONS),
    ),
    "compressed_error": Exhibit(lambda: separation.compressed_error, (SPECTRA, OTHER_SPECTRA)),
}
for _name in adversarial.LOSSES:
    _pair = adversarial.adversarial_loss(_name)
    LOSSES[f"adversarial_loss {_name}, critic"] = Exhibit(
        lambda pair=_pair: lambda *x: pair.critic(*x, 0.1), (SCORES, OTHER_SCORES)
    )
    LOSSES[f"adversarial_loss {_name}, generator"] = Exhibit(lambda pair=_pair: pair.generator, (SCORES,))
ZOO: dict[str, Exhibit] = LAYERS | MODELS | LOSSES


def outputs(exhibit: Exhibit, made: Any) -> list[np.ndarray]:
    """What ``made``, of ``exhibit.make()``, gives for the exhibit's inputs: its arrays, in a fixed order."""
    given = keras.tree.map_structure(keras.ops.convert_to_tensor, exhibit.inputs)
    return [
        np.asarray(keras.ops.convert_to_numpy(part))
        for part in keras.tree.flatten(exhibit.call(made, *given))
    ]


def slopes(exhibit: Exhibit, made: Any) -> list[np.ndarray]:
    """Gradients of a fixed mixture of all its outputs, by its trainable weights, then by its inputs."""

    def mixture(*arrays):
        given = keras.tree.pack_sequence_as(exhibit.inputs, arrays)
        parts = keras.tree.flatten(exhibit.call(made, *given))
        rng = np.random.default_rng(2)
        mixed = [
            keras.ops.multiply(part, rng.standard_normal(part.shape).astype(np.float32)) for part in parts
        ]
        return keras.ops.concatenate([keras.ops.reshape(part, (-1,)) for part in mixed])

    return gradients(mixture, getattr(made, "trainable_weights", []), keras.tree.flatten(exhibit.inputs))


def weights(made: Any) -> list:
    """Its weights; none of a function."""
    return list(getattr(made, "weights", []))


def stir(made: Any) -> None:
    """Move every weight: where a network starts at zero, a difference would not show."""
    rng = np.random.default_rng(1)
    for weight in weights(made):
        value = keras.ops.convert_to_numpy(weight)
        weight.assign(value + 0.1 * rng.standard_normal(value.shape).astype(value.dtype))


def main(path: str) -> None:
    """Write ``NAME/weight/0``, ``NAME/output/0``, ``NAME/slope/0`` and so on of every exhibit to a file."""
    arrays = {}
    for name, exhibit in ZOO.items():
        made = exhibit.make()
        # A layer has its weights after the first call.
        outputs(exhibit, made)
        stir(made)
        kept = {
            "weight": [keras.ops.convert_to_numpy(weight) for weight in weights(made)],
            "output": outputs(exhibit, made),
            "slope": slopes(exhibit, made),
        }
        for kind, values in kept.items():
            arrays |= {f"{name}/{kind}/{number}": value for number, value in enumerate(values)}
    np.savez(path, **arrays)


if __name__ == "__main__":
    main(sys.argv[1])
