"""A training run to watch and to hear: in the studio and in a notebook."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable

import panel as pn

from dashboards.components.curves import CurveReadout, LossCurves
from dashboards.components.diagnosis import DiagnosisPanel
from dashboards.components.hand_over import later
from dashboards.components.notebook_frame import frame_html
from dashboards.components.run_header import RunHeader, header_words
from dashboards.components.rungs import Rungs
from dashboards.components.theme import CARD, grid
from dashboards.state.diagnosis import flag_words, panel_words
from dashboards.state.run_hub import HUB, RunHub, RunSnapshot

# Two columns at most, one where there is no room for two.
SIDE_BY_SIDE = "repeat(auto-fit, minmax(min(100%, max(190px, 34%)), 1fr))"
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
        self._layout = None
        self.error: str | None = None

        fill = {"sizing_mode": "stretch_width", "margin": 0}
        self.header = RunHeader(title=run.name, on_command=self.command, **fill)
        self.readout = CurveReadout(sizing_mode="stretch_width", margin=(0, 0, 10, 0))
        self.curves = LossCurves()
        self._plot = pn.pane.Bokeh(self.curves.figure(log=False), sizing_mode="stretch_width", margin=0)
        self.rungs = Rungs(lock=self._lock, on_pictures=self._push_pictures)
        self.ladder, self.spectrograms = self.rungs.ladder, self.rungs.spectrograms
        self.diagnosis = DiagnosisPanel(**fill)
        self.readout.param.watch(self._choose_axis, "log")

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

        pictures = pn.Column(*self.rungs.panes, stylesheets=[grid(SIDE_BY_SIDE, ".4rem")], **fill)
        cards = pn.Column(
            card(self.header, css_classes=["wide"]),
            card(self.readout, self._plot),
            card(self.ladder, pictures),
            card(self.diagnosis, css_classes=["wide"]),
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
                pn.io.push_notebook(self._plot, *self.rungs.panes)
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
        self.header.param.update(**header_words(snapshot, error=self.error))
        if self.curves.update(snapshot.history):
            train, held_out = self.curves.last
            self.readout.param.update(train=_number(train), held_out=_number(held_out))
        ended = snapshot.status.get("state") in ("failed", "stopped", "done")
        self.rungs.update(snapshot.previews, ended=ended)
        if snapshot.diagnosis is not None:
            self.diagnosis.param.update(**panel_words(snapshot.diagnosis, ended=ended))
            self.header.param.update(**flag_words(snapshot.diagnosis))

    def _push_pictures(self) -> None:
        if self._document is None or self._document.session_context is None:
            pn.io.push_notebook(*self.rungs.panes)

    def _choose_axis(self, event) -> None:
        self._plot.object = self.curves.figure(log=event.new)


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


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3g}" if value < 0.01 or value >= 100 else f"{value:.3f}"
