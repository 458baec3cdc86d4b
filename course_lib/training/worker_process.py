"""``python -m course_lib.training.worker_process``: waits for one run on standard input and trains it.

The backend is imported from the first moment on, in a thread: while the worker waits, or while it loads the
data. End of input without a run means that the parent is gone.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from pathlib import Path

from course_lib.training.errors import RunError
from course_lib.training.run_folder import Run

EXIT_REFUSED = 3
# Keras imports these when it finds them, 4 of 11 seconds measured; no training uses them through Keras.
UNUSED = ("matplotlib", "pandas", "sklearn")


def main() -> int:
    """Exit status: 0 done or stopped, 1 failed, 3 another process trains the run."""
    stop = threading.Event()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if os.name != "nt":
        # The learner's browser and the server stay quick while the training takes what is left.
        os.nice(5)
    backend = threading.Thread(target=_import_backend, name="import-backend", daemon=True)
    backend.start()
    line = sys.stdin.buffer.readline()
    if not line.strip():
        # No clean-up: the import may still be going on and would keep the interpreter for seconds.
        os._exit(0)
    signal.signal(signal.SIGTERM, lambda number, frame: stop.set())
    job = json.loads(line)
    run = Run(Path(job["run"]))
    _write_to(run.path / "log.txt")
    from course_lib.training.run import train

    try:
        state = train(run, resume=bool(job.get("resume")), backend_ready=backend.join, stop=stop)
    except RunError as error:
        print(f"refused: {error}", flush=True)
        return EXIT_REFUSED
    return 1 if state == "failed" else 0


def _import_backend() -> None:
    """Import Keras without what it merely offers wrappers for, which costs a third of its time."""
    hidden = [name for name in UNUSED if name not in sys.modules]
    # Python's own way to say "not installed"; a preset that wants one can still import it afterwards.
    sys.modules.update(dict.fromkeys(hidden))
    try:
        import keras  # noqa: F401
    finally:
        for name in hidden:
            del sys.modules[name]


def _write_to(log: Path) -> None:
    """Send standard output and error, the backend's included, to a file."""
    sys.stdout.flush()
    sys.stderr.flush()
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    os.close(descriptor)


if __name__ == "__main__":
    # TensorFlow's threads sometimes hang the interpreter's own ending; everything is written by now.
    status = main()
    sys.stdout.flush()
    os._exit(status)
