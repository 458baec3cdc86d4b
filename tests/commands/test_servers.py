"""Child servers: ports, readiness, and an end that leaves nothing behind."""

from __future__ import annotations

import os
import socket
import sys
import time

import psutil
import pytest

from course_lib.commands.servers import Server, free_port


def _launch(tmp_path, code: str, port: int = 0) -> Server:
    return Server.launch(
        "The test server",
        [sys.executable, "-c", code],
        url=f"http://127.0.0.1:{port}/",
        probe=f"http://127.0.0.1:{port}/",
        log=tmp_path / "logs" / "server.log",
        env=dict(os.environ),
    )


def test_taken_port_is_passed_over():
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        assert free_port(port) > port
        following = free_port(port)
        assert free_port(port, taken=(following,)) > following


def test_port_is_free_again_after_its_holder():
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        port = holder.getsockname()[1]
    assert free_port(port) == port


def test_ready_server_answers_and_stops(tmp_path):
    port = free_port(18500)
    server = _launch(
        tmp_path, f"import http.server as h; h.test(h.SimpleHTTPRequestHandler, port={port})", port
    )
    try:
        server.wait_until_ready(20)
        assert server.answers()
    finally:
        server.stop()
    assert server.process.poll() is not None
    assert not server.answers()


def test_server_that_dies_shows_its_last_words(tmp_path):
    server = _launch(tmp_path, "print('the port is cursed'); raise SystemExit(3)", free_port(18600))
    with pytest.raises(RuntimeError, match=r"ended while starting:\n  the port is cursed"):
        server.wait_until_ready(20)


def test_server_that_never_answers_is_given_up(tmp_path):
    server = _launch(tmp_path, "import time; time.sleep(60)", free_port(18700))
    try:
        with pytest.raises(RuntimeError, match="did not answer within 1 s"):
            server.wait_until_ready(1.0)
    finally:
        server.stop()


@pytest.mark.skipif(os.name == "nt", reason="process groups are a POSIX idea")
def test_stop_ends_a_deaf_server_and_its_children(tmp_path):
    code = (
        "import signal, subprocess, sys, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    server = _launch(tmp_path, code)
    deadline = time.monotonic() + 20
    while not server.log.read_text().strip():
        assert time.monotonic() < deadline, "the test server did not start"
        time.sleep(0.05)
    child = int(server.log.read_text())
    server.stop(grace=0.5)
    assert server.process.poll() is not None
    psutil.wait_procs([psutil.Process(child)] if psutil.pid_exists(child) else [], timeout=5)
    assert not psutil.pid_exists(child) or psutil.Process(child).status() == psutil.STATUS_ZOMBIE
