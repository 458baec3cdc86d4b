"""What ``course doctor`` looks at, one function a subject."""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib import metadata

from course_lib.commands.servers import free_port
from course_lib.paths import cache_dir, runs_dir

# A lab's kernel stays under 2 GB; JupyterLab, the browser and a training beside it need the rest.
MEMORY_NEEDED_GB = 4.0
DISK_NEEDED_GB = 1.0


@dataclass(frozen=True)
class Finding:
    """One line of the report: a subject, whether it is well, what was found and what to do if it is not."""

    name: str
    ok: bool
    found: str
    remedy: str = ""
    optional: bool = False


def examine() -> list[Finding]:
    """All findings, in the order in which they are printed."""
    return [
        _python(),
        *_backend(),
        _memory(),
        _disk(),
        _codecs(),
        *_ports(),
        *_data(),
        _pesq(),
        _browser(),
    ]


def _python() -> Finding:
    ok = (3, 12) <= sys.version_info[:2] < (3, 14)
    found = f"{platform.python_version()} on {platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    return Finding("Python", ok, found, "install Python 3.12 and run `make start` again")


def _backend() -> list[Finding]:
    """Backend and GPU, seen by a child process: the import is slow, and its memory is given back."""
    try:
        child = subprocess.run(
            [sys.executable, "-m", "course_lib.training.devices"],
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
        seen = json.loads(child.stdout.strip().splitlines()[-1])
    except (OSError, ValueError, IndexError, subprocess.SubprocessError) as error:
        remedy = "run `make setup`; COURSE_DEBUG=1 shows the import's own message"
        return [Finding("Backend", False, f"keras does not start: {error}", remedy)]
    backend = Finding(
        "Backend", True, f"Keras {seen['keras']} on {seen['backend']} {seen['backend_version']}"
    )
    gpus = seen["gpus"]
    remedy = "not needed: every lab is made for a CPU. On Linux or WSL2: pip install -e '.[gpu]'"
    gpu = Finding("GPU", bool(gpus), ", ".join(gpus) or "none", remedy, optional=True)
    return [backend, gpu]


def _memory() -> Finding:
    import psutil

    free, total = psutil.virtual_memory().available / 2**30, psutil.virtual_memory().total / 2**30
    remedy = f"close other programs: a lab and a training together want {MEMORY_NEEDED_GB:.0f} GB"
    return Finding("Memory", free >= MEMORY_NEEDED_GB, f"{free:.1f} GB free of {total:.1f} GB", remedy)


def _disk() -> Finding:
    folder = runs_dir()
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free / 2**30
    writable = os.access(folder, os.W_OK)
    found = f"{free:.1f} GB free for runs in {runs_dir()}" + ("" if writable else " (read only)")
    remedy = "free some space, or point COURSE_RUNS at another disk"
    return Finding("Disk", free >= DISK_NEEDED_GB and writable, found, remedy)


def _codecs() -> Finding:
    import soundfile

    wanted = ["WAV", "FLAC", "OGG", "MP3", "AIFF"]
    formats = soundfile.available_formats()
    missing = [name for name in wanted if name not in formats]
    found = f"libsndfile reads {', '.join(name for name in wanted if name in formats)}"
    remedy = f"no {', '.join(missing)}: run `make setup` to get the locked soundfile"
    return Finding("Codecs", not missing, found, remedy)


def _ports() -> list[Finding]:
    findings = []
    for name, port in (("JupyterLab", 8888), ("Dashboards", 5006)):
        try:
            free = free_port(port)
        except RuntimeError as error:
            findings.append(
                Finding(f"Port {port}", False, str(error), "end the programs that hold these ports")
            )
            continue
        found = f"free for {name}" if free == port else f"taken; {name} will use {free}"
        findings.append(Finding(f"Port {port}", True, found))
    return findings


def _data() -> list[Finding]:
    from course_lib.data import catalog
    from course_lib.data.verify import verify

    findings = []
    for dataset in catalog.CATALOG.values():
        optional = not dataset.bundled
        if optional and not dataset.installed:
            remedy = f"optional: {dataset.remedy}"
            findings.append(Finding(dataset.title, False, f"not in {cache_dir()}", remedy, optional=True))
            continue
        try:
            # Bundled files are hashed in full; of imported ones, maybe gigabytes, the sizes are compared.
            found = f"{verify(dataset, thorough=not optional):,} clips as they should be"
            findings.append(Finding(dataset.title, True, found, optional=optional))
        except (OSError, ValueError) as error:
            # The error of a damaged data set says how to restore it.
            findings.append(Finding(dataset.title, False, str(error), "see the message", optional=optional))
    return findings


def _pesq() -> Finding:
    try:
        return Finding("PESQ", True, f"pesq {metadata.version('pesq')}")
    except metadata.PackageNotFoundError:
        remedy = "optional, needs a C compiler: pip install -e '.[pesq]'"
        return Finding("PESQ", False, "not installed; tables leave its column empty", remedy, optional=True)


def _browser() -> Finding:
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
    path = next((found for name in names if (found := shutil.which(name))), None)
    remedy = "only the browser tests need it: install your system's chromium package"
    return Finding("Chromium", path is not None, path or "not found", remedy, optional=True)
