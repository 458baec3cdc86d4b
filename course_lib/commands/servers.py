"""Child servers of ``course start``: free ports, readiness, and an end that leaves nothing behind."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path


def free_port(preferred: int, *, address: str = "127.0.0.1", taken: tuple[int, ...] = ()) -> int:
    """``preferred`` or the next port above it that nothing listens on; RuntimeError after 100 tries."""
    for port in range(preferred, min(preferred + 100, 65536)):
        if port in taken:
            continue
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            if os.name != "nt":
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((address, port))
            except OSError:
                continue
            return port
    raise RuntimeError(
        f"no free port from {preferred} to {preferred + 99} on {address}; end some other server"
    )


@dataclass
class Server:
    """One child process that answers HTTP.

    Attributes
    ----------
    name : str
        For messages: "JupyterLab".
    url : str
        What the user opens.
    probe : str
        Address that answers 200 once the server is ready.
    """

    name: str
    url: str
    probe: str
    process: subprocess.Popen
    log: Path

    @classmethod
    def launch(cls, name, command, *, url, probe, log: Path, env) -> Server:
        """Start ``command`` in a session of its own: the terminal's Ctrl-C must reach only its parent."""
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as output:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=env,
                start_new_session=os.name != "nt",
                creationflags=subprocess.CREATE_NEW_PROCESS_GROUP if os.name == "nt" else 0,
            )
        return cls(name=name, url=url, probe=probe, process=process, log=log)

    def answers(self) -> bool:
        """Whether the server is ready now."""
        try:
            with urllib.request.urlopen(self.probe, timeout=2) as reply:
                return reply.status == 200
        except (urllib.error.URLError, OSError):
            return False

    def wait_until_ready(self, timeout: float = 60.0) -> None:
        """Return once the server answers; RuntimeError with the end of its log if it dies or is too slow."""
        deadline = time.monotonic() + timeout
        while not self.answers():
            if self.process.poll() is not None:
                raise RuntimeError(f"{self.name} ended while starting:\n{self.log_tail()}")
            if time.monotonic() > deadline:
                raise RuntimeError(f"{self.name} did not answer within {timeout:.0f} s:\n{self.log_tail()}")
            time.sleep(0.1)

    def log_tail(self, lines: int = 15) -> str:
        """The last lines that the server printed."""
        text = self.log.read_text(errors="replace").splitlines()[-lines:]
        return "\n".join(f"  {line}" for line in text) or "  (it printed nothing)"

    def stop(self, grace: float = 8.0) -> None:
        """Ask the server to end, wait, and end its whole process group if it does not."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(grace)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(5)
        if os.name != "nt":
            # Whatever the server started and left behind; trainings live in sessions of their own.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGTERM)
                time.sleep(0.2)
                os.killpg(self.process.pid, signal.SIGKILL)
