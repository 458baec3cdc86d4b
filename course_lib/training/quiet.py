"""Keep a backend's own announcements out of a learner's terminal and notebook."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def quiet_stderr() -> Iterator[None]:
    """Nothing on the process's standard error: the backend announces itself there past every log level."""
    sys.stderr.flush()
    try:
        saved = os.dup(2)
    except OSError:
        # No standard error to silence (a service, a windowed program).
        yield
        return
    null = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(null, 2)
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
        os.close(null)
