"""A headless Chromium that never leaves this machine, and a studio to open in it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CANDIDATES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


def find_chromium() -> str | None:
    """An installed Chromium: ``COURSE_CHROMIUM``, else one on the path."""
    wanted = os.environ.get("COURSE_CHROMIUM")
    if wanted:
        return wanted
    return next((found for name in CANDIDATES if (found := shutil.which(name))), None)


# A module, not the session: Playwright's loop must have ended before other tests open a browser of their own.
@pytest.fixture(scope="module")
def chromium() -> Iterator:
    """Playwright's Browser; without a Chromium the tests are skipped, or fail if they are required."""
    path = find_chromium()
    reason = "no Chromium on this machine: install it, or name one in COURSE_CHROMIUM"
    if path is not None:
        try:
            from playwright.sync_api import sync_playwright
        except ImportError:
            path, reason = None, "playwright is not installed: pip install 'latent-sound[dev]'"
    if path is None:
        if os.environ.get("COURSE_REQUIRE_BROWSER") == "1":
            pytest.fail(f"browser tests are required here, but there is {reason}")
        print(f"\nThe browser tests did not run: {reason}", file=sys.stderr)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        # Chromium refuses its sandbox to root, which is who runs tests in a container.
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--autoplay-policy=user-gesture-required"]
        )
        yield browser
        browser.close()


class Guard:
    """Lets a browser talk to this machine only, and remembers what else was asked for."""

    def __init__(self, context):
        self.refused: list[str] = []
        self.errors: list[str] = []
        context.route("**/*", self._route)
        context.on("weberror", lambda error: self.errors.append(str(error.error)))

    def _route(self, route) -> None:
        url = route.request.url
        if url.startswith(("http://127.0.0.1:", "data:", "blob:")):
            route.continue_()
        else:
            self.refused.append(url)
            route.abort()


@pytest.fixture
def new_page(chromium):
    """Make a page in a context of its own; afterwards nothing may have been asked of another machine."""
    contexts, guards = [], []

    def make(*, width: int = 1280, height: int = 720, **options):
        context = chromium.new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        guards.append(Guard(context))
        page = context.new_page()
        page.set_default_timeout(30_000)
        return page

    yield make
    refused = [url for guard in guards for url in guard.refused]
    errors = [error for guard in guards for error in guard.errors]
    for context in contexts:
        context.close()
    assert not refused, f"the page asked another machine for {refused}"
    assert not errors, f"the page raised {errors}"


@pytest.fixture
def browser_page(chromium):
    """One page for somebody else's site, which may log what it likes; it too reaches this machine only."""
    context = chromium.new_context(viewport={"width": 1400, "height": 1000})
    guard = Guard(context)
    page = context.new_page()
    page.set_default_timeout(30_000)
    yield page
    context.close()
    assert not guard.refused, f"the page asked another machine for {guard.refused}"


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module")
def studio_server(chromium, tmp_path_factory) -> Iterator[tuple[str, Path]]:
    """Address of a studio with a warm worker, and the folder of its runs."""
    runs = tmp_path_factory.mktemp("studio-runs")
    port = free_port()
    environment = os.environ | {
        "COURSE_RUNS": str(runs),
        "TF_NUM_INTRAOP_THREADS": "1",
        "TF_NUM_INTEROP_THREADS": "1",
    }
    log = (runs.parent / "studio.log").open("wb")
    process = subprocess.Popen(
        [sys.executable, "-m", "dashboards.app", "--port", str(port)],
        stdout=log,
        stderr=subprocess.STDOUT,
        cwd=ROOT,
        env=environment,
    )
    address = f"http://127.0.0.1:{port}/"
    deadline = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(f"{address}liveness", timeout=2):
                break
        except OSError:
            assert process.poll() is None, (runs.parent / "studio.log").read_text()
            assert time.monotonic() < deadline, "the studio did not start within 60 s"
            time.sleep(0.2)
    yield address, runs
    _stop_trainings(runs)
    process.terminate()
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        process.kill()
    log.close()


def _stop_trainings(runs: Path) -> None:
    from course_lib.training.store import RunError, RunStore

    store = RunStore(runs)
    for row in store.list():
        if row.state in ("queued", "running", "paused"):
            try:
                store.open(row.name).request("stop")
            except RunError:
                continue
