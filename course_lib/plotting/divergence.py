"""How many nats each latent of a variational autoencoder carries."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from course_lib.plotting.description import describe
from course_lib.plotting.style import BLUE, INK, new_figure, tidy


def divergence(kl: np.ndarray, active: np.ndarray, *, title: str = "What each latent carries") -> Figure:
    """Bars of the KL per latent, the largest first; those that say nothing are hollow.

    Parameters
    ----------
    kl : np.ndarray, shape (latent_dim,)
        Nats, from :func:`course_lib.evaluation.latent.kl_per_dimension`.
    active : np.ndarray, shape (latent_dim,), bool
        From :func:`course_lib.evaluation.latent.active_units`.

    Raises
    ------
    ValueError
        Shapes that do not fit, NaN, or no latent.
    """
    kl, active = np.asarray(kl, np.float64), np.asarray(active, bool)
    if kl.ndim != 1 or not len(kl) or active.shape != kl.shape:
        raise ValueError(
            f"expected one KL and one flag a latent, both of shape (latent_dim,); received {kl.shape} and "
            f"{active.shape}"
        )
    if not np.isfinite(kl).all():
        raise ValueError("the KL holds NaN or infinite values: the training has diverged")
    order = np.argsort(-kl, kind="stable")
    figure = new_figure(min(3 + 0.16 * len(kl), 12), 3)
    axes = tidy(figure.subplots())
    axes.grid(False, axis="x")
    for used, look in ((True, {"color": BLUE}), (False, {"color": "none", "edgecolor": INK, "hatch": "//"})):
        at = np.flatnonzero(active[order] == used)
        axes.bar(at, kl[order][at], width=0.8, **look)
    if len(kl) <= 40:
        axes.set_xticks(range(len(kl)), [str(index) for index in order], fontsize=8)
    axes.set(
        title=title, xlabel="latent, the most informative first", ylabel="KL (nats)", xlim=(-0.7, len(kl))
    )
    idle = f"{int((~active).sum())} of them hatched, which say nothing" if not active.all() else "all in use"
    return describe(
        figure,
        f"{title}: {len(kl)} latents, {idle}. {kl.sum():.3g} nats in all; the largest, latent {order[0]}, "
        f"has {kl.max():.2g}, the smallest {kl.min():.2g}.",
    )
