"""``course dashboards``: the live pages, without the labs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def dashboards(
    port: Annotated[int, typer.Option(help="Port to listen on; the next free one if it is taken.")] = 5006,
    address: Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0 lets others in.")] = "127.0.0.1",
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open a browser tab.")] = True,
    screenshots: Annotated[
        Path | None,
        typer.Option(help="Write pictures of the studio into this folder and end (needs Chromium)."),
    ] = None,
) -> None:
    """Serve the studio; Ctrl-C ends it. A training that runs goes on."""
    if screenshots is not None:
        from dashboards.screenshots import take_screenshots

        for path in take_screenshots(screenshots):
            typer.echo(path)
        return
    import logging

    from course_lib.commands.servers import free_port
    from dashboards.app import serve

    logging.getLogger("bokeh").setLevel(logging.WARNING)
    chosen = free_port(port, address=address)
    shown = "127.0.0.1" if address in ("0.0.0.0", "::") else address

    def ready(server) -> None:
        if chosen != port:
            typer.echo(f"Port {port} is taken.")
        typer.echo(f"The studio is at http://{shown}:{chosen}/  (Ctrl-C ends it)")
        if browser:
            import webbrowser

            webbrowser.open(f"http://{shown}:{chosen}/")

    serve(chosen, address, ready=ready)
