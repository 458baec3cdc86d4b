"""Sliders on any function that makes a sound: turn, see, hear."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from course_lib.audio.files import wav_bytes
from course_lib.teaching.knobs import _bundle
from course_lib.teaching.player import match_level, spectrogram_png

# A picture need not have more frames or bands than it has pixels; fewer are made faster.
MOST_PIXELS = 320


class SoundKnobs:
    """One slider for each setting of ``make``; every move redraws the picture and plays the sound.

    Parameters
    ----------
    make : callable
        Takes the settings by name; returns the sound, shape (samples,), its picture, shape (frames, bins) in
        dB, and a sentence for the caption.
    settings : mapping of str to sequence
        What each slider may be set to; it starts at the first, or where ``start`` says.
    start : mapping of str to a value, optional
        Where sliders start.
    sr : int
        Sampling rate of the sound in Hz.

    Raises
    ------
    ValueError
        No setting, one with nothing to choose, or a start that cannot be chosen.
    """

    def __init__(
        self,
        make: Callable[..., tuple[np.ndarray, np.ndarray, str]],
        settings: Mapping[str, Sequence[Any]],
        *,
        start: Mapping[str, Any] | None = None,
        sr: int = 8000,
    ):
        import ipywidgets

        if not settings or not all(len(options) for options in settings.values()):
            raise ValueError("expected at least one setting, each with something to choose")
        for name, value in (start or {}).items():
            if value not in settings.get(name, ()):
                raise ValueError(f"{name} cannot start at {value!r}: expected one of {settings.get(name)}")
        self.make, self.sr, self.milliseconds = make, sr, 0.0
        style = {"description_width": "9em"}
        self.sliders = {
            name: ipywidgets.SelectionSlider(
                options=[(str(option), option) for option in options],
                value=(start or {}).get(name, options[0]),
                description=name.replace("_", " "),
                continuous_update=False,
                style=style,
                layout=ipywidgets.Layout(width="26em"),
            )
            for name, options in settings.items()
        }
        self.image = ipywidgets.Image(format="png", layout=ipywidgets.Layout(width="340px", height="170px"))
        self.audio = ipywidgets.Audio(format="wav", autoplay=False, loop=False, controls=True)
        self.caption = ipywidgets.HTML()
        for slider in self.sliders.values():
            slider.observe(lambda _: self.update(), names="value")
        self.update(play=False)

    @property
    def settings(self) -> dict[str, Any]:
        """Where the sliders stand."""
        return {name: slider.value for name, slider in self.sliders.items()}

    def update(self, *, play: bool = True) -> None:
        """Make the sound where the sliders stand."""
        start = time.perf_counter()
        y, picture, caption = self.make(**self.settings)
        frames, bins = (max(1, -(-size // MOST_PIXELS)) for size in picture.shape)
        self.image.value = spectrogram_png(picture[::frames, ::bins])
        self.audio.autoplay = play
        self.audio.value = wav_bytes(match_level(y, sr=self.sr), sr=self.sr)
        self.milliseconds = 1000 * (time.perf_counter() - start)
        self.caption.value = (
            f"<small>{caption} &nbsp; <span style='opacity:.7'>made in {self.milliseconds:.0f} ms</span><br>"
            f"Spectrogram: time to the right, frequency upwards (to {self.sr / 2000:g} kHz), brighter is "
            "louder.</small>"
        )

    @property
    def widget(self) -> Any:
        """Sliders beside picture and player."""
        import ipywidgets

        side = ipywidgets.VBox([self.image, self.audio, self.caption])
        controls = ipywidgets.VBox(list(self.sliders.values()))
        return ipywidgets.HBox([controls, side], layout=ipywidgets.Layout(flex_flow="row wrap"))

    def __repr__(self) -> str:
        return f"Knobs: {', '.join(self.sliders)} (needs widgets)"

    def _repr_mimebundle_(self, **keywords: Any) -> Any:
        return _bundle(self.widget, repr(self), keywords)
