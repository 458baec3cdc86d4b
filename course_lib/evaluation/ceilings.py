"""What a model must beat, and what it cannot: linear baselines over the same features."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def pca_reconstructions(train_features, test_features, n_components: Sequence[int]) -> dict[int, np.ndarray]:
    """Test clips rebuilt from their first k principal components, for several k and one fit.

    The best *linear* autoencoder for the training clips in squared error (H. Bourlard, Y. Kamp,
    "Auto-association by multilayer perceptrons and singular value decomposition", Biological Cybernetics
    59, 1988), with exact, repeatable singular vectors.

    Parameters
    ----------
    train_features : np.ndarray, shape (clips, frames, bands)
        Only these are fitted.
    test_features : np.ndarray, shape (clips, frames, bands)
        Clips to rebuild.
    n_components : sequence of int
        Numbers kept a clip, each from 1 to the smaller of training clips and frames * bands.

    Returns
    -------
    dict of int to np.ndarray, shape (clips, frames, bands), float32
    """
    from sklearn.decomposition import PCA

    train, test = _same_clips(train_features, test_features)
    most = min(len(train), int(np.prod(train.shape[1:])))
    bad = [k for k in n_components if not 1 <= k <= most]
    if bad or not n_components:
        raise ValueError(f"n_components must lie between 1 and {most} here; received {list(n_components)}")
    flat = test.reshape(len(test), -1)
    # Both solvers are exact and repeatable; for a few components of many ARPACK takes a quarter of the time.
    solver = {"svd_solver": "arpack", "random_state": 0} if 4 * max(n_components) < most else {}
    pca = PCA(max(n_components), **({"svd_solver": "full"} | solver)).fit(train.reshape(len(train), -1))
    scores = pca.transform(flat)
    # Components are nested: the best k are the first k of the best 2 k.
    rebuilt = {k: scores[:, :k] @ pca.components_[:k] + pca.mean_ for k in n_components}
    return {k: value.reshape(test.shape).astype(np.float32) for k, value in rebuilt.items()}


def pca_reconstruction(train_features, test_features, n_components: int) -> np.ndarray:
    """Test clips rebuilt from ``n_components`` principal components: see :func:`pca_reconstructions`."""
    return pca_reconstructions(train_features, test_features, [n_components])[n_components]


def mean_reconstruction(train_features, test_features) -> np.ndarray:
    """The mean of the training clips for every test clip, shape (clips, frames, bands): zero numbers kept."""
    train, test = _same_clips(train_features, test_features)
    mean = train.mean(axis=0, dtype=np.float64).astype(np.float32)
    return np.broadcast_to(mean, test.shape).copy()


def _same_clips(train, test) -> tuple[np.ndarray, np.ndarray]:
    train, test = np.asarray(train, np.float32), np.asarray(test, np.float32)
    if train.ndim != 3 or 0 in train.shape or train.shape[1:] != test.shape[1:] or test.ndim != 3:
        raise ValueError(
            "expected training and test features of shape (clips, frames, bands), frames and bands equal; "
            f"received {train.shape} and {test.shape}"
        )
    for name, values in (("training", train), ("test", test)):
        if not np.isfinite(values).all():
            raise ValueError(f"the {name} features hold NaN or infinite values")
    return train, test
