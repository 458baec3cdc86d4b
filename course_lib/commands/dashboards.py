"""``course dashboards``: the live pages alone."""

from __future__ import annotations

from typing import Annotated

import typer


def dashboards(
    port: Annotated[int, typer.Option(help="Port to listen on; the next free one if it is taken.")] = 5006,
    address: Annotated[
        str, typer.Option(help="Address to listen on; only this machine by default.")
    ] = "127.0.0.1",
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open a browser tab.")] = True,
) -> None:
    """Serve the dashboards until Ctrl-C; trainings that run then go on."""
    from course_lib.commands.servers import free_port
    from dashboards.app import serve

    port = free_port(port, address=address)
    typer.echo(f"Dashboards: http://{address}:{port}/   (Ctrl-C ends them)")
    serve(port, address, show=browser)
