"""The usual way: what tutorials do with Keras, librosa and Matplotlib, written as well as they write it.

Nothing in the course trains or draws by these; they are what its own ways are measured against. Each does no
more than it must, and reads its data from memory.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import keras

DEPTH = 4


def conv2d_autoencoder(shape: tuple[int, int], latent_dim: int = 64, *, filters: int = 32) -> keras.Model:
    """Four strided Conv2D layers over a spectrogram as over a picture, a dense bottleneck, and their mirror.

    Parameters
    ----------
    shape : (int, int)
        Frames and bands.
    filters : int
        Of the first layer; the others have twice as many.
    """
    import keras
    from keras import layers

    step = 2**DEPTH
    padding = [(0, -size % step) for size in shape]
    widths = [filters] + [2 * filters] * (DEPTH - 1)
    inputs = keras.Input((*shape, 1))
    x = layers.ZeroPadding2D(padding)(inputs) if any(after for _, after in padding) else inputs
    for width in widths:
        x = layers.Conv2D(width, 3, strides=2, padding="same")(x)
        x = layers.BatchNormalization()(x)
        x = layers.ReLU()(x)
    small = tuple(x.shape[1:])
    x = layers.Dense(latent_dim, name="latent")(layers.Flatten()(x))
    x = layers.Reshape(small)(layers.Dense(int(np.prod(small)))(x))
    for width in reversed(widths):
        x = layers.Conv2DTranspose(width, 3, strides=2, padding="same")(x)
        x = layers.BatchNormalization()(x)
        x = layers.ReLU()(x)
    x = layers.Conv2DTranspose(1, 3, padding="same")(x)
    outputs = layers.Cropping2D(padding)(x) if any(after for _, after in padding) else x
    model = keras.Model(inputs, outputs, name="conv2d_autoencoder")
    model.compile(optimizer="adam", loss="mse")
    return model


def conv2d_autoencoder_of_size(shape: tuple[int, int], parameters: int, latent_dim: int = 64) -> keras.Model:
    """The same with as many parameters as another network, as nearly as whole filters allow."""
    # Their number is a polynomial of second degree in the filters: three small networks determine it.
    known = (2, 4, 8)
    counts = [conv2d_autoencoder(shape, latent_dim, filters=n).count_params() for n in known]
    a, b, c = np.polyfit(known, counts, 2)
    root = (-b + np.sqrt(max(0.0, b * b - 4 * a * (c - parameters)))) / (2 * a)
    return conv2d_autoencoder(shape, latent_dim, filters=max(1, round(float(root))))


def train_epoch(
    model: keras.Model, x: np.ndarray, held_out: np.ndarray, *, batch_size: int, rng: np.random.Generator
) -> float:
    """A loop over ``train_on_batch``, then the held-out loss, which it returns.

    Parameters
    ----------
    x, held_out : np.ndarray, shape (clips, frames, bands)
    """
    order = rng.permutation(len(x))
    for start in range(0, len(x), batch_size):
        batch = x[order[start : start + batch_size], ..., np.newaxis]
        model.train_on_batch(batch, batch)
    return float(model.evaluate(held_out[..., np.newaxis], held_out[..., np.newaxis], verbose=0))


def features(y: Sequence[np.ndarray], *, sr: int, n_fft: int, hop_length: int, n_mels: int) -> np.ndarray:
    """A loop over librosa: log-mel of each sound, standardised, shape (clips, frames, bands)."""
    import librosa

    pictures = []
    for clip in y:
        mel = librosa.feature.melspectrogram(y=clip, sr=sr, n_fft=n_fft, hop_length=hop_length, n_mels=n_mels)
        pictures.append(librosa.power_to_db(mel, ref=np.max).T)
    stacked = np.stack(pictures)
    return (stacked - stacked.mean()) / stacked.std()


def preview(folder: Path, powers: Sequence[np.ndarray], *, sr: int, n_fft: int, hop_length: int) -> None:
    """Mel power spectrograms, shape (bands, frames) each, as WAV files and pictures in ``folder``."""
    import librosa
    import librosa.display
    import soundfile
    from matplotlib.figure import Figure

    for i, power in enumerate(powers):
        y = librosa.feature.inverse.mel_to_audio(power, sr=sr, n_fft=n_fft, hop_length=hop_length, n_iter=32)
        soundfile.write(folder / f"{i}.wav", y, sr)
        figure = Figure(figsize=(6, 3))
        axes = figure.subplots()
        librosa.display.specshow(
            librosa.power_to_db(power, ref=np.max),
            sr=sr,
            hop_length=hop_length,
            x_axis="time",
            y_axis="mel",
            ax=axes,
        )
        figure.savefig(folder / f"{i}.png")


def redraw(history: dict[str, list[float]]) -> bytes:
    """Both losses drawn anew, as a plot that redraws itself after every epoch does; the picture as PNG."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 4))
    axes = figure.subplots()
    axes.plot(history["step"], history["loss"], label="training")
    axes.plot(history["step"], history["val_loss"], label="validation")
    axes.set(xlabel="step", ylabel="loss")
    axes.grid(True)
    axes.legend()
    figure.tight_layout()
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return buffer.getvalue()
