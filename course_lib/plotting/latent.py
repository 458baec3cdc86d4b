"""Latents as a map."""

from __future__ import annotations

import matplotlib
import numpy as np
from matplotlib.figure import Figure

from course_lib.plotting.description import describe
from course_lib.plotting.style import legend, new_figure, tidy

MARKERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def latent(z: np.ndarray, label: np.ndarray, *, title: str = "Latent space", of: str = "digit") -> Figure:
    """A scatter of two latent numbers a clip, each point drawn as its digit or as a letter for its speaker.

    Parameters
    ----------
    z : np.ndarray, shape (clips, 2)
        Coordinates: two of the latent's numbers, or their projection by PCA.
    label : np.ndarray, shape (clips,)
        Digits (drawn as themselves) or names (drawn as letters, explained in a legend).
    of : str
        What the labels are, for the legend: "digit" or "speaker".

    Raises
    ------
    ValueError
        Shapes that do not fit, NaN, or more than 52 names.
    """
    z, label = np.asarray(z, np.float64), np.asarray(label)
    if z.ndim != 2 or z.shape[1] != 2 or label.shape != (len(z),) or not len(z):
        raise ValueError(
            f"expected z of shape (clips, 2) and one label a clip; received {z.shape} and {label.shape}"
        )
    if not np.isfinite(z).all():
        raise ValueError("z holds NaN or infinite values: the training has diverged")
    names = np.unique(label)
    digits = np.issubdtype(label.dtype, np.integer) and names.min() >= 0 and names.max() <= 9
    if not digits and len(names) > len(MARKERS):
        raise ValueError(f"can tell at most {len(MARKERS)} labels apart; received {len(names)}: choose some")
    figure = new_figure(6.6, 5)
    axes = tidy(figure.subplots())
    # The ends of the map vanish on a black and on a white page; the sign tells labels apart, not the colour.
    colours = matplotlib.colormaps["viridis"](np.linspace(0.25, 0.8, len(names)))
    for place, name in enumerate(names):
        sign = str(name) if digits else MARKERS[place]
        chosen = z[label == name]
        axes.scatter(
            *chosen.T, marker=f"${sign}$", s=55, color=[colours[place]], linewidths=0.3, label=str(name)
        )
    axes.set(title=title, xlabel="first coordinate (no unit)", ylabel="second coordinate (no unit)")
    if not digits:
        legend(
            axes, title=of, ncols=1 + len(names) // 14, loc="center left", bbox_to_anchor=(1, 0.5), fontsize=8
        )
    return describe(figure, f"{title}: {len(z)} clips on a plane, {_in_words(z, label, names, of)}")


def _in_words(z: np.ndarray, label: np.ndarray, names: np.ndarray, of: str) -> str:
    centres = np.array([z[label == name].mean(axis=0) for name in names])
    within = np.sqrt(
        np.mean([np.square(z[label == n] - c).sum(1).mean() for n, c in zip(names, centres, strict=True)])
    )
    if len(names) < 2:
        return f"all of {of} {names[0]}."
    between = np.linalg.norm(centres[:, None] - centres[None], axis=-1)
    between[np.diag_indices(len(names))] = np.inf
    a, b = np.unravel_index(between.argmin(), between.shape)
    return (
        f"drawn by {of} ({len(names)} of them). Nearest centres: {names[a]} and {names[b]}, "
        f"{between[a, b]:.2g} apart; the spread within one {of} is {within:.2g}."
    )
