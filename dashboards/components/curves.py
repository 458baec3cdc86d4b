"""Loss curves that grow while a model trains."""

from __future__ import annotations

import math
from pathlib import Path
from typing import ClassVar

import param
from bokeh.models import ColumnDataSource, HoverTool, Range1d
from bokeh.plotting import figure
from panel.custom import JSComponent

from dashboards.components.theme import FONT, HELD_OUT, TOKENS, TRAIN, figure_height

HERE = Path(__file__).parent
MAX_POINTS = 1000
COLUMNS = ("step", "epoch", "seconds", "loss")
# Legible on white and on near-black: a notebook's canvas cannot know the page's colours.
NEUTRAL = "#7f8896"
TYPE = {False: "14px", True: "18px"}


# Not called a legend: the page's theme takes every component whose name ends so for one of Bokeh's.
class CurveReadout(JSComponent):
    """The two losses' present values beside their colours, and the switch for a logarithmic axis."""

    train = param.String(default="–", doc="Present training loss, as text.")
    held_out = param.String(default="–", doc="Present held-out loss, as text.")
    log = param.Boolean(default=False, doc="Logarithmic loss axis.")

    _esm = (HERE / "curves.js").read_text(encoding="utf-8")
    _stylesheets: ClassVar[list[str]] = [
        f"{TOKENS} :host {{ --train: {TRAIN}; --held: {HELD_OUT}; }}"
        + (HERE / "curves.css").read_text(encoding="utf-8")
    ]


class LossCurves:
    """Bokeh figures of a history, as large as what holds them; new rows are streamed, nothing is redrawn.

    Attributes
    ----------
    figures : dict of bool to figure
        By ``log``: the same data on a linear and on a logarithmic loss axis; see :meth:`figure`.
    train, held_out : ColumnDataSource
        Columns step, epoch, seconds, loss; at most 1,000 points each: beyond that they are thinned
        to half.
    """

    def __init__(self):
        self.train = ColumnDataSource({name: [] for name in COLUMNS})
        self.held_out = ColumnDataSource({name: [] for name in COLUMNS})
        self._x_range = Range1d(0, 10)
        self._rows: list[tuple[float, ...]] = []
        self._large = False
        self.figures = {}
        self.figure(log=False)

    def figure(self, *, log: bool):
        """The figure with this kind of loss axis, made when it is first asked for."""
        if log not in self.figures:
            self.figures[log] = self._figure(log)
        return self.figures[log]

    def _figure(self, log: bool):
        plot = figure(
            sizing_mode="stretch_width",
            **figure_height("plot", 300),
            x_range=self._x_range,
            y_axis_type="log" if log else "linear",
            x_axis_label="step",
            y_axis_label="loss (log)" if log else "loss",
            tools="",
            toolbar_location=None,
            min_border_right=12,
        )
        plot.background_fill_alpha = plot.border_fill_alpha = 0
        plot.outline_line_color = None
        plot.xgrid.grid_line_color = None
        plot.ygrid.grid_line_color = NEUTRAL
        plot.ygrid.grid_line_alpha = 0.25
        for axis in plot.axis:
            axis.axis_label_text_font = axis.major_label_text_font = FONT
            axis.axis_label_text_font_size = axis.major_label_text_font_size = TYPE[self._large]
            axis.axis_label_text_font_style = "normal"
            axis.axis_label_text_color = axis.major_label_text_color = NEUTRAL
            axis.axis_line_color = axis.major_tick_line_color = NEUTRAL
            axis.minor_tick_line_color = None
        plot.xaxis.formatter.use_scientific = False
        plot.line("step", "loss", source=self.held_out, color=HELD_OUT, line_width=3)
        dots = plot.scatter("step", "loss", source=self.held_out, color=HELD_OUT, size=6)
        train = plot.line("step", "loss", source=self.train, color=TRAIN, line_width=2.5)
        for name, renderers in (("training", [train]), ("held-out", [dots])):
            plot.add_tools(
                HoverTool(
                    renderers=renderers,
                    tooltips=[(name, "@loss{0.0000}"), ("step", "@step{0,0}"), ("epoch", "@epoch{0}")],
                    mode="vline" if name == "training" else "mouse",
                )
            )
        return plot

    def update(self, history: dict[str, list[float]]) -> bool:
        """Show ``history`` (columns of equal length); True when something changed on the screen.

        Rows that were there stay; when the past itself changed (a run was resumed from a checkpoint), all
        is replaced.
        """
        rows = _rows(history)
        known = len(self._rows)
        if rows == self._rows:
            return False
        fresh = rows[known:] if rows[:known] == self._rows else None
        self._rows = rows
        if fresh is None or len(self.train.data["loss"]) + len(fresh) > MAX_POINTS:
            stride = max(1, math.ceil(len(rows) / (MAX_POINTS // 2)))
            self.train.data = _columns(_thinned(_of(rows, 3), stride))
            self.held_out.data = _columns(_thinned(_of(rows, 4), stride))
        else:
            for source, column in ((self.train, 3), (self.held_out, 4)):
                if new := _of(fresh, column):
                    source.stream(_columns(new))
        last = rows[-1][0] if rows else 0
        if last > 0.96 * self._x_range.end or last < 0.4 * self._x_range.end:
            # In strides, so that the axis does not crawl with every row.
            self._x_range.end = max(10, last * 1.25)
        return True

    def enlarge(self, large: bool) -> None:
        """Type for the back row, or for a desk."""
        self._large = large
        for plot in self.figures.values():
            for axis in plot.axis:
                axis.axis_label_text_font_size = axis.major_label_text_font_size = TYPE[large]

    @property
    def last(self) -> tuple[float | None, float | None]:
        """The newest training and held-out loss."""
        train, held_out = _of(self._rows, 3), _of(self._rows, 4)
        return (train[-1][3] if train else None), (held_out[-1][3] if held_out else None)


def _rows(history: dict[str, list[float]]) -> list[tuple[float | None, ...]]:
    names = ("step", "epoch", "seconds", "loss", "val_loss")
    length = min((len(history[name]) for name in ("step", "loss") if name in history), default=0)
    if "loss" not in history or "step" not in history:
        return []
    columns = [[_finite(v) for v in history.get(name, [])[:length]] for name in names]
    columns = [column + [None] * (length - len(column)) for column in columns]
    return [row for row in zip(*columns, strict=True) if row[0] is not None]


def _finite(value) -> float | None:
    # None compares equal to itself, which NaN does not, and JSON knows it.
    return float(value) if value is not None and math.isfinite(value) else None


def _of(rows, column: int) -> list[tuple[float | None, ...]]:
    return [(*row[:3], row[column]) for row in rows if row[column] is not None]


def _thinned(rows, stride: int):
    kept = rows[::stride]
    return kept if not rows or kept[-1] is rows[-1] else [*kept, rows[-1]]


def _columns(rows) -> dict[str, list[float]]:
    return {name: [row[i] for row in rows] for i, name in enumerate(COLUMNS)}
