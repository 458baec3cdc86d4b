"""What this machine can do, found out by doing a little of it."""

from __future__ import annotations

import math
import os
import time
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Machine:
    """Measured once when a lab opens; ``step_ms`` is one real gradient step of the lab's kind of network."""

    cores: int
    memory_gb: float
    device: str
    step_ms: float

    def seconds_for(self, *, clips: int, epochs: int, limit: float, batch: int = 64) -> float:
        """Seconds that a training of this many epochs takes here, its limit counted."""
        return min(limit, epochs * -(-clips // batch) * self.step_ms / 1000)

    def epochs_in(self, *, clips: int, epochs: int, limit: float, batch: int = 64) -> int:
        """Whole epochs that fit before the limit."""
        return max(1, min(epochs, int(limit * 1000 / (self.step_ms * -(-clips // batch)))))


def cores() -> int:
    """Processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def glance() -> Machine:
    """What can be known without importing a backend: for a lab that trains nothing."""
    import psutil

    return Machine(
        cores=cores(), memory_gb=psutil.virtual_memory().total / 2**30, device="the CPU", step_ms=math.nan
    )


def probe(features: np.ndarray, *, steps: int = 3) -> Machine:
    """Time real steps of a small Conv1D autoencoder on 64 of ``features``, shape (clips, frames, bands).

    The smallest of ``steps`` timings counts: whatever else the machine does only ever adds.
    """
    import keras
    import psutil

    from course_lib.losses.reconstruction import mean_absolute
    from course_lib.models.autoencoder import Autoencoder
    from course_lib.models.networks import conv1d_decoder, conv1d_encoder

    shape = features.shape[1:]
    model = Autoencoder(conv1d_encoder(shape, 64), conv1d_decoder(shape, 64))
    model.compile(optimizer="adam", loss=mean_absolute)
    batch = np.resize(features[:64], (64, *shape))
    model.train_on_batch(batch, batch)
    seconds = []
    for _ in range(steps):
        start = time.perf_counter()
        model.train_on_batch(batch, batch)
        seconds.append(time.perf_counter() - start)
    gpu = any("gpu" in str(name).lower() for name in keras.distribution.list_devices())
    return Machine(
        cores=cores(),
        memory_gb=psutil.virtual_memory().total / 2**30,
        device="a GPU" if gpu else "the CPU",
        step_ms=1000 * min(seconds),
    )
