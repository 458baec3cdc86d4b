"""The studio: start a training, watch it, hear it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import panel as pn
import panel_material_ui as pmui
from panel.io.resources import BASE_TEMPLATE

from course_lib.training.store import RunStore
from dashboards.components.hand_over import later
from dashboards.components.large_type import LargeType
from dashboards.components.run_list import RunList
from dashboards.components.screen_size import ScreenSize
from dashboards.components.theme import APP_BAR, DARK, FONT, LIGHT, MUI_THEME
from dashboards.components.training_form import TrainingForm
from dashboards.components.training_view import TrainingView
from dashboards.components.welcome import Welcome
from dashboards.state.run_hub import HUB
from dashboards.state.store_hub import StoreHub
from dashboards.state.studio import Studio

# The plots take the height that a screen has to spare, so that a projector shows all without scrolling.
PAGE_CSS = """
html { font-size: 16px; }
html.ls-large { font-size: 20px; }
:root {
  --ls-plot-height: clamp(290px, calc(100vh - 353px), 717px);
  --ls-picture-height: clamp(200px, calc(100vh - 500px), 540px);
}
:root.ls-large {
  --ls-plot-height: clamp(260px, calc(100vh - 475px), 640px);
  --ls-picture-height: clamp(200px, calc(100vh - 600px), 480px);
}
@media (max-width: 899px) {
  :root { --ls-plot-height: 260px; --ls-picture-height: 200px; }
}
"""
MAIN_CSS = """
:host {
  background: var(--panel-background-color); padding: 14px; box-sizing: border-box;
  min-height: calc(100vh - 64px); max-height: none !important;
}
"""
NARROW = 900


class StudioPage:
    """One browser's studio: arranges views of a :class:`Studio` and keeps them fresh while it is open."""

    def __init__(self, store: RunStore, pool: Any, runs: StoreHub):
        self._store, self._runs = store, runs
        self.studio = Studio(store, pool, user=_visitor())
        self.studio.show_runs(runs.read())
        self._view: TrainingView | None = None
        fill = {"sizing_mode": "stretch_width", "margin": 0}
        self.form = TrainingForm(self.studio, **fill)
        self.list = RunList(self.studio, **fill)
        self.large = LargeType(margin=0)
        self.screen = ScreenSize(margin=0)
        self.stage = pn.Column(sizing_mode="stretch_width", margin=0, min_height=400)
        self.tabs = pmui.Tabs(
            ("New training", pn.Column(self.form, margin=(14, 4), sizing_mode="stretch_width")),
            ("Runs", pn.Column(self.list, margin=(14, 0), sizing_mode="stretch_width")),
            sizing_mode="stretch_width",
            margin=0,
        )
        self.page = pmui.Page(
            title="Latent Sound",
            meta_title="Latent Sound · Studio",
            sidebar=[pn.Column(self.tabs, margin=(0, 12), sizing_mode="stretch_width")],
            main=[pn.Column(self.screen, self.stage, stylesheets=[MAIN_CSS], **fill)],
            header=[pn.layout.HSpacer(), self.large],
            sidebar_width=340,
            sidebar_open=not _on_a_phone(),
            sidebar_resizable=False,
            busy_indicator=None,
            theme_config=MUI_THEME,
            raw_css=[PAGE_CSS],
            template=_frame(),
            meta_description="Train a model and hear what it learns",
        )
        self.studio.param.watch(self._open, "selected")
        self.studio.param.watch(self._welcome_again, ["notice", "lost", "problems", "runs"])
        self.large.param.watch(lambda event: self._view and self._view.enlarge(event.new), "large")

        self.screen.param.watch(self._make_room, "width")

    def connect(self) -> None:
        """Fill the page once its frame is on the screen; undone when the browser goes away."""
        document = pn.state.curdoc
        unsubscribe = self._runs.subscribe(lambda rows: later(document, lambda: self.studio.show_runs(rows)))

        def leave(context) -> None:
            unsubscribe()
            self._close_view()

        pn.state.on_session_destroyed(leave)
        wanted = pn.state.session_args.get("run", [b""])[0].decode(errors="replace")
        self.studio.open_first(wanted)
        if not self.studio.selected:
            self._show_welcome()

    def _make_room(self, event) -> None:
        if event.new < NARROW:
            self.page.sidebar_open = False

    def _open(self, event) -> None:
        self._close_view()
        if not event.new:
            self._show_welcome()
            return
        run = self._store.open(event.new)
        # On a small screen the form lies over what it has started.
        if 0 < self.screen.width < NARROW:
            self.page.sidebar_open = False
        self._view = TrainingView(run, restart=self._restart)
        self._view.enlarge(self.large.large)
        self.stage[:] = [self._view.panel()]
        if pn.state.location is not None:
            pn.state.location.update_query(run=event.new)
        self._runs.hurry()

    def _restart(self, run) -> None:
        self.studio.go_on(run)
        HUB.hurry()

    def _close_view(self) -> None:
        if self._view is not None:
            self._view.close()
            self._view = None

    def _show_welcome(self) -> None:
        self.stage[:] = [Welcome(on_start=self.studio.start, sizing_mode="stretch_width", margin=0)]
        self._welcome_again()

    def _welcome_again(self, *events) -> None:
        if len(self.stage) and isinstance(self.stage[0], Welcome):
            studio = self.studio
            self.stage[0].param.update(
                notice=studio.lost or studio.notice, ready=not studio.problems, first=not studio.runs
            )


def _frame():
    """The page's HTML: its bar and colours are painted before any script has arrived."""
    dark = pn.config.theme == "dark"
    colours = DARK if dark else LIGHT
    first_paint = {"bar": APP_BAR["dark" if dark else "light"], "font": FONT, **colours}
    html = (Path(__file__).parent / "page.html").read_text(encoding="utf-8")
    environment = BASE_TEMPLATE.environment.overlay()
    environment.globals = {**environment.globals, "first_paint": first_paint}
    return environment.from_string(html)


def _visitor() -> str:
    """Whose page it is: by name behind a login, else by browser tab."""
    context = pn.state.curdoc.session_context if pn.state.curdoc else None
    return pn.state.user or (context.id if context else "")


def _on_a_phone() -> bool:
    # The window's width is known only after the first paint, and the form would cover it until then.
    return "Mobi" in (pn.state.headers or {}).get("User-Agent", "")


def studio(store: RunStore, pool: Any, runs: StoreHub) -> pmui.Page:
    """The page ``/``, and ``/?run=NAME``, for one browser."""
    page = StudioPage(store, pool, runs)
    pn.state.onload(page.connect)
    return page.page
