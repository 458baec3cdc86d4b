"""Colours and sizes that all figures share, legible on a light and on a dark page."""

from __future__ import annotations

from matplotlib.axes import Axes

from course_lib.plotting.description import DescribedFigure

# Okabe and Ito's colours, distinguishable for the colour-blind; each also has a line style or a marker.
BLUE, ORANGE = "#0072B2", "#D55E00"
SPECTROGRAM_MAP = "magma"
# Mid-grey keeps its contrast on white and on black.
INK = "#7f7f7f"


def new_figure(width: float = 8.0, height: float = 3.0) -> DescribedFigure:
    """An empty figure, inches, on a transparent ground so that the page's own colour shows through."""
    return DescribedFigure(figsize=(width, height), layout="constrained", facecolor="none")


def tidy(axes: Axes) -> Axes:
    """Ink that reads on any ground, no frame that says nothing, a faint grid."""
    axes.set_facecolor("none")
    axes.spines[["top", "right"]].set_visible(False)
    for spine in axes.spines.values():
        spine.set_color(INK)
    axes.tick_params(colors=INK, which="both")
    for text in (axes.title, axes.xaxis.label, axes.yaxis.label):
        text.set_color(INK)
    axes.grid(color=INK, alpha=0.2, linewidth=0.6)
    return axes


def legend(axes: Axes, **settings) -> None:
    """A legend without a box, in the figures' ink."""
    shown = axes.legend(frameon=False, labelcolor=INK, **settings)
    if shown.get_title() is not None:
        shown.get_title().set_color(INK)
