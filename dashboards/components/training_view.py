"""A training run to watch and to hear: in the studio and in a notebook."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable
from pathlib import Path

import numpy as np
import panel as pn

from dashboards.components.audio_player import data_uri
from dashboards.components.curves import CurveReadout, LossCurves
from dashboards.components.hand_over import later
from dashboards.components.ladder import TITLES, Ladder
from dashboards.components.notebook_frame import frame_html
from dashboards.components.run_header import RunHeader
from dashboards.components.spectrogram import SpectrogramPair
from dashboards.components.theme import CARD, grid
from dashboards.state import sentences
from dashboards.state.run_hub import HUB, RunHub, RunSnapshot

WAITING = "The first sounds arrive a moment after the training has started."
# Two columns at most, one where there is no room for two.
SIDE_BY_SIDE = "repeat(auto-fit, minmax(min(100%, max(190px, 34%)), 1fr))"
DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
# Curves beside sounds where there is room: a projector shows both without scrolling.
BESIDE = """
@container (min-width: 860px) {
  :host { grid-template-columns: minmax(0, 5fr) minmax(0, 7fr); }
  ::slotted(.wide), .wide { grid-column: 1 / -1; }
}
"""


class TrainingView:
    """Live curves, spectrograms and playable rungs of one run, with pause, resume and stop.

    It only reads the run folder, and writes only the command that a button asks for. Any number of views,
    in any number of browsers and kernels, may watch one run.

    Parameters
    ----------
    run : Run
        From ``RunStore().open(name)``, or what ``start_training`` gave.
    hub : RunHub, optional
        The reader to share; by default the process's own.
    restart : callable, optional
        Called with the run to resume it when its process has ended; by default it gets a new one.

    In a notebook end a cell with ``TrainingView(run)``: it shows itself in a frame that a thread of the
    kernel serves, so curves grow and buttons work even while another cell keeps the kernel busy. A page of
    Panel's takes :meth:`panel`.
    """

    def __init__(self, run, *, hub: RunHub | None = None, restart: Callable[[object], object] | None = None):
        self.run = run
        self._restart = restart or _start_again
        self._hub = hub or HUB
        self._subscription = None
        self._document = None
        self._lock = threading.RLock()
        self._pending: RunSnapshot | None = None
        self._scheduled = False
        self._config: dict = {}
        self._rungs: dict[int, object] = {}
        self._sounds: dict[Path, str] = {}
        self._arranging = False
        self._layout = None
        self.error: str | None = None

        fill = {"sizing_mode": "stretch_width", "margin": 0}
        self.header = RunHeader(title=run.name, on_command=self.command, **fill)
        self.readout = CurveReadout(sizing_mode="stretch_width", margin=(0, 0, 10, 0))
        self.curves = LossCurves()
        self.ladder = Ladder(empty_text=WAITING, sizing_mode="stretch_width", margin=(0, 0, 12, 0))
        self.spectrograms = SpectrogramPair()
        self._plot = _pane(self.curves.figure(log=False))
        self._pictures = [_pane(plot) for plot in self.spectrograms.figures]
        self.readout.param.watch(self._choose_axis, "log")
        self.ladder.param.watch(self._choose_clip, "clip")
        self.ladder.param.watch(self._choose_rung, ["step", "follow"])

    # -- what others call ------------------------------------------------------------------------------

    def panel(self) -> pn.viewable.Viewable:
        """The view, made once and live from now on until :meth:`close`."""
        if self._layout is None:
            self._layout = self._arrange()
            self._document = pn.state.curdoc
            # The hub must not keep a view alive that nobody shows any more.
            self._subscription = self._hub.subscribe(self.run, _weakly(self))
        return self._layout

    def _repr_html_(self) -> str:
        return frame_html(self.run)

    def enlarge(self, large: bool) -> None:
        """Figures in larger type; the rest follows the page's type by itself."""
        self.curves.enlarge(large)
        self.spectrograms.enlarge(large)

    def close(self) -> None:
        """Stop updating; what is on the screen stays."""
        if self._subscription is not None:
            self._subscription.close()
            self._subscription = None

    def command(self, command: str) -> None:
        """Ask the run to ``"pause"``, ``"resume"`` or ``"stop"``; a refusal is shown, not raised."""
        try:
            if command == "resume" and self.run.status().resumable:
                self._restart(self.run)
            else:
                self.run.request(command)
            self.error = None
        except (OSError, ValueError) as error:
            self.error = f"{command} did not work: {error}"
            self.header.advice = self.error
        self._hub.hurry()

    # -- arranging -------------------------------------------------------------------------------------

    def _arrange(self) -> pn.viewable.Viewable:
        fill = {"sizing_mode": "stretch_width", "margin": 0}

        def card(*children, **params):
            return pn.Column(*children, stylesheets=[CARD], **fill, **params)

        pictures = pn.Column(*self._pictures, stylesheets=[grid(SIDE_BY_SIDE, ".4rem")], **fill)
        cards = pn.Column(
            card(self.header, css_classes=["wide"]),
            card(self.readout, self._plot),
            card(self.ladder, pictures),
            stylesheets=[grid() + BESIDE],
            **fill,
        )
        return pn.Column(
            cards,
            stylesheets=[":host { container-type: inline-size; min-width: 0; }"],
            **fill,
        )

    # -- from the hub's thread to the screen ------------------------------------------------------------

    def _receive(self, snapshot: RunSnapshot) -> None:
        """Called in the reader's thread: hand the newest snapshot to the session that shows it."""
        document = self._document
        if document is None or document.session_context is None:
            with self._lock:
                self._apply(snapshot)
                pn.io.push_notebook(self._plot, *self._pictures)
            return
        with self._lock:
            self._pending = snapshot
            if self._scheduled:
                return
            self._scheduled = True
        if not later(document, self._apply_pending):
            self.close()

    def _apply_pending(self) -> None:
        with self._lock:
            snapshot, self._pending, self._scheduled = self._pending, None, False
        if snapshot is not None and self._subscription is not None:
            self._apply(snapshot)

    def _apply(self, snapshot: RunSnapshot) -> None:
        self._config = snapshot.config
        status = snapshot.status
        self.header.param.update(**header_words(snapshot, error=self.error))
        if self.curves.update(snapshot.history):
            train, held_out = self.curves.last
            self.readout.param.update(train=_number(train), held_out=_number(held_out))
        if status.get("state") in ("failed", "stopped", "done") and not snapshot.previews:
            self.ladder.empty_text = "This run ended before its first sounds were made."
        rungs = {preview.step: preview for preview in snapshot.previews}
        if rungs.keys() != self._rungs.keys():
            self._rungs = rungs
            self._show_ladder()

    # -- the ladder --------------------------------------------------------------------------------------

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
        self._pictures[0].visible = bool(titles.get("input"))
        if self._document is None or self._document.session_context is None:
            pn.io.push_notebook(*self._pictures)

    def _choose_axis(self, event) -> None:
        self._plot.object = self.curves.figure(log=event.new)

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


