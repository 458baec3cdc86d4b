"""How much memory this process has taken at most."""

from __future__ import annotations

import re
import sys
from pathlib import Path


def peak_memory() -> int:
    """Peak resident memory of this process in bytes, its libraries and mapped files included."""
    # getrusage would also count what the parent held when it started this process.
    status = Path("/proc/self/status")
    if status.exists():
        found = re.search(r"^VmHWM:\s+(\d+) kB", status.read_text(), re.MULTILINE)
        if found:
            return 1024 * int(found[1])
    if sys.platform == "win32":
        import psutil

        return psutil.Process().memory_info().peak_wset
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else 1024 * peak
