"""What went in and what came out, as pictures on one scale."""

from __future__ import annotations

import numpy as np
from bokeh.models import BasicTicker, ColorBar, ColumnDataSource, FixedTicker, LinearColorMapper
from bokeh.plotting import figure

from dashboards.components.curves import NEUTRAL, TYPE
from dashboards.components.theme import FONT, PALETTE, figure_height

RANGE_DB = 70.0
TICKS_HZ = (200, 500, 1000, 2000, 4000, 8000)


def mel_position(hz, *, sr: int, bands: int) -> np.ndarray:
    """Where a frequency in Hz lies among mel bands on Slaney's scale; band ``b`` spans [b, b + 1]."""

    def mel(f):
        f = np.asarray(f, dtype=float)
        return np.where(f < 1000, f * 3 / 200, 15 + 27 * np.log(np.maximum(f, 1e-9) / 1000) / np.log(6.4))

    return mel(hz) / mel(sr / 2) * (bands + 1) - 0.5


class SpectrogramPair:
    """Two log-mel spectrograms side by side with one dB scale, a time axis and a frequency axis.

    Attributes
    ----------
    figures : tuple of two figures
        Input, then reconstruction; axes are linked.
    """

    def __init__(self, *, sr: int = 8000, hop_length: int = 64):
        self._sr, self._hop = sr, hop_length
        self._mapper = LinearColorMapper(palette=PALETTE, low=-90.0, high=-20.0, nan_color="#00000000")
        self._sources = [ColumnDataSource({"image": [], "dw": [], "dh": []}) for _ in range(2)]
        first = self._figure(self._sources[0], "Original", left=True)
        second = self._figure(
            self._sources[1], "Reconstruction", x_range=first.x_range, y_range=first.y_range
        )
        self._bar = ColorBar(
            color_mapper=self._mapper,
            width=12,
            padding=4,
            title="dB",
            title_text_color=NEUTRAL,
            title_text_font=FONT,
            title_text_font_style="normal",
            major_label_text_color=NEUTRAL,
            major_label_text_font=FONT,
            major_label_text_font_size=TYPE[False],
            bar_line_color=None,
            major_tick_line_color=None,
            background_fill_alpha=0.0,
            ticker=BasicTicker(desired_num_ticks=4),
        )
        second.add_layout(self._bar, "right")
        self.figures = (first, second)

    def _figure(self, source, title: str, *, left: bool = False, **ranges):
        plot = figure(
            sizing_mode="stretch_width",
            **figure_height("picture", 220),
            title=title,
            # They stand side by side in what Bokeh takes for a column.
            frame_align=False,
            tools="",
            toolbar_location=None,
            x_axis_label="time (s)",
            y_axis_label="frequency (Hz)" if left else None,
            **(ranges or {"x_range": (0, 1.024), "y_range": (0, 64)}),
        )
        plot.background_fill_alpha = plot.border_fill_alpha = 0
        plot.outline_line_color = None
        plot.grid.grid_line_color = None
        plot.title.text_font = FONT
        plot.title.text_color = NEUTRAL
        plot.title.text_font_size = TYPE[False]
        for axis in plot.axis:
            axis.axis_label_text_font = axis.major_label_text_font = FONT
            axis.axis_label_text_font_size = axis.major_label_text_font_size = TYPE[False]
            axis.axis_label_text_font_style = "normal"
            axis.axis_label_text_color = axis.major_label_text_color = NEUTRAL
            axis.axis_line_color = None
            axis.minor_tick_line_color = None
            axis.major_tick_line_color = NEUTRAL
        plot.xaxis.ticker = BasicTicker(desired_num_ticks=3)
        plot.yaxis.visible = left
        plot.image("image", x=0, y=0, dw="dw", dh="dh", source=source, color_mapper=self._mapper)
        return plot

    def enlarge(self, large: bool) -> None:
        """Type for the back row, or for a desk."""
        size = TYPE[large]
        for plot in self.figures:
            plot.title.text_font_size = size
            for axis in plot.axis:
                axis.axis_label_text_font_size = axis.major_label_text_font_size = size
        self._bar.update(title_text_font_size=size, major_label_text_font_size=size)

    def show(self, original: np.ndarray | None, reconstruction: np.ndarray | None) -> None:
        """Show two spectrograms in dB, shape (frames, bands) each, one scale: the loudest input down 70 dB.

        Without an original the reconstruction stands alone, with the frequency axis and a scale of its own.

        Raises
        ------
        ValueError
            Two different shapes, or not two-dimensional.
        """
        alone = original is None and reconstruction is not None
        self.figures[0].visible = not alone
        self.figures[1].yaxis.visible = alone
        self.figures[1].yaxis.axis_label = "frequency (Hz)" if alone else None
        if alone:
            original = reconstruction
        if original is None or reconstruction is None:
            for source in self._sources:
                source.data = {"image": [], "dw": [], "dh": []}
            return
        pair = [np.asarray(picture, dtype=np.float32) for picture in (original, reconstruction)]
        if pair[0].ndim != 2 or pair[0].shape != pair[1].shape:
            raise ValueError(
                "expected two spectrograms of one shape (frames, bands); "
                f"received {pair[0].shape} and {pair[1].shape}"
            )
        frames, bands = pair[0].shape
        seconds = frames * self._hop / self._sr
        loudest = np.nanmax(np.where(np.isfinite(pair[0]), pair[0], -np.inf))
        high = float(np.ceil((loudest if np.isfinite(loudest) else 0.0) / 5) * 5)
        self._mapper.update(low=high - RANGE_DB, high=high)
        first = self.figures[0]
        if first.x_range.end != seconds or first.y_range.end != bands:
            first.x_range.end, first.y_range.end = seconds, bands
        ticks = [hz for hz in TICKS_HZ if hz <= self._sr / 2]
        places = [float(p) for p in mel_position(ticks, sr=self._sr, bands=bands)]
        for plot in self.figures:
            if list(getattr(plot.yaxis[0].ticker, "ticks", [])) != places:
                plot.yaxis.ticker = FixedTicker(ticks=places)
                plot.yaxis.major_label_overrides = {
                    place: f"{hz / 1000:g}k" if hz >= 1000 else str(hz)
                    for place, hz in zip(places, ticks, strict=True)
                }
        for source, picture in zip(self._sources, pair, strict=True):
            source.data = {"image": [np.ascontiguousarray(picture.T)], "dw": [seconds], "dh": [bands]}
