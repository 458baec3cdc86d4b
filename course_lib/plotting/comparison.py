"""The scoreboard as bars."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from matplotlib.figure import Figure

from course_lib.plotting.description import describe
from course_lib.plotting.style import BLUE, INK, ORANGE, new_figure, tidy

METRICS = {
    "stoi": ("STOI", "higher is better", "{:.3f}"),
    "pesq_nb": ("PESQ-NB (MOS)", "higher is better", "{:.2f}"),
    "log_mel_l1": ("log-mel L1 (nepers)", "lower is better", "{:.3f}"),
    "mae_features": ("feature MAE (standardised)", "lower is better", "{:.3f}"),
    "agreement": ("agreement with the judge", "higher is better", "{:.2f}"),
    "is": ("inception score", "higher is better", "{:.1f}"),
    "mis": ("modified inception score", "higher is better", "{:.0f}"),
    "am": ("AM score (nats)", "lower is better", "{:.2f}"),
    "frechet": ("Fréchet distance", "lower is better", "{:.3g}"),
    "ndb": ("bins that differ (share)", "lower is better", "{:.2f}"),
    "precision": ("precision", "higher is better", "{:.2f}"),
    "recall": ("recall", "higher is better", "{:.2f}"),
    "density": ("density", "higher is better", "{:.2f}"),
    "coverage": ("coverage", "higher is better", "{:.2f}"),
}


def comparison(
    result: Mapping[str, Any],
    *,
    metrics: tuple[str, ...] = ("stoi", "pesq_nb"),
    names: Mapping[str, str] | None = None,
    title: str = "Reconstruction of held-out digits",
) -> Figure:
    """Bars for the rows of a scoreboard, such as :func:`course_lib.evaluation.reconstruction.evaluate`'s.

    Parameters
    ----------
    result : mapping
        With ``rows``; the order of the rows is the order of the bars.
    metrics : tuple of str
        One panel each: ``METRICS`` names them, reconstruction's and generation's.
    names : mapping of str to str, optional
        Rows' names for people; by default "PCA 64" for ``pca_64`` and so on.

    Raises
    ------
    ValueError
        No rows or an unknown metric.
    """
    rows = result["rows"]
    unknown = sorted(set(metrics) - set(METRICS))
    if unknown or not metrics or not rows:
        raise ValueError(f"expected rows and metrics of {', '.join(METRICS)}; received {unknown or 'none'}")
    labels = [(names or {}).get(row) or _name(row) for row in rows]
    figure = new_figure(1.6 + 3.4 * len(metrics), 0.9 + 0.42 * len(rows))
    sentences = []
    for axes, metric in zip(
        figure.subplots(1, len(metrics), sharey=True, squeeze=False)[0], metrics, strict=True
    ):
        label, direction, number = METRICS[metric]
        tidy(axes).grid(False, axis="y")
        values = [row[metric] for row in rows.values()]
        errors = [row.get(f"{metric}_se") or 0.0 for row in rows.values()]
        for place, (name, value, error) in enumerate(zip(rows, values, errors, strict=True)):
            ours = name == "model"
            axes.barh(
                place,
                value or 0.0,
                xerr=error or None,
                color=ORANGE if ours else BLUE,
                hatch="//" if ours else None,
                edgecolor="none" if not ours else "white",
                ecolor=INK,
                height=0.7,
            )
            text = "n/a" if value is None else number.format(value)
            axes.annotate(
                text,
                ((value or 0.0) + error, place),
                (4, 0),
                textcoords="offset points",
                va="center",
                color=INK,
            )
        longest = max((value or 0.0) + error for value, error in zip(values, errors, strict=True))
        axes.set(xlabel=f"{label}, {direction}", xlim=(0, 1.22 * longest or 1))
        axes.set_yticks(range(len(rows)), labels)
        listed = ", ".join(
            f"{name} {'n/a' if value is None else number.format(value)}"
            for name, value in zip(labels, values, strict=True)
        )
        sentences.append(f"{label} ({direction}): {listed}")
    axes.invert_yaxis()
    figure.suptitle(title, color=INK)
    return describe(figure, f"{title}. {'; '.join(sentences)}.")


def _name(row: str) -> str:
    names = {"ceiling": "representation (ceiling)", "mean": "mean clip", "real": "real clips"}
    return names.get(row, row.replace("pca_", "PCA "))
