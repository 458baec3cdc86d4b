"""The same encoding on a scheduler and two worker processes on loopback, one of them killed in the middle."""

from __future__ import annotations

import contextlib
import gc
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import psutil
import pytest

from course_lib.audio.log_mel_spectrogram import LogMelSpectrogram
from course_lib.audio.mu_law import MuLaw
from course_lib.data import cluster as room
from course_lib.data.array_source import ArraySource
from course_lib.data.cluster import ClusterError, connect, encode_on, encode_part
from course_lib.data.encode import encode_blocks
from course_lib.data.features import cached_features
from course_lib.data.generated_source import GeneratedSource

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
PATIENCE = 90.0


def wait_for(condition, what: str):
    """Poll until ``condition()`` is true and return it."""
    end = time.monotonic() + PATIENCE
    while not (value := condition()):
        assert time.monotonic() < end, f"no {what} after {PATIENCE} s"
        time.sleep(0.05)
    return value


@dataclass
class Cluster:
    """Addresses and processes of a scheduler and its workers, by name."""

    address: str
    processes: dict[str, subprocess.Popen]


def _start(folder: Path, name: str, *arguments: str) -> subprocess.Popen:
    environment = os.environ | {"PYTHONPATH": str(ROOT), "DASK_DISTRIBUTED__WORKER__DAEMON": "False"}
    log = (folder / f"{name}.log").open("w")
    command = [sys.executable, "-m", *arguments, "--host", "127.0.0.1", "--no-dashboard"]
    return subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, env=environment, cwd=folder)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory) -> Iterator[Cluster]:
    folder = tmp_path_factory.mktemp("cluster")
    address_file = folder / "scheduler.json"
    options = ("--port", "0", "--dashboard-address", "127.0.0.1:0", "--scheduler-file", str(address_file))
    processes = {"scheduler": _start(folder, "scheduler", "distributed.cli.dask_scheduler", *options)}
    try:
        wait_for(address_file.exists, "scheduler")
        address = wait_for(lambda: json.loads(address_file.read_text() or "{}").get("address"), "address")
        assert address.startswith("tcp://127.0.0.1:")
        for name in ("one", "two"):
            options = ("--no-nanny", "--nthreads", "1", "--name", name, "--local-directory", str(folder))
            processes[name] = _start(folder, name, "distributed.cli.dask_worker", address, *options)
        yield Cluster(address, processes)
    finally:
        for process in processes.values():
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            process.wait()


@pytest.fixture(scope="module")
def client(cluster):
    with connect(cluster.address) as client:
        wait_for(lambda: len(client.ncores()) == 2, "second worker")
        yield client


def test_clips_in_memory_travel_and_come_back_bit_identical(client, cache):
    y = GeneratedSource(100).samples()
    representation = LogMelSpectrogram().fit(y)
    source = ArraySource(y, sr=8000)
    features = np.concatenate(list(encode_on(client, source, representation, block=16)))
    np.testing.assert_array_equal(features, representation.encode(y))
    steps = []
    kept = cached_features(
        source,
        representation,
        encoder=partial(encode_on, client, block=48),
        on_progress=lambda done, total: steps.append((done, total)),
    )
    np.testing.assert_array_equal(kept, features)
    assert steps == [(48, 100), (96, 100), (100, 100)]


def test_an_error_in_a_block_is_the_workers_own(client):
    y = GeneratedSource(40).samples()
    y[33, 5] = np.nan
    with pytest.raises(ValueError, match="NaN or infinite"):
        list(encode_on(client, ArraySource(y, sr=8000), MuLaw(), block=16))
    with pytest.raises(ValueError, match="n_samples = 4096"):
        list(encode_on(client, GeneratedSource(3), MuLaw(n_samples=4096)))


def test_a_worker_with_another_version_is_refused(client):
    with pytest.raises(ClusterError, match=r"expected version 0\.0\.1 of the project on every worker"):
        encode_part(GeneratedSource(2), MuLaw(), "0.0.1")
    future = client.submit(encode_part, GeneratedSource(2), MuLaw(), "0.0.1", pure=False)
    with pytest.raises(ClusterError, match="expected version"):
        future.result(timeout=PATIENCE)


def test_one_worker_killed_in_the_middle(cluster, client):
    source, representation = GeneratedSource(64 * 32), LogMelSpectrogram().fit(GeneratedSource(64).samples())
    victim = cluster.processes["two"]
    (address,) = [
        worker
        for worker, facts in client.scheduler_info(n_workers=-1)["workers"].items()
        if facts["name"] == "two"
    ]
    blocks = []
    for features in encode_on(client, source, representation, block=32):
        blocks.append(features)
        if len(blocks) == 8:
            # Not before it has work in hand: its loss must cost something.
            wait_for(lambda: client.processing()[address] or client.has_what()[address], "work of the victim")
            os.kill(victim.pid, signal.SIGKILL)
            victim.wait()
    assert victim.returncode == -signal.SIGKILL
    assert len(blocks) == 64
    assert len(client.ncores()) == 1
    whole = np.concatenate(list(encode_blocks(source, representation)))
    np.testing.assert_array_equal(np.concatenate(blocks), whole)


def test_no_worker_left_is_said(cluster, client, monkeypatch):
    """The last test on this cluster: it stops the other worker too."""
    monkeypatch.setattr(room, "PATIENCE_SECONDS", 1.0)
    cluster.processes["one"].kill()
    wait_for(lambda: not client.ncores(), "end of the last worker")
    with pytest.raises(
        ClusterError, match=r"no worker for 1 s; start one by 'dask worker tcp://127\.0\.0\.1:"
    ):
        list(encode_on(client, GeneratedSource(10), MuLaw()))


def test_no_scheduler_is_said(monkeypatch):
    monkeypatch.setattr(room, "CONNECT_SECONDS", 1)
    for address in ("tcp://127.0.0.1:9", "nonsense"):
        with (
            pytest.raises(ClusterError, match=f"no Dask scheduler answers at {address}.*'dask scheduler'"),
            connect(address),
        ):
            pass
        left = [thing for thing in gc.get_objects() if _is_client_of(thing, address)]
        assert not left, "a half-made client, closed while another cluster starts, would block it for ever"


def _is_client_of(thing, address: str) -> bool:
    return type(thing).__module__ == "distributed.client" and getattr(thing, "_start_arg", None) == address


def _listens(process: psutil.Process) -> bool:
    try:
        return any(facts.status == psutil.CONN_LISTEN for facts in process.net_connections("inet"))
    except psutil.Error:
        return False


def test_the_local_cluster_is_loopback_only_and_ends_with_its_block():
    source = GeneratedSource(40)
    # Sockets and processes of tests before this one are not meant.
    me = psutil.Process()
    others = set(me.children(recursive=True))
    before = {connection.laddr for connection in me.net_connections("inet")}
    with connect(workers=1) as client:
        features = np.concatenate(list(encode_on(client, source, MuLaw(), block=16)))
        family = [me, *(set(me.children(recursive=True)) - others)]
        listening = [
            connection.laddr
            for process in family
            for connection in process.net_connections("inet")
            if connection.status == psutil.CONN_LISTEN and connection.laddr not in before
        ]
        assert listening
        assert {address.ip for address in listening} == {"127.0.0.1"}
        assert 8787 not in {address.port for address in listening}, "Dask's dashboard is off"
        family.remove(me)
    np.testing.assert_array_equal(features, MuLaw().encode(source.samples()))
    # Python's own helper of spawned processes stays for the next ones.
    _, alive = psutil.wait_procs(family, timeout=10)
    assert not [process for process in alive if _listens(process)]
