"""A live view inside a notebook, served by a thread of the kernel.

Comms of a notebook wait for the cell that runs, so a view that used them would freeze, buttons and all,
while a cell waits for the end of a training. A server in a thread of the kernel's own process does not: the
notebook holds a frame that shows its page.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import threading
import zlib
from urllib.parse import quote

ADDRESS = "127.0.0.1"
_lock = threading.Lock()
_served: dict[str, object] = {}
_port: int | None = None

# The frame grows with its page. On a hub the kernel's port is reached through the notebook server's proxy.
FRAME = """
<div id="{id}" style="min-height: {height}px">
  <noscript>This view needs JavaScript.</noscript>
</div>
<script>
(() => {{
  const box = document.getElementById({id_json})
  if (!box) {{ return }}
  const local = ["127.0.0.1", "localhost", "[::1]"].includes(location.hostname)
    || location.protocol === "vscode-webview:"
  let base = {local_json}
  if (!local) {{
    const config = document.getElementById("jupyter-config-data")
    base = location.origin + (config ? JSON.parse(config.textContent).baseUrl : "/") + "proxy/" + {port} + "/"
  }}
  const dark = document.body.dataset.jpThemeLight === "false" ? "&theme=dark" : ""
  const address = base + {path_json} + dark
  const frame = document.createElement("iframe")
  frame.title = {title_json}
  frame.allow = "autoplay"
  frame.style.cssText = "width: 100%; height: {height}px; border: 0; display: block; background: transparent"
  const fail = () => {{
    box.style.minHeight = 0
    box.textContent = "This view ended with its kernel. Run the cell again to see the training live."
  }}
  fetch(address, {{mode: "no-cors"}}).then(() => {{
    box.replaceChildren(frame)
    frame.src = address
  }}, fail)
  window.addEventListener("message", event => {{
    if (event.source === frame.contentWindow && event.data && event.data.latentSoundHeight) {{
      frame.style.height = box.style.minHeight = Math.ceil(event.data.latentSoundHeight) + "px"
    }}
  }})
}})()
</script>
"""


def frame_html(run, *, height: int = 1000) -> str:
    """HTML of a frame that shows ``run`` live; starts this process's server at the first call."""
    port = _ensure_server()
    key = f"{run.name}-{zlib.crc32(str(run.path).encode()):08x}"
    with _lock:
        _served[key] = run
    # A cell that is run again must find its own new box, not the one it replaces.
    box = f"latent-sound-{key}-{os.urandom(3).hex()}"
    return FRAME.format(
        id=box,
        id_json=json.dumps(box),
        height=height,
        port=port,
        local_json=json.dumps(f"http://{ADDRESS}:{port}/"),
        path_json=json.dumps(f"watch?run={quote(key)}"),
        title_json=json.dumps(f"Training {run.name}"),
    )


def served_run(key: str):
    """The run that a frame of this process shows; None for a key that no frame has."""
    with _lock:
        return _served.get(key)


def _ensure_server() -> int:
    global _port
    with _lock:
        if _port is None:
            with socket.socket() as probe:
                probe.bind((ADDRESS, 0))
                port = probe.getsockname()[1]
            ready = threading.Event()
            threading.Thread(target=_serve, args=(port, ready), name="notebook-frames", daemon=True).start()
            if not ready.wait(30):
                raise RuntimeError("the live view's server did not start within 30 s; restart the kernel")
            _port = port
        return _port


def _serve(port: int, ready: threading.Event) -> None:
    asyncio.set_event_loop(asyncio.new_event_loop())
    from panel.io.server import get_server

    from dashboards.pages.watch import watch

    # Behind a hub the page's origin is the hub's, and the hub's proxy has already asked who is there.
    behind_proxy = any(name in os.environ for name in ("JUPYTERHUB_SERVICE_PREFIX", "BINDER_SERVICE_HOST"))
    origins = ["*"] if behind_proxy else [f"{host}:{port}" for host in (ADDRESS, "localhost")]
    server = get_server(
        {"watch": lambda: watch(served_run)},
        port=port,
        address=ADDRESS,
        websocket_origin=origins,
        show=False,
        start=False,
        verbose=False,
        title="Training",
    )
    server.start()
    ready.set()
    server.io_loop.start()
