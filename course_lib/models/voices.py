"""What the voice of a clip adds to its numbers, found without being told who speaks, and taken away.

A clip is content plus voice. Clips are sorted into voices by what hardly depends on the word (the lowest
level of each band while the sound lasts, and its fine structure) and into contents by the rest, in turn:
each sort is made of what the other one leaves. Several such sorts from other starts are averaged.
"""

from __future__ import annotations

from collections.abc import Iterator

import keras
import numpy as np
from keras import layers

SORTS = 4
CONTENTS = 20
TURNS = 4
# Frames before the onset, which are silent; and so many at a time, against a single lucky one.
HEAD, POOL = 8, 4
# Bands of an envelope: what is finer is pitch and its harmonics.
ENVELOPE_BANDS = 2.5
VOICE_NUMBERS, CONTENT_NUMBERS = 20, 16
# Fewer clips do not tell voices from words.
LEAST_CLIPS = 200


def voice_path(content, voices: int, numbers: int):
    """Stretched loudness (batch, frames, bands) -> what the voice adds, (batch, numbers); zero at first."""
    x = layers.AveragePooling1D(POOL)(layers.Cropping1D((HEAD, 0))(content))
    lowest = layers.GlobalMaxPooling1D()(layers.Rescaling(-1.0)(x))
    heard = layers.Concatenate(name="voice")([lowest, layers.GlobalAveragePooling1D()(content)])
    kept = {"kernel_initializer": "zeros", "trainable": False}
    scores = layers.Dense(SORTS * voices, name="voice_scores", **kept)(heard)
    shares = layers.Softmax(name="voice_shares")(layers.Reshape((SORTS, voices))(scores))
    return layers.Dense(numbers, use_bias=False, name="voice_means", **kept)(layers.Flatten()(shares))


def remove_voices(model: keras.Model, features: np.ndarray, voices: int, *, seed: int = 0) -> None:
    """Set the voice path of an encoder, and the decoder's linear path to what is then left.

    Parameters
    ----------
    model : VAE or Autoencoder
        Its encoder made with so many ``voices``, after ``start_from_principal_components``.
    features : np.ndarray, shape (clips, frames, bands)
        Training clips; fewer than 200 leave the voices in.
    seed : int
        Of the sorts.
    """
    from sklearn.decomposition import PCA

    from course_lib.models.principal import flat_content

    if len(features) < LEAST_CLIPS:
        return
    encoder = model.encoder
    flat = flat_content(model, features)
    heard = _run(keras.Model(encoder.input, encoder.get_layer("voice").output), features)
    kernel, bias = encoder.get_layer("principal").get_weights()
    latents = flat @ kernel + bias
    content = PCA(CONTENT_NUMBERS, svd_solver="randomized", random_state=seed).fit_transform(flat)
    bands = heard.shape[1] // 2
    scores, means = [], []
    for shares in sort_voices(_voice_numbers(heard, bands), content, voices, seed=seed):
        weights, offsets, told = _classifier(heard, shares.argmax(axis=1), voices)
        scores.append((weights, offsets))
        means.append(_means(told, latents) / SORTS)
    encoder.get_layer("voice_scores").set_weights(
        [np.concatenate([w for w, _ in scores], axis=1), np.concatenate([b for _, b in scores])]
    )
    encoder.get_layer("voice_means").set_weights([np.concatenate(means)])
    said = _run(keras.Model(encoder.input, encoder.get_layer("said").output), features)
    centre, mean = said.mean(axis=0), flat.mean(axis=0)
    rest = said - centre
    # The best linear way back from what is left; a little ridge where clips are few.
    back = np.linalg.solve(rest.T @ rest + np.eye(rest.shape[1]), rest.T @ (flat - mean))
    model.decoder.get_layer("principal").set_weights([back, mean - centre @ back])


def sort_voices(
    voice: np.ndarray, content: np.ndarray, voices: int, *, seed: int = 0
) -> Iterator[np.ndarray]:
    """:data:`SORTS` times the share of each voice in each clip, (clips, voices); rows sum to 1.

    Parameters
    ----------
    voice, content : np.ndarray, shape (clips, any)
        Numbers that tell more of the one and more of the other.
    """
    for sort in range(SORTS):
        random_state = 1000 * seed + sort
        shares = _mixture(voice, voices, random_state, "full")
        for _ in range(TURNS):
            said = _mixture(content - shares @ _means(shares, content), CONTENTS, random_state, "tied")
            shares = _mixture(voice - said @ _means(said, voice), voices, random_state, "full")
        yield shares


def _voice_numbers(heard: np.ndarray, bands: int) -> np.ndarray:
    """Lowest levels and the fine structure of the mean spectrum, as a few numbers."""
    from scipy.ndimage import gaussian_filter1d
    from sklearn.decomposition import PCA

    lowest, mean = heard[:, :bands], heard[:, bands:]
    fine = mean - gaussian_filter1d(mean, ENVELOPE_BANDS, axis=1)
    both = np.concatenate([lowest / lowest.std(), fine / fine.std()], axis=1)
    return PCA(min(VOICE_NUMBERS, both.shape[1]), random_state=0).fit_transform(both)


def _mixture(x: np.ndarray, parts: int, seed: int, covariance: str) -> np.ndarray:
    import warnings

    from sklearn.exceptions import ConvergenceWarning
    from sklearn.mixture import GaussianMixture

    mixture = GaussianMixture(
        parts,
        covariance_type=covariance,
        random_state=seed,
        reg_covar=1e-2 * x.var(axis=0).mean(),
        max_iter=50,
    )
    with warnings.catch_warnings():
        # Fifty steps are a sort, converged or not.
        warnings.simplefilter("ignore", ConvergenceWarning)
        return mixture.fit(x).predict_proba(x)


def _classifier(heard: np.ndarray, voice: np.ndarray, voices: int):
    """(kernel, bias, shares it gives) of a softmax that tells the sorted voices from what is heard."""
    from scipy.special import softmax
    from sklearn.linear_model import LogisticRegression

    centre, spread = heard.mean(axis=0), heard.std(axis=0) + 1e-6
    kernel, bias = np.zeros((heard.shape[1], voices)), np.full(voices, -30.0)
    found = np.unique(voice)
    if len(found) == 1:
        bias[found] = 0.0
    else:
        fitted = LogisticRegression(C=0.01, max_iter=200).fit((heard - centre) / spread, voice)
        weights, offsets = fitted.coef_.T / spread[:, None], fitted.intercept_
        if len(found) == 2:
            weights, offsets = np.hstack([-weights, weights]) / 2, np.array([-1, 1]) * offsets[0] / 2
        kernel[:, found], bias[found] = weights, offsets - centre @ weights
    return kernel, bias, softmax(heard @ kernel + bias, axis=1)


def _means(shares: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Mean of ``x`` in each part, less that of all clips, (parts, numbers)."""
    return shares.T @ (x - x.mean(axis=0)) / (shares.sum(axis=0)[:, None] + 1e-9)


def _run(network: keras.Model, features: np.ndarray) -> np.ndarray:
    parts = [network(features[start : start + 256], training=False) for start in range(0, len(features), 256)]
    return np.concatenate([keras.ops.convert_to_numpy(part) for part in parts]).astype(np.float64)
