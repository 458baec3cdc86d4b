"""Serves all pages: ``python -m dashboards.app --port 5006``."""

from __future__ import annotations

import argparse
import logging
import signal
import sys
import threading

ADDRESS, PORT = "127.0.0.1", 5006


def serve(
    port: int = PORT,
    address: str = ADDRESS,
    show: bool = False,
    *,
    ready=None,
    slots: int | None = None,
    warm: bool = True,
) -> None:
    """Serve the dashboards until SIGINT or SIGTERM; trainings that run then go on.

    Parameters
    ----------
    port, address : int and str
        Where to listen; only this machine by default.
    show : bool
        Open a browser.
    ready : callable, optional
        Called with the server once it listens.
    slots : int, optional
        Trainings at the same time, one for each GPU by default, or one; more wait in a queue.
    warm : bool
        Keep one process ready that has imported the backend, so that the first training starts at once.

    Raises
    ------
    OSError
        The port is taken.
    """
    # Panel's own start costs seconds, so that a wrong option is told before.
    from panel.io.server import get_server

    from course_lib.training.store import RunStore
    from course_lib.training.worker import WorkerPool
    from dashboards.pages.studio import studio
    from dashboards.state.store_hub import StoreHub

    store = RunStore()
    runs = StoreHub(store)
    hosts = {address, "127.0.0.1", "localhost"}
    # Anybody may ask for a page when the server listens to the whole network: that is what it was told to do.
    origins = ["*"] if address in ("0.0.0.0", "::", "") else [f"{host}:{port}" for host in sorted(hosts)]
    pool = WorkerPool(slots, warm=warm, store=store)
    try:
        server = get_server(
            {"/": lambda: studio(store, pool, runs)},
            port=port,
            address=address,
            websocket_origin=origins,
            show=show,
            start=False,
            verbose=False,
            title="Latent Sound · Studio",
            liveness=True,
        )
        loop = server.io_loop

        def end(signum, frame):
            loop.asyncio_loop.call_soon_threadsafe(loop.stop)

        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, end)
            signal.signal(signal.SIGTERM, end)
        server.start()
        if ready is not None:
            ready(server)
        loop.start()
        server.stop()
    finally:
        pool.close()


def main(arguments: list[str] | None = None) -> int:
    """The command line of this module."""
    parser = argparse.ArgumentParser(prog="dashboards.app", description="Serve the dashboards.")
    parser.add_argument("--port", type=int, default=PORT)
    parser.add_argument("--address", default=ADDRESS)
    parser.add_argument("--show", action="store_true", help="open a browser")
    options = parser.parse_args(arguments)
    logging.getLogger("bokeh").setLevel(logging.WARNING)
    logging.getLogger("tornado.access").setLevel(logging.ERROR)
    try:
        serve(
            options.port,
            options.address,
            options.show,
            ready=lambda server: print(f"http://{options.address}:{options.port}/", flush=True),
        )
    except OSError as error:
        print(f"error: cannot listen on {options.address}:{options.port}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
