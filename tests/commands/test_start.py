"""``course start`` as its user meets it: two addresses that answer, and a Ctrl-C that ends both."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
import urllib.request

import psutil
import pytest


def _read_until(process: subprocess.Popen, pattern: str, timeout: float) -> str:
    """Standard output up to the first match of ``pattern``; fails with what came instead."""
    text = ""
    deadline = time.monotonic() + timeout
    os.set_blocking(process.stdout.fileno(), False)
    while not re.search(pattern, text):
        assert process.poll() is None, f"ended early: {text}"
        assert time.monotonic() < deadline, f"no {pattern!r} within {timeout} s in: {text}"
        text += (process.stdout.read() or b"").decode()
        time.sleep(0.05)
    return text


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="sends POSIX signals")
def test_start_serves_both_and_ctrl_c_ends_both(tmp_path):
    environment = os.environ | {"COURSE_RUNS": str(tmp_path / "runs"), "COLUMNS": "200"}
    ports = ["--lab-port", "18888", "--dashboard-port", "15006"]
    process = subprocess.Popen(
        [sys.executable, "-m", "course_lib.cli", "start", "--no-browser", *ports],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        text = _read_until(process, "Ctrl-C ends both", 90)
        addresses = re.findall(r"http://\S+", text)
        assert len(addresses) == 2
        assert "/lab/tree/work/00_" in addresses[0], "the first lab is open, not an empty launcher"
        for address in addresses:
            assert address.startswith("http://127.0.0.1:")
            with urllib.request.urlopen(address, timeout=10) as reply:
                assert reply.status == 200
        children = psutil.Process(process.pid).children(recursive=True)
        listening = {
            connection.laddr.ip
            for child in children
            for connection in child.net_connections(kind="inet")
            if connection.status == psutil.CONN_LISTEN
        }
        assert listening == {"127.0.0.1"}
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
        _, alive = psutil.wait_procs(children, timeout=10)
        assert not alive
    finally:
        if process.poll() is None:
            process.kill()
