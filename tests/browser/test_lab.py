"""Lab 01 in JupyterLab, in a real browser, with no network but this machine."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.request

import pytest

from course_lib.paths import project_root
from course_lib.teaching import build

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SECONDS_TO_START = 60
SECONDS_TO_RUN = 360


@pytest.fixture(scope="module")
def jupyterlab(tmp_path_factory):
    """The address of a JupyterLab on lab 01's source, in the fast profile, and its folder."""
    folder = tmp_path_factory.mktemp("jupyterlab")
    (folder / "notebooks").mkdir()
    shutil.copy(build.source("01"), folder / "notebooks" / "01_autoencoder.ipynb")
    token = secrets.token_urlsafe(12)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {
        "COURSE_PROFILE": "fast",
        "COURSE_RUNS": str(folder / "runs"),
        "COURSE_PROGRESS": str(folder / "progress"),
        "JUPYTER_TOKEN": token,
        "JUPYTERLAB_SETTINGS_DIR": str(folder / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(folder / "workspaces"),
        "PYTHONPATH": os.pathsep.join(filter(None, [str(project_root()), os.environ.get("PYTHONPATH")])),
    }
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", f"--ServerApp.port={port}"]
    command += [f"--ServerApp.root_dir={folder / 'notebooks'}", "--ServerApp.ip=127.0.0.1"]
    command += ["--ServerApp.allow_root=True", "--LabApp.news_url=", "--LabApp.expose_app_in_browser=True"]
    command += ["--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"]
    command += ["--LabApp.extension_manager=readonly"]
    with (folder / "jupyterlab.log").open("wb") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=subprocess.STDOUT)
    base = f"http://127.0.0.1:{port}"
    try:
        end = time.monotonic() + SECONDS_TO_START
        while True:
            try:
                urllib.request.urlopen(f"{base}/api/status?token={token}", timeout=5).close()
                break
            except OSError:
                if server.poll() is not None or time.monotonic() > end:
                    text = (folder / "jupyterlab.log").read_text()[-2000:]
                    raise RuntimeError(f"JupyterLab did not start:\n{text}") from None
                time.sleep(0.3)
        yield f"{base}/lab/tree/01_autoencoder.ipynb?token={token}", folder
    finally:
        server.terminate()
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()


RUN_ALL = """() => {
  window.ranAll = null
  window.jupyterapp.commands.execute("notebook:run-all-cells").then(
    done => { window.ranAll = String(done) }, error => { window.ranAll = "failed: " + error })
}"""
OUTPUTS = """() => window.jupyterapp.shell.currentWidget.content.model.sharedModel.cells
  .map(cell => cell.toJSON()).filter(cell => cell.cell_type === "code")"""
SCROLL = """name => {
  const notebook = window.jupyterapp.shell.currentWidget.content
  const index = notebook.widgets.findIndex(cell => cell.model.id === name)
  notebook.activeCellIndex = index
  return notebook.scrollToItem(index, "start")
}"""


def live_words(page):
    """What the live view says of its training in words: state, epoch, step; empty before it is drawn."""
    words = page.frame_locator("iframe[title^='Training lab01-yours']").locator(".words")
    return words.first.inner_text() if words.count() else ""


def test_run_all_cells(jupyterlab, browser_page):
    """No error; the live view moves while a cell waits; sounds play; a quiz answers."""
    page, (address, _) = browser_page, jupyterlab
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address)
    page.wait_for_function("window.jupyterapp?.shell.currentWidget?.content?.widgets?.length > 40")
    page.wait_for_function(
        "window.jupyterapp.shell.currentWidget.sessionContext?.session?.kernel?.status === 'idle'",
        timeout=60_000,
    )
    page.evaluate(RUN_ALL)
    page.evaluate(SCROLL, "train-start")
    live = []
    end = time.monotonic() + SECONDS_TO_RUN
    while page.evaluate("window.ranAll") is None:
        assert time.monotonic() < end, "lab 01 did not finish in time"
        if page.locator("iframe[title^='Training lab01-yours']").count():
            text = live_words(page)
            if text and (not live or live[-1] != text):
                live.append(text)
        page.wait_for_timeout(500)
    cells = page.evaluate(OUTPUTS)
    errors = [
        (cell["id"], output["evalue"])
        for cell in cells
        for output in cell["outputs"]
        if output["output_type"] == "error"
    ]
    assert errors == []
    assert page.evaluate("window.ranAll") == "true"
    assert len(live) >= 2, "the live view did not move while the training ran"
    html = "".join(
        str(output.get("data", {}).get("text/html", "")) for cell in cells for output in cell["outputs"]
    )
    assert html.count("<audio") >= 50
    outside = [
        url for url in asked if not url.startswith(("http://127.0.0.1:", "data:", "blob:", "ws://127"))
    ]
    assert outside == []

    page.evaluate(SCROLL, "ab-play")
    page.wait_for_selector(".course-players audio")
    playing = """async () => {
      const audio = document.querySelector(".course-players audio")
      audio.muted = true
      await audio.play()
      await new Promise(resolve => setTimeout(resolve, 400))
      return audio.currentTime
    }"""
    assert page.evaluate(playing) > 0

    page.evaluate(SCROLL, "map")
    caption = page.get_by_text("nearest clips:")
    before = caption.first.inner_text(timeout=20_000)
    page.get_by_title("no clip here").first.click()
    page.wait_for_function(
        "before => [...document.querySelectorAll('.widget-html-content')].some(item => "
        "item.innerText.includes('nearest clips:') && item.innerText !== before)",
        arg=before,
        timeout=20_000,
    )

    page.evaluate(SCROLL, "quiz-all")
    page.get_by_role("button", name="Exactly as good as PCA with 64 components").click()
    page.get_by_text("PCA is the best linear way through 64 numbers").wait_for(timeout=20_000)
