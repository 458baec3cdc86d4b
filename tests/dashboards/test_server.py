"""The server process: it answers, it stays light, it says when it cannot listen."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_the_page_is_made_without_a_backend(tmp_path):
    """Renders the whole studio, an open run included, and looks at what that imported."""
    code = """
import json, sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from conftest import HandMadeRun
made = HandMadeRun(Path(sys.argv[2]), "one")
made.row(1, 0, 1.0); made.preview(0); made.status("done")
from bokeh.document import Document
from course_lib.training.store import RunStore
from dashboards.pages.studio import StudioPage
from dashboards.state.store_hub import StoreHub
import dashboards.app
store = RunStore(Path(sys.argv[2]))
page = StudioPage(store, None, StoreHub(store))
page.studio.open_first()
page.page.server_doc(Document())
models = [type(model).__name__ for model in page.stage.select()]
heavy = {"tensorflow", "keras", "jax", "torch"} & set(sys.modules)
print(json.dumps({"heavy": sorted(heavy), "models": models, "selected": page.studio.selected}))
"""
    child = subprocess.run(
        [sys.executable, "-c", code, str(Path(__file__).parent), str(tmp_path)],
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert child.returncode == 0, child.stderr
    said = json.loads(child.stdout.strip().splitlines()[-1])
    assert said["heavy"] == []
    assert said["selected"] == "one"
    assert {"RunHeader", "CurveReadout", "Ladder"} <= set(said["models"])


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    port = _free_port()
    environment = os.environ | {
        "COURSE_RUNS": str(tmp_path_factory.mktemp("served")),
        "CUDA_VISIBLE_DEVICES": "",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "dashboards.app", "--port", str(port)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=ROOT,
        env=environment,
    )
    assert process.stdout.readline().strip() == f"http://127.0.0.1:{port}/"
    yield port, process
    process.kill()
    process.wait(10)


def test_it_answers_and_names_only_its_own_assets(served):
    port, _ = served
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/liveness", timeout=10) as reply:
        assert reply.status == 200
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/?run=nobody", timeout=20) as reply:
        page = reply.read().decode()
    assert "Latent Sound" in page
    for far in ("cdn.", "googleapis", "jsdelivr", "unpkg", 'esm.sh"'):
        assert f'src="https://{far}' not in page
        assert f'href="https://{far}' not in page


def test_a_taken_port_is_one_sentence(served):
    port, _ = served
    child = subprocess.run(
        [sys.executable, "-m", "dashboards.app", "--port", str(port)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=60,
    )
    assert child.returncode == 1
    assert child.stderr.startswith(f"error: cannot listen on 127.0.0.1:{port}")
    assert "Traceback" not in child.stderr


@pytest.mark.skipif(os.name == "nt", reason="sends a POSIX signal")
def test_ctrl_c_ends_it_at_once(served):
    _, process = served
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    assert process.wait(15) == 0
    assert time.monotonic() - began < 10
