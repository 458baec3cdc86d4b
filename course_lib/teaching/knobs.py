"""Sliders and a map on a learner's own model: turn, click, hear.

ipywidgets only, so that they live in any notebook front end; the picture and the sound are made in this
kernel and sent as bytes.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from course_lib.audio.files import wav_bytes
from course_lib.teaching.player import match_level, spectrogram_png

DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
# Ten colours that stay apart for most colour-blind eyes; the map also writes each digit out.
COLOURS = (
    "#4477aa",
    "#ee6677",
    "#228833",
    "#aa3377",
    "#66ccee",
    "#b8860b",
    "#332288",
    "#cc3311",
    "#009988",
    "#777777",
)


# The map's tiles: fine enough to walk, few enough to draw at once.
COLUMNS, ROWS = 16, 12


class Sounding:
    """A picture and a player that show what a decoder makes of a latent."""

    def __init__(self, decode: Callable[[np.ndarray], np.ndarray], representation: Any):
        import ipywidgets

        self.decode, self.representation = decode, representation
        self.image = ipywidgets.Image(format="png", layout=ipywidgets.Layout(width="320px", height="160px"))
        self.audio = ipywidgets.Audio(format="wav", autoplay=False, loop=False, controls=True)
        self.caption = ipywidgets.HTML()
        self.milliseconds = 0.0

    def show(self, latent: np.ndarray, caption: str = "", *, play: bool = True) -> np.ndarray:
        """Decode one latent, shape (latent_dim,); returns the sound, shape (samples,)."""
        start = time.perf_counter()
        features = self.decode(np.asarray(latent, np.float32)[None])[0]
        picture = 20 * np.log10(np.maximum(self.representation.magnitude(features), 1e-4))
        y = match_level(self.representation.decode(features), sr=self.representation.sr)
        self.image.value = spectrogram_png(picture)
        self.audio.autoplay = play
        self.audio.value = wav_bytes(y, sr=self.representation.sr)
        self.milliseconds = 1000 * (time.perf_counter() - start)
        self.caption.value = (
            f"<small>{caption} &nbsp; <span style='opacity:.7'>made in {self.milliseconds:.0f} ms</span><br>"
            "Spectrogram: time to the right (1 s), frequency upwards (to 4 kHz), brighter is louder.</small>"
        )
        return y

    @property
    def box(self) -> Any:
        """Picture, player and caption, one above the other."""
        import ipywidgets

        return ipywidgets.VBox([self.image, self.audio, self.caption])


class Knobs:
    """Sliders along the directions in which a model's latents spread most, from a clip of your choice.

    Parameters
    ----------
    model : Autoencoder
        Anything with ``encode`` and ``decode``.
    features : np.ndarray, shape (clips, frames, bands)
        Clips to start from; their latents give the directions.
    labels : np.ndarray, shape (clips,), int
        The digit of each.
    """

    def __init__(
        self, model: Any, features: np.ndarray, labels: np.ndarray, representation: Any, *, count: int = 6
    ):
        import ipywidgets

        self.latents = model.encode(features)
        self.labels = np.asarray(labels)
        count = min(count, self.latents.shape[1])
        centred = self.latents - self.latents.mean(axis=0)
        _, spread, directions = np.linalg.svd(centred, full_matrices=False)
        # One unit of a slider is one standard deviation of the clips along its direction.
        self.directions = (directions[:count].T * spread[:count] / np.sqrt(len(centred))).T
        self.sounding = Sounding(model.decode, representation)
        self.sliders = [
            ipywidgets.FloatSlider(
                value=0, min=-3, max=3, step=0.1, description=f"direction {i + 1}", continuous_update=False
            )
            for i in range(count)
        ]
        self.start = ipywidgets.Dropdown(
            options=[(name, i) for i, name in enumerate(DIGITS)], description="start from"
        )
        self.reset = ipywidgets.Button(description="all knobs to 0", icon="undo")
        for slider in self.sliders:
            slider.observe(lambda _: self.update(), names="value")
        self.start.observe(lambda _: self.update(), names="value")
        self.reset.on_click(lambda _: self._reset())
        self._quiet = False
        self.update(play=False)

    @property
    def latent(self) -> np.ndarray:
        """The point that the knobs stand at, shape (latent_dim,)."""
        clips = np.flatnonzero(self.labels == self.start.value)
        base = self.latents[clips[0] if len(clips) else 0]
        return base + np.array([slider.value for slider in self.sliders], np.float32) @ self.directions

    def update(self, *, play: bool = True) -> None:
        """Decode where the knobs stand."""
        if not self._quiet:
            moved = ", ".join(f"{s.value:+.1f}" for s in self.sliders)
            self.sounding.show(self.latent, f"{DIGITS[self.start.value]}, moved by [{moved}]", play=play)

    def _reset(self) -> None:
        self._quiet = True
        for slider in self.sliders:
            slider.value = 0
        self._quiet = False
        self.update()

    @property
    def widget(self) -> Any:
        """Everything in one box."""
        import ipywidgets

        controls = ipywidgets.VBox([self.start, *self.sliders, self.reset])
        return ipywidgets.HBox([controls, self.sounding.box], layout=ipywidgets.Layout(flex_flow="row wrap"))

    def __repr__(self) -> str:
        return (
            f"Knobs along {len(self.sliders)} directions of {self.latents.shape[1]} numbers (needs widgets)"
        )

    def _repr_mimebundle_(self, **keywords: Any) -> Any:
        return _bundle(self.widget, repr(self), keywords)


class LatentMap:
    """The plane of two numbers as tiles; click one, also where no clip lies, and hear its middle.

    Parameters
    ----------
    model : Autoencoder
        With a latent of two numbers.
    """

    def __init__(self, model: Any, features: np.ndarray, labels: np.ndarray, representation: Any):
        import ipywidgets

        self.latents = model.encode(features)
        if self.latents.shape[1] != 2:
            raise ValueError(f"the map needs a model with 2 numbers; this one has {self.latents.shape[1]}")
        self.labels = np.asarray(labels)
        self.sounding = Sounding(model.decode, representation)
        low, high = np.percentile(self.latents, [0.5, 99.5], axis=0)
        margin = 0.1 * (high - low)
        self.low, self.high = low - margin, high + margin
        self.sliders = [
            ipywidgets.FloatSlider(
                value=float(np.median(self.latents[:, i])),
                min=float(self.low[i]),
                max=float(self.high[i]),
                step=float((self.high[i] - self.low[i]) / 200),
                description=("across", "up")[i],
                continuous_update=False,
                readout_format=".2f",
            )
            for i in range(2)
        ]
        self._quiet = False
        for slider in self.sliders:
            slider.observe(lambda _: self.update(), names="value")
        self.tiles = self._tiles()
        self.update(play=False)

    @property
    def point(self) -> np.ndarray:
        """The spot that sounds, shape (2,)."""
        return np.array([slider.value for slider in self.sliders], np.float32)

    def move(self, x: float, y: float) -> None:
        """Go to a spot and play it; spots outside the map are moved to its edge."""
        self._quiet = True
        for slider, value in zip(self.sliders, (x, y), strict=True):
            slider.value = float(np.clip(value, slider.min, slider.max))
        self._quiet = False
        self.update()

    def update(self, *, play: bool = True) -> None:
        """Decode the spot; the caption names the digits of the five nearest clips."""
        if self._quiet:
            return
        point = self.point
        near = np.argsort(((self.latents - point) ** 2 / self.latents.var(axis=0)).sum(axis=1))[:5]
        names = ", ".join(DIGITS[label] for label in self.labels[near])
        self.sounding.show(point, f"at ({point[0]:.2f}, {point[1]:.2f}); nearest clips: {names}", play=play)

    def _tiles(self) -> list[Any]:
        """One button a tile, top row first: coloured and named by the clips that lie on or nearest to it."""
        import ipywidgets

        size = (self.high - self.low) / (COLUMNS, ROWS)
        column, row = np.clip(((self.latents - self.low) / size).astype(int), 0, (COLUMNS - 1, ROWS - 1)).T
        layout = ipywidgets.Layout(width="30px", height="30px", margin="0", padding="0")
        tiles = []
        for r in reversed(range(ROWS)):
            for c in range(COLUMNS):
                centre = self.low + size * (c + 0.5, r + 0.5)
                inside = self.labels[(column == c) & (row == r)]
                nearest = self.labels[(((self.latents - centre) / size) ** 2).sum(axis=1).argmin()]
                digit = int(np.bincount(inside).argmax()) if len(inside) else int(nearest)
                tile = ipywidgets.Button(
                    description=str(digit) if len(inside) else "",
                    tooltip=f"{len(inside)} clips here, mostly {DIGITS[digit]}"
                    if len(inside)
                    else f"no clip here; the nearest is {DIGITS[digit]}",
                    layout=layout,
                )
                # Two more hexadecimal digits are the opacity: land without clips is pale.
                tile.style.button_color = COLOURS[digit] + ("cc" if len(inside) else "30")
                tile.style.text_color = "#ffffff"
                tile.style.font_weight = "bold"
                tile.on_click(lambda _, x=centre[0], y=centre[1]: self.move(float(x), float(y)))
                tiles.append(tile)
        return tiles

    @property
    def widget(self) -> Any:
        """Everything in one box."""
        import ipywidgets

        grid = ipywidgets.GridBox(
            self.tiles,
            layout=ipywidgets.Layout(
                grid_template_columns=f"repeat({COLUMNS}, 32px)",
                grid_template_rows=f"repeat({ROWS}, 32px)",
            ),
        )
        caption = ipywidgets.HTML(
            "<small>First number to the right, second upwards. A figure: the digit of most clips on that "
            "tile; pale: no clip lies there.</small>"
        )
        map_box = ipywidgets.VBox([grid, caption], layout=ipywidgets.Layout(margin="0 16px 0 0"))
        side = ipywidgets.VBox([self.sounding.box, *self.sliders])
        return ipywidgets.HBox([map_box, side], layout=ipywidgets.Layout(flex_flow="row wrap"))

    def __repr__(self) -> str:
        return f"A map of {len(self.latents):,} clips by two numbers (needs widgets)"

    def _repr_mimebundle_(self, **keywords: Any) -> Any:
        return _bundle(self.widget, repr(self), keywords)


def _bundle(widget: Any, text: str, keywords: dict[str, Any]) -> Any:
    """A widget's display data with our own plain text beside it."""
    bundle = widget._repr_mimebundle_(**keywords)
    data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
    return {**(data or {}), "text/plain": text}, metadata