def header_words(snapshot: RunSnapshot, *, error: str | None = None) -> dict:
    """Parameters of a :class:`RunHeader` for a snapshot."""
    status, config = snapshot.status, snapshot.config
    state = status.get("state", "")
    data = config.get("dataset") or {}
    about = [
        str(config.get("preset", "")).replace("_", " "),
        data.get("name", ""),
        f"held out: {_names(data['holdout'])}" if data.get("holdout") else "",
        f"seed {config['seed']}" if "seed" in config else "",
    ]
    share = sentences.progress(status, config)
    detail = []
    if status.get("epochs"):
        detail.append(f"epoch {status.get('epoch') or 0} of {status['epochs']}")
    if status.get("step"):
        detail.append(f"step {sentences.count(status['step'])}")
    if status.get("elapsed_s") and state in ("running", "paused"):
        detail.append(sentences.duration(status["elapsed_s"]))
    advice = snapshot.problem or error or sentences.advice(status)
    return {
        "about": " · ".join(part for part in about if part),
        "state": state,
        "state_word": sentences.STATE_WORDS.get(state, "Reading"),
        "sentence": sentences.sentence(status),
        "detail": " · ".join(detail),
        "advice": advice,
        "progress": -1.0 if share is None else share,
        "commands": {
            "queued": ["stop"],
            "running": ["pause", "stop"],
            "paused": ["resume", "stop"],
            "stopped": ["resume"],
            "failed": ["resume"],
        }.get(state, []),
    }


def _pane(plot) -> pn.pane.Bokeh:
    return pn.pane.Bokeh(plot, sizing_mode="stretch_width", margin=0)


def _start_again(run) -> None:
    from course_lib.training.store import RunStore
    from course_lib.training.worker import TrainingRequest, start_training

    start_training(TrainingRequest(name=run.name, resume=True), RunStore(run.path.parent))


def _weakly(view: TrainingView):
    reference = weakref.ref(view)

    def receive(snapshot: RunSnapshot) -> None:
        if (alive := reference()) is not None:
            alive._receive(snapshot)

    return receive


def _names(names) -> str:
    names = [names] if isinstance(names, str) else list(names)
    return ", ".join(names) if len(names) <= 3 else f"{', '.join(names[:2])} and {len(names) - 2} more"


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


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3g}" if value < 0.01 or value >= 100 else f"{value:.3f}"
