"""The ladder, and the spectrograms of the rung that is chosen on it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import panel as pn

from course_lib.training.preview import Preview
from dashboards.components.audio_player import data_uri
from dashboards.components.ladder import TITLES, Ladder
from dashboards.components.spectrogram import SpectrogramPair
from dashboards.state import sentences

WAITING = "The first sounds arrive a moment after the training has started."
NEVER = "This run ended before its first sounds were made."
DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


class Rungs:
    """What a run sounded like so far: fills a :class:`Ladder` and draws the rung that is chosen.

    Parameters
    ----------
    lock : RLock
        Held while the ladder changes: choices come from a browser, rungs from the reader of the run.
    on_pictures : callable
        Called when the spectrograms have changed.

    Attributes
    ----------
    ladder : Ladder
    spectrograms : SpectrogramPair
    panes : list of pn.pane.Bokeh
        The spectrograms, to be arranged.
    """

    def __init__(self, *, lock: threading.RLock, on_pictures: Callable[[], None]):
        self._lock = lock
        self._on_pictures = on_pictures
        self._rungs: dict[int, Preview] = {}
        self._sounds: dict[Path, str] = {}
        self._arranging = False
        self.ladder = Ladder(empty_text=WAITING, sizing_mode="stretch_width", margin=(0, 0, 12, 0))
        self.spectrograms = SpectrogramPair()
        self.panes = [
            pn.pane.Bokeh(plot, sizing_mode="stretch_width", margin=0) for plot in self.spectrograms.figures
        ]
        self.ladder.param.watch(self._choose_clip, "clip")
        self.ladder.param.watch(self._choose_rung, ["step", "follow"])

    def update(self, previews: Sequence[Preview], *, ended: bool = False) -> None:
        """Show these rungs; ``ended`` says that no more will come."""
        if ended and not previews:
            self.ladder.empty_text = NEVER
        rungs = {preview.step: preview for preview in previews}
        if rungs.keys() != self._rungs.keys():
            self._rungs = rungs
            self._show_ladder()

    def _show_ladder(self) -> None:
        if not self._rungs:
            self.ladder.param.update(clips=[], rungs=[], step=-1, original="", ceiling="")
            self._show_pictures()
            return
        newest = self._rungs[max(self._rungs)]
        clips = _clip_names(newest.clips)
        clip = min(self.ladder.clip, max(0, len(clips) - 1))
        step = self.ladder.step
        if self.ladder.follow or step not in self._rungs:
            step = newest.step
        rungs = []
        for preview in sorted(self._rungs.values(), key=lambda preview: preview.step):
            if clip >= len(preview.clips):
                continue
            entry = preview.clips[clip]
            error = entry.get("error")
            known = error is not None and np.isfinite(error)
            far = f", error {error:.3f}" if known else ""
            rungs.append(
                {
                    "step": preview.step,
                    "label": sentences.rung(preview.step),
                    "short": _short(preview.step),
                    "title": f"{sentences.rung(preview.step).capitalize()}{far}: click to hear",
                    "error": float(error) if known else 0.0,
                    "sound": self._sound(preview, entry, "output"),
                }
            )
        entry = newest.clips[clip] if newest.clips else {}
        self._arranging = True
        try:
            self.ladder.param.update(
                clips=clips,
                clip=clip,
                rungs=rungs,
                step=step,
                who=str(entry.get("speaker") or ""),
                titles=dict(newest.titles) or TITLES,
                original=self._sound(newest, entry, "input"),
                ceiling=self._sound(newest, entry, "ceiling"),
            )
        finally:
            self._arranging = False
        self._show_pictures()

    def _sound(self, preview, entry, which: str) -> str:
        name = entry.get(which)
        if not name:
            return ""
        path = preview.folder / name
        if path not in self._sounds:
            try:
                self._sounds[path] = data_uri(path.read_bytes())
            except (OSError, ValueError):
                # A rung without its sound is a greyed-out player, not a broken page.
                return ""
        return self._sounds[path]

    def _show_pictures(self) -> None:
        preview = self._rungs.get(self.ladder.step)
        original = reconstruction = None
        if preview is not None and self.ladder.clip < len(preview.clips):
            name = preview.clips[self.ladder.clip].get("spectrogram")
            try:
                with np.load(preview.folder / name, allow_pickle=False) as pictures:
                    reconstruction = pictures["output"]
                    original = pictures.get("input")
            except (OSError, ValueError, KeyError, TypeError):
                original = reconstruction = None
        self.spectrograms.show(original, reconstruction)
        titles = self.ladder.titles
        title = titles["output"]
        if preview is not None:
            title += f", {sentences.rung(preview.step)}"
        self.spectrograms.figures[0].title.text = titles.get("input", "")
        self.spectrograms.figures[1].title.text = title
        self.panes[0].visible = bool(titles.get("input"))
        self._on_pictures()

    def _choose_clip(self, event) -> None:
        with self._lock:
            if not self._arranging:
                self._show_ladder()

    def _choose_rung(self, *events) -> None:
        with self._lock:
            if self._arranging:
                return
            if self.ladder.follow and self._rungs and any(event.name == "follow" for event in events):
                self.ladder.step = max(self._rungs)
            self._show_pictures()


def _clip_names(entries) -> list[str]:
    """What is said in each clip; who says it is added where the same is said twice."""
    words = [_word(entry) for entry in entries]
    return [
        word
        if words.count(word) == 1
        else " · ".join(str(part) for part in (word, entry.get("speaker")) if part)
        for word, entry in zip(words, entries, strict=True)
    ]


def _word(entry) -> str:
    if entry.get("word"):
        return str(entry["word"])
    label = entry.get("label")
    if isinstance(label, int) and 0 <= label < len(DIGITS):
        return DIGITS[label]
    return str(entry.get("name") or "clip")


def _short(step: int) -> str:
    if step >= 1000:
        return f"{step / 1000:g}k" if step % 100 == 0 else f"{step / 1000:.1f}k"
    return str(step)
