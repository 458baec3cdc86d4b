"""The times that people feel, measured from outside as they meet them. Nothing here imports a backend."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from course_lib.commands.measurement import Measurement

BARS = {"help": 0.5, "both": 20.0, "paint": 2.0, "preview": 15.0, "epoch": 4.0}
# Importing the backend takes 10 to 15 s: after this long a waiting worker has done it.
WARM_UP_SECONDS = 30.0


def _run_seconds(command: list[str]) -> float:
    began = time.monotonic()
    subprocess.run(command, check=True, capture_output=True)
    return time.monotonic() - began


def command_line(repeats: int = 5) -> list[Measurement]:
    """``course --help`` as a process, and the import of its module alone: medians after one warm-up."""
    help_command = [sys.executable, "-m", "course_lib.cli", "--help"]
    bare, imported = [sys.executable, "-c", "pass"], [sys.executable, "-c", "import course_lib.cli"]

    def median(command):
        _run_seconds(command)
        return statistics.median(_run_seconds(command) for _ in range(repeats))

    note = f"median of {repeats} processes"
    return [
        Measurement("course --help", median(help_command), bar=BARS["help"], note=note),
        Measurement(
            "import of the command line",
            max(0.0, median(imported) - median(bare)),
            note=f"{note}, Python's own start off",
        ),
    ]


def servers(folder: Path, *, timeout: float = 120.0) -> list[Measurement]:
    """``course start`` until both pages answer, then the studio's first paint in a headless browser.

    Parameters
    ----------
    folder : Path
        For the runs and the log of this measurement.
    """
    import os
    import signal

    from course_lib.commands.servers import Server, free_port
    from course_lib.paths import project_root

    lab_port = free_port(18900)
    dashboard_port = free_port(15900)
    url = f"http://127.0.0.1:{dashboard_port}/"
    ports = ["--lab-port", str(lab_port), "--dashboard-port", str(dashboard_port)]
    began = time.monotonic()
    server = Server.launch(
        "course start",
        [sys.executable, "-m", "course_lib.cli", "start", "--no-browser", *ports],
        url=url,
        probe=f"{url}liveness",
        log=folder / "start.log",
        env=os.environ | {"COURSE_RUNS": str(folder / "runs"), "PYTHONPATH": str(project_root())},
    )
    results = []
    try:
        server.wait_until_ready(timeout)
        results.append(
            Measurement(
                "dashboards answer", time.monotonic() - began, note="course start, from its first moment"
            )
        )
        # Asking for the version needs no token.
        lab = Server("JupyterLab", url, f"http://127.0.0.1:{lab_port}/api", server.process, server.log)
        lab.wait_until_ready(timeout)
        both = time.monotonic() - began
        results.append(
            Measurement("both pages answer", both, bar=BARS["both"], note="course start, labs and dashboards")
        )
        results += first_paint(url)
    finally:
        server.process.send_signal(signal.SIGTERM if os.name == "nt" else signal.SIGINT)
        try:
            server.process.wait(30)
        except subprocess.TimeoutExpired:
            server.stop()
    return results


def first_paint(url: str, *, repeats: int = 3) -> list[Measurement]:
    """The browser's own first contentful paint of the studio, and when its start button can be seen.

    The slowest of ``repeats`` visits with an empty cache: the first one after a server's start is what a
    person meets. n/a without a browser, or when the page is not the studio.
    """
    import shutil

    def nothing(why: str) -> list[Measurement]:
        return [
            Measurement("first paint of the studio", None, bar=BARS["paint"], note=f"not measured: {why}")
        ]

    names = ("chromium", "chromium-browser", "google-chrome")
    browser_path = next(filter(None, map(shutil.which, names)), None)
    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError:
        return nothing("pip install playwright")
    if browser_path is None:
        return nothing("no Chromium on this machine")
    script = "performance.getEntriesByName('first-contentful-paint').map(entry => entry.startTime)"
    painted, usable = [], []
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox"])
            for _ in range(repeats):
                page = browser.new_context().new_page()
                began = time.monotonic()
                reply = page.goto(url, wait_until="commit", timeout=60_000)
                # An error page paints at once: it must not pass for a fast studio.
                if reply is None or not reply.ok:
                    return nothing(f"{url} answers {reply.status if reply else 'nothing'}")
                page.get_by_text("Start training").first.wait_for(state="visible", timeout=60_000)
                usable.append(time.monotonic() - began)
                painted += page.evaluate(script)
                page.close()
            browser.close()
    except Error as error:
        return nothing(str(error).splitlines()[0])
    note = f"slowest of {repeats} fresh visits"
    return [
        Measurement("first paint of the studio", max(painted) / 1000, bar=BARS["paint"], note=note),
        Measurement("studio's start button visible", max(usable), note=note),
    ]


def first_preview(
    folder: Path, *, warm: bool, dataset: str = "digits", timeout: float = 180.0
) -> Measurement:
    """From asking for a training to its first playable preview, then that training is stopped.

    Parameters
    ----------
    folder : Path
        Where the runs of this measurement lie.
    warm : bool
        Whether a worker waits that has imported the backend, as in the dashboards' server.
    """
    from course_lib.training.store import RunStore
    from course_lib.training.worker import TrainingRequest, WorkerPool

    pool = WorkerPool(slots=1, warm=warm, store=RunStore(folder / ("warm" if warm else "cold")))
    name = f"first preview, {'warm' if warm else 'cold'} worker"
    try:
        if warm:
            time.sleep(WARM_UP_SECONDS)
        began = time.monotonic()
        run = pool.submit(TrainingRequest(preset="autoencoder", dataset=dataset, max_seconds=timeout))
        seconds = _seconds_until(lambda: run.previews() or not run.status().live, began, timeout)
        heard = bool(run.previews())
        status = run.status()
        if status.live:
            run.request("stop")
            _seconds_until(lambda: not run.status().live, time.monotonic(), 60)
    finally:
        pool.close()
    if not heard:
        note = f"not measured: the run is {status.state} ({status.error or status.message})"
        return Measurement(name, None, bar=BARS["preview"] if warm else None, note=note)
    note = f"from the request, {dataset}" + ("" if warm else "; the backend's import included")
    return Measurement(name, seconds, bar=BARS["preview"] if warm else None, note=note)


def _seconds_until(happened: Callable[[], object], began: float, timeout: float) -> float:
    while not happened() and time.monotonic() - began < timeout:
        time.sleep(0.05)
    return time.monotonic() - began


def epoch(history: dict[str, list[float]], clips: int, *, bar: bool) -> Measurement:
    """Median time of an epoch after the first, from a run's history.

    Parameters
    ----------
    history : dict
        :meth:`course_lib.training.store.Run.history`.
    clips : int
        Training clips, for the note.
    bar : bool
        Whether the course's bar, which is for FSDD's 2,500 clips, applies.
    """
    from course_lib.training.scoreboard.facts import epoch_times

    times = epoch_times(history)
    limit = BARS["epoch"] if bar else None
    if not times:
        return Measurement(
            "one epoch after the first", None, bar=limit, note="not measured: fewer than two epochs"
        )
    note = f"median of {len(times)}, {clips:,} clips, held-out loss and previews included"
    return Measurement("one epoch after the first", statistics.median(times), bar=limit, note=note)
