"""The same encoding on many processes or machines, by Dask."""

from __future__ import annotations

import contextlib
import gc
import time
from collections import deque
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from course_lib import __version__
from course_lib.audio.representation import Representation
from course_lib.data.clip_source import ClipSource
from course_lib.data.encode import BLOCK, blocks_of, check_match, keep_freed_memory

if TYPE_CHECKING:
    from distributed import Client

CONNECT_SECONDS = 10
# How long an encoding waits for a worker when all are gone.
PATIENCE_SECONDS = 60.0
# Blocks on their way for each worker: one in work, one waiting, one coming back. More would fill memory.
IN_FLIGHT = 3


class ClusterError(RuntimeError):
    """A cluster that does not answer or does not work; the message says what to start."""


@contextlib.contextmanager
def connect(address: str | None = None, *, workers: int | None = None) -> Iterator[Client]:
    """Yield a client of the scheduler at ``address``, or of a cluster of processes on this machine.

    A scheduler runs whatever a client sends it and asks for no password: it belongs into a network that you
    trust. The local cluster listens on 127.0.0.1 only, without a dashboard, until the end of the ``with``
    block; on a machine with other users they could reach it there.

    Parameters
    ----------
    address : str, optional
        Like ``tcp://10.0.0.5:8786``.
    workers : int, optional
        Processes of the local cluster; one for each core by default.

    Raises
    ------
    ClusterError
        Nothing answers at ``address``.
    """
    from distributed import Client, LocalCluster

    with contextlib.ExitStack() as stack:
        if address is None:
            # One thread each: an encoding keeps a core busy, and its memory stays in that core's cache.
            options: dict[str, Any] = {"n_workers": workers or _cores(), "threads_per_worker": 1}
            # Without an address for it the scheduler would answer web requests at the usual port, 8787.
            place = {"host": "127.0.0.1", "dashboard_address": "127.0.0.1:0"}
            silent = {"dashboard": False}
            cluster = stack.enter_context(LocalCluster(**options, **place, scheduler_kwargs=silent))
            yield stack.enter_context(Client(cluster))
            return
        client, problem = None, ""
        try:
            client = Client(address, timeout=CONNECT_SECONDS)
        except (OSError, ValueError) as error:
            problem = str(error)
        if client is None:
            # Close the half-made client now: a collection that finds it while another cluster starts would
            # wait for the lock that this start holds. No exception may keep it alive, hence no chain.
            gc.collect()
            raise ClusterError(
                f"no Dask scheduler answers at {address}: {problem}; start one by 'dask scheduler' and "
                "workers by 'dask worker ADDRESS', each where this project is installed"
            )
        yield stack.enter_context(client)


def _cores() -> int:
    import psutil

    return psutil.cpu_count(logical=False) or 1


def encode_on(
    client: Client, source: ClipSource, representation: Representation, *, block: int = BLOCK
) -> Iterator[np.ndarray]:
    """:func:`encode.encode_blocks` with the blocks spread over a cluster's workers, in the same order.

    A worker that dies costs the blocks it had; others do them again, and the result is bit for bit the same,
    as long as the machines' processors are of one kind (others may round the last digit otherwise).
    Only a few blocks for each worker are ever on their way.

    Raises
    ------
    ValueError
        Clips of another rate or length than the representation's.
    ClusterError
        No worker for a minute, the scheduler is gone, or a block that no worker survives.
    """
    from distributed import KilledWorker
    from distributed.client import FutureCancelledError
    from distributed.comm.core import CommClosedError

    check_match(source, representation)
    parts = blocks_of(source, block=block)
    # Two tasks of a cluster with the same key are one task: another encoding must not share ours.
    tag = f"encode-{source.sha256[:8]}-{time.time_ns():x}"
    waiting: deque = deque()
    try:
        for number, part in enumerate(parts):
            key = f"{tag}-{number}"
            waiting.append(client.submit(encode_part, part, representation, __version__, key=key, retries=0))
            if len(waiting) >= IN_FLIGHT * max(1, len(client.ncores())):
                yield _result(client, waiting.popleft())
        while waiting:
            yield _result(client, waiting.popleft())
    except KilledWorker as error:
        raise ClusterError("several workers died over one block; start workers with more memory") from error
    except (FutureCancelledError, CommClosedError) as error:
        raise ClusterError(f"the scheduler is gone: {error}; start it again and encode anew") from error
    except ModuleNotFoundError as error:
        raise ClusterError(f"a worker lacks {error.name}: install this project there too") from error
    finally:
        for future in waiting:
            future.release()


def encode_part(part: ClipSource, representation: Representation, version: str) -> np.ndarray:
    """What a worker does: the features of one block; ClusterError if its project has another version."""
    if version != __version__:
        raise ClusterError(
            f"expected version {version} of the project on every worker; one has {__version__}"
        )
    keep_freed_memory()
    return representation.encode(part.samples())


def _result(client: Client, future) -> np.ndarray:
    """Wait for a block as long as there is any worker to make it."""
    from distributed import TimeoutError as NotYet

    alone_since = None
    while True:
        try:
            features = future.result(timeout=2)
        except NotYet:
            if client.ncores():
                alone_since = None
                continue
            alone_since = alone_since or time.monotonic()
            if time.monotonic() - alone_since > PATIENCE_SECONDS:
                address = client.scheduler.address
                raise ClusterError(
                    f"no worker for {PATIENCE_SECONDS:.0f} s; start one by 'dask worker {address}'"
                ) from None
        else:
            future.release()
            return features
