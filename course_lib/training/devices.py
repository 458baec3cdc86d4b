"""What this machine computes with."""

from __future__ import annotations

import json
import os
import platform
from importlib import metadata
from pathlib import Path
from typing import Any

from course_lib import __version__

PACKAGES = ("numpy", "keras", "tensorflow", "jax", "torch", "librosa")


def versions() -> dict[str, str]:
    """Versions of what influences a training; read from metadata, nothing is imported."""
    found = {"latent-sound": __version__, "python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return found


def cores() -> int:
    """Processor cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def gpu_count() -> int:
    """GPUs that a training may use, without importing a backend: by the driver's own folder, 0 elsewhere."""
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is not None:
        return len([device for device in visible.split(",") if device.strip() not in ("", "-1")])
    folder = Path("/proc/driver/nvidia/gpus")
    return len(list(folder.iterdir())) if folder.is_dir() else 0


def machine() -> dict[str, Any]:
    """The machine in words and numbers, cheaply: no backend is imported."""
    import psutil

    return {
        "host": platform.node(),
        "system": platform.platform(),
        "cpu": platform.processor() or platform.machine(),
        "cores": cores(),
        "memory_gb": round(psutil.virtual_memory().total / 2**30, 1),
    }


def describe() -> dict[str, Any]:
    """The backend and its devices. Imports Keras and its backend: seconds, hundreds of megabytes.

    Returns
    -------
    dict
        ``keras``, ``backend``, ``backend_version``, ``devices`` and ``gpus`` (lists of str).
    """
    import keras

    backend = keras.backend.backend()
    try:
        devices = [str(device) for device in keras.distribution.list_devices()]
    except (NotImplementedError, RuntimeError, ValueError):
        # Not every backend lists its devices.
        devices = []
    return {
        "keras": keras.__version__,
        "backend": backend,
        "backend_version": versions().get(backend, "unknown"),
        "devices": devices,
        "gpus": [device for device in devices if device.startswith(("gpu", "cuda"))],
    }


if __name__ == "__main__":
    # For a program that wants to know without importing the backend itself.
    print(json.dumps(describe()))
