"""``course start``: the labs and the dashboards, side by side."""

from __future__ import annotations

from typing import Annotated

import typer


def start(
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open a browser tab for the labs.")
    ] = True,
    lab_port: Annotated[
        int, typer.Option(help="Port of JupyterLab; the next free one if it is taken.")
    ] = 8888,
    dashboard_port: Annotated[int, typer.Option(help="Port of the dashboards, likewise.")] = 5006,
    address: Annotated[str, typer.Option(help="Address both servers listen on.")] = "127.0.0.1",
) -> None:
    """Open JupyterLab on the labs and the dashboards beside it; Ctrl-C ends both."""
    import os
    import secrets
    import signal
    import sys
    import time
    import webbrowser
    from pathlib import Path

    from rich.console import Console

    from course_lib.commands.servers import Server, free_port
    from course_lib.paths import cache_dir, project_root, runs_dir
    from course_lib.teaching.build import student_copies

    console = Console()
    root = project_root()
    work = root / "notebooks" / "work"
    created = student_copies(work)
    lab_port = free_port(lab_port, address=address)
    dashboard_port = free_port(dashboard_port, address=address, taken=(lab_port,))
    token = secrets.token_urlsafe(18)
    first_lab = f"/lab/tree/work/{min(work.glob('*.ipynb')).name}"
    dashboard_url = f"http://{address}:{dashboard_port}/"
    env = os.environ | {
        # Both sides must see the same runs, whatever folder a kernel works in.
        "COURSE_RUNS": str(runs_dir().resolve()),
        "COURSE_DASHBOARDS": dashboard_url,
        "JUPYTER_TOKEN": token,
        # Our page settings beside the user's own: no pop-up that asks to fetch news.
        "JUPYTER_CONFIG_PATH": os.pathsep.join(
            filter(None, [str(Path(__file__).parent / "jupyter"), os.environ.get("JUPYTER_CONFIG_PATH")])
        ),
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    }
    logs = cache_dir() / "logs"

    def end(signum, frame):
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, end)
    # A script that starts this in the background has it ignore interrupts, and would then wait for ever.
    signal.signal(signal.SIGINT, end)
    servers: list[Server] = []
    began = time.monotonic()
    try:
        with console.status("Starting JupyterLab and the dashboards ..."):
            servers.append(
                Server.launch(
                    "The dashboard server",
                    [
                        sys.executable,
                        "-m",
                        "dashboards.app",
                        "--address",
                        address,
                        "--port",
                        str(dashboard_port),
                    ],
                    url=dashboard_url,
                    probe=f"{dashboard_url}liveness",
                    log=logs / "dashboards.log",
                    env=env,
                )
            )
            servers.append(
                Server.launch(
                    "JupyterLab",
                    [sys.executable, "-m", "jupyterlab", *_lab_options(work, address, lab_port)],
                    url=f"http://{address}:{lab_port}{first_lab}?token={token}",
                    probe=f"http://{address}:{lab_port}/api/status?token={token}",
                    log=logs / "jupyterlab.log",
                    env=env,
                )
            )
            for server in servers:
                server.wait_until_ready()
        dashboards, lab = servers
        console.print(f"[bold]Latent Sound[/bold] is ready ({time.monotonic() - began:.1f} s)\n")
        console.print(f"  Labs        {lab.url}", soft_wrap=True)
        console.print(f"  Dashboards  {dashboards.url}\n", soft_wrap=True)
        if created:
            console.print(f"New in notebooks/work: {', '.join(path.name for path in created)}")
        console.print("Ctrl-C ends both. A training that runs goes on; see it again in the dashboards.")
        if browser:
            webbrowser.open(lab.url)
        while True:
            for server in servers:
                if server.process.poll() is not None:
                    raise RuntimeError(f"{server.name} ended by itself:\n{server.log_tail()}")
            time.sleep(0.5)
    except KeyboardInterrupt:
        console.print("\nEnding JupyterLab and the dashboards ...")
    finally:
        # A second Ctrl-C must not leave a server behind.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        for server in servers:
            server.stop()
    console.print("Both have ended.")


def _lab_options(work, address: str, port: int) -> list[str]:
    """Command-line options that keep JupyterLab local: no news, no update check, no extension catalogue."""
    return [
        "--no-browser",
        f"--ServerApp.ip={address}",
        f"--ServerApp.port={port}",
        "--ServerApp.port_retries=0",
        f"--ServerApp.root_dir={work.parent}",
        "--ServerApp.allow_root=True",
        "--LabApp.news_url=",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--LabApp.extension_manager=readonly",
    ]
