"""Pictures of the studio for the README: ``course dashboards --screenshots docs/images``."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from course_lib.training.store import RunStore

# Name, width and height in CSS pixels, theme.
SHOTS = (
    ("studio-light", 1280, 720, "default"),
    ("studio-dark", 1280, 720, "dark"),
    ("studio-phone", 390, 844, "default"),
)
ADDRESS = "127.0.0.1"


def take_screenshots(folder: Path, *, run: str | None = None) -> list[Path]:
    """Photograph the studio with one run open, light, dark and on a phone.

    Parameters
    ----------
    folder : Path
        Where the PNG files go; made if needed.
    run : str, optional
        Name of the run; by default the newest that has previews.

    Raises
    ------
    ValueError
        No run to show.
    RuntimeError
        No Chromium, no Playwright, or a server that does not start.
    """
    run = run or _newest_with_previews()
    chromium = os.environ.get("COURSE_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        raise RuntimeError("no Chromium found: install it, or name one in COURSE_CHROMIUM")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError as error:
        raise RuntimeError("pictures need Playwright: pip install 'latent-sound[dev]'") from error
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    with socket.socket() as probe:
        probe.bind((ADDRESS, 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "dashboards.app", "--port", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_until_ready(server, f"http://{ADDRESS}:{port}/liveness")
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            paths = [_shoot(browser, f"http://{ADDRESS}:{port}/?run={run}", folder, *shot) for shot in SHOTS]
            browser.close()
    finally:
        server.terminate()
        server.wait(20)
    return paths


def _shoot(browser, address: str, folder: Path, name: str, width: int, height: int, theme: str) -> Path:
    phone = width < 600
    context = browser.new_context(
        viewport={"width": width, "height": height},
        # Sharp on a screen with small pixels, and still a small file.
        device_scale_factor=2 if phone else 1.5,
        is_mobile=phone,
        user_agent="Mobile" if phone else None,
    )
    page = context.new_page()
    page.goto(f"{address}&theme={theme}")
    page.locator(".rungs button").first.wait_for(timeout=60_000)
    # Figures draw after the page says that it is ready.
    page.wait_for_timeout(2500)
    path = folder / f"{name}.png"
    page.screenshot(path=path)
    context.close()
    return path


def _newest_with_previews() -> str:
    store = RunStore()
    for row in store.list():
        if store.open(row.name).previews():
            return row.name
    raise ValueError(f"no run with previews in {store.root}; train one first: course train autoencoder")


def _wait_until_ready(server: subprocess.Popen, address: str, seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except OSError as error:
            if server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(
                    "the dashboard server did not start; try: python -m dashboards.app"
                ) from error
            time.sleep(0.2)
