"""Downloads of large files: resumed, retried, checked, refused; the server is on this machine."""

from __future__ import annotations

import errno
import hashlib
import multiprocessing
import shutil
import socket
import threading
import time
from collections import namedtuple
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from course_lib.data import download as module
from course_lib.data.download import download, fetched, one_at_a_time, place_of
from course_lib.data.errors import DatasetError
from course_lib.data.release import Release

CONTENT = np.random.default_rng(0).bytes(1_000_000)
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@dataclass
class Behaviour:
    """How the server answers, and what it was asked."""

    content: bytes = CONTENT
    etag: str = '"one"'
    ranges: bool = True
    statuses: list[int] = field(default_factory=list)  # of the next answers; 200 when empty
    stop_after: list[int] = field(default_factory=list)  # bytes after which the next answers break off
    stated: int | None = None
    pause: float = 0.0
    wrong_range: bool = False
    asked: list[str | None] = field(default_factory=list)


@pytest.fixture
def server():
    behaviour = Behaviour()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            b = behaviour
            wanted = self.headers.get("Range")
            b.asked.append(wanted)
            self.close_connection = True
            status = b.statuses.pop(0) if b.statuses else 200
            if status >= 400:
                self.send_error(status)
                return
            start = 0
            if b.ranges and wanted and self.headers.get("If-Range") in (None, b.etag):
                start = int(wanted.removeprefix("bytes=").rstrip("-"))
                if start >= len(b.content):
                    self.send_error(416)
                    return
                status = 206
            body = b.content[start:]
            self.send_response(status)
            self.send_header("Content-Length", str(len(body) if b.stated is None else b.stated))
            if b.ranges:
                self.send_header("Accept-Ranges", "bytes")
            if b.etag:
                self.send_header("ETag", b.etag)
            if status == 206:
                shown = start + 7 if b.wrong_range else start
                self.send_header("Content-Range", f"bytes {shown}-{len(b.content) - 1}/{len(b.content)}")
            self.end_headers()
            end = b.stop_after.pop(0) if b.stop_after else len(body)
            try:
                for at in range(0, end, 65_536):
                    self.wfile.write(body[at : min(at + 65_536, end)])
                    if b.pause:
                        self.wfile.flush()
                        time.sleep(b.pause)
            except OSError:
                pass  # the other side hung up, as some tests want

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    behaviour.url = f"http://127.0.0.1:{server.server_port}/release.tar.gz"
    yield behaviour
    server.shutdown()
    server.server_close()


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    monkeypatch.setattr(module, "RETRY_WAITS", (0.0, 0.0))


def release(server, **facts) -> Release:
    facts = {"size": len(CONTENT), "sha256": SHA256, "most_bytes": 2_000_000, "by_hand": "carry it"} | facts
    return Release(server.url, **facts)


def files_in(folder: Path) -> set[str]:
    return {path.suffix for path in folder.iterdir()} if folder.exists() else set()


def test_a_file_arrives_with_its_hash(server, tmp_path):
    seen = []
    path = download(release(server), tmp_path, on_progress=lambda *now: seen.append(now))
    assert path.read_bytes() == CONTENT
    assert seen[-1] == (1_000_000, 1_000_000)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert files_in(tmp_path) == {""}


def test_a_break_is_resumed_within_one_call(server, tmp_path):
    server.stop_after = [300_000, 200_000]
    assert download(release(server), tmp_path).read_bytes() == CONTENT
    assert server.asked == [None, "bytes=300000-", "bytes=500000-"]


def test_a_break_is_resumed_by_the_next_call(server, tmp_path):
    server.stop_after = [300_000, 100_000, 100_000]
    with pytest.raises(DatasetError, match="was cut short; try again, or carry it"):
        download(release(server), tmp_path)
    assert files_in(tmp_path) == {".part", ".json"}
    assert download(release(server), tmp_path).read_bytes() == CONTENT
    assert server.asked[-1] == "bytes=500000-"


@pytest.mark.parametrize("missing", ["ranges", "etag"])
def test_without_ranges_or_version_it_begins_anew_and_keeps_nothing(server, tmp_path, missing):
    setattr(server, missing, "" if missing == "etag" else False)
    server.stop_after = [300_000, 300_000, 300_000]
    with pytest.raises(DatasetError, match="was cut short"):
        download(release(server), tmp_path)
    assert files_in(tmp_path) == set()
    server.stop_after = [300_000]
    assert download(release(server), tmp_path).read_bytes() == CONTENT
    assert server.asked == [None] * 5


def test_a_file_that_changed_on_the_server_is_not_glued_to_the_old_part(server, tmp_path):
    server.stop_after = [300_000, 0, 0]
    with pytest.raises(DatasetError, match="cut short"):
        download(release(server, sha256="", size=0), tmp_path)
    server.content, server.etag = CONTENT[::-1], '"two"'
    assert download(release(server, sha256="", size=0), tmp_path).read_bytes() == CONTENT[::-1]


def test_another_part_than_was_asked_for_is_refused(server, tmp_path):
    server.stop_after, server.wrong_range = [300_000], True
    assert download(release(server), tmp_path).read_bytes() == CONTENT
    assert server.asked == [None, "bytes=300000-", None]


@pytest.mark.parametrize("status", [404, 403, 410])
def test_a_missing_file_is_named_at_once(server, tmp_path, status):
    server.statuses = [status]
    with pytest.raises(DatasetError, match=f"release.tar.gz answered {status}; carry it"):
        download(release(server), tmp_path)
    assert len(server.asked) == 1
    assert files_in(tmp_path) == set()


def test_500_then_success(server, tmp_path):
    server.statuses = [500, 503]
    assert download(release(server), tmp_path).read_bytes() == CONTENT
    assert len(server.asked) == 3


def test_500_for_ever(server, tmp_path):
    server.statuses = [500] * 9
    with pytest.raises(DatasetError, match="answered 500; try again, or carry it"):
        download(release(server), tmp_path)
    assert len(server.asked) == 3
    assert files_in(tmp_path) == set()


def test_a_wrong_length_is_refused_before_it_is_read(server, tmp_path):
    server.content = CONTENT[:-1]
    with pytest.raises(DatasetError, match="offers 999,999 bytes and the published file has 1,000,000"):
        download(release(server), tmp_path)
    assert files_in(tmp_path) == set()


def test_more_bytes_than_any_release_are_refused(server, tmp_path):
    with pytest.raises(
        DatasetError, match="offers 1,000,000 bytes and the published file has at most 500,000"
    ):
        download(release(server, size=0, sha256="", most_bytes=500_000), tmp_path)
    assert files_in(tmp_path) == set()


def test_another_file_is_refused_by_its_hash(server, tmp_path):
    server.content = CONTENT[::-1]
    with pytest.raises(DatasetError, match=rf"is not the published file: .* expected {SHA256[:16]}"):
        download(release(server), tmp_path)
    assert files_in(tmp_path) == set()
    assert len(server.asked) == 1


def test_a_poisoned_part_is_found_and_fetched_again(server, tmp_path):
    server.stop_after = [300_000, 0, 0]
    with pytest.raises(DatasetError, match="cut short"):
        download(release(server), tmp_path)
    part = place_of(release(server), tmp_path).with_suffix(".part")
    part.write_bytes(b"\0" * part.stat().st_size)
    assert download(release(server), tmp_path).read_bytes() == CONTENT
    assert server.asked[-2:] == ["bytes=300000-", None]


def test_a_poisoned_download_is_fetched_again(server, tmp_path):
    place_of(release(server), tmp_path).write_bytes(b"poison")
    assert download(release(server), tmp_path).read_bytes() == CONTENT
    assert len(server.asked) == 1
    assert download(release(server), tmp_path).read_bytes() == CONTENT
    assert len(server.asked) == 1


@pytest.mark.parametrize("notes", ["", "[]", "{}", '{"url": 1, "version": 2}', "\0"])
def test_damaged_notes_only_cost_the_part(server, tmp_path, notes):
    place = place_of(release(server), tmp_path)
    place.with_suffix(".part").write_bytes(b"something")
    place.with_suffix(".json").write_text(notes)
    assert download(release(server), tmp_path).read_bytes() == CONTENT
    assert server.asked == [None]


def test_refused_says_what_to_do(tmp_path):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/a"
        with pytest.raises(DatasetError, match=r"cannot reach http.*; without a network, carry it"):
            download(Release(url, by_hand="carry it"), tmp_path)
    assert files_in(tmp_path) == set()


def test_a_server_that_stops_sending_is_given_up(server, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "TIMEOUT_SECONDS", 0.2)
    server.pause = 1.0
    started = time.monotonic()
    with pytest.raises(DatasetError, match=r"(is too slow|was cut short); try again"):
        download(release(server, sha256="", size=0), tmp_path)
    assert time.monotonic() - started < 5


def test_a_trickle_is_given_up(server, tmp_path, monkeypatch):
    """Each read succeeds in time, so no timeout fires; what arrives in a while is too little."""
    monkeypatch.setattr(module, "STALL_SECONDS", 0.3)
    monkeypatch.setattr(module, "STALL_BYTES", 10**9)
    monkeypatch.setattr(module, "CHUNK_BYTES", 65_536)
    server.pause = 0.25
    with pytest.raises(DatasetError, match="is too slow; try again, or carry it"):
        download(release(server), tmp_path)


def test_a_full_disk_leaves_nothing_half_written(server, tmp_path, monkeypatch):
    whole = Path.open

    class FullDisk:
        def __init__(self, file):
            self.file, self.left = file, 300_000

        def write(self, data):
            self.left -= len(data)
            if self.left < 0:
                raise OSError(errno.ENOSPC, "No space left on device")
            return self.file.write(data)

        def __enter__(self):
            return self

        def __exit__(self, *error):
            self.file.close()

        def close(self):
            self.file.close()

    def open_(path, mode="r", *args, **kwargs):
        file = whole(path, mode, *args, **kwargs)
        return FullDisk(file) if path.suffix == ".part" and "b" in mode and "r" not in mode else file

    monkeypatch.setattr(Path, "open", open_)
    with pytest.raises(DatasetError, match=r"is full; nothing was kept: make room, or let COURSE_CACHE name"):
        download(release(server), tmp_path)
    assert files_in(tmp_path) == set()


def test_a_disk_too_small_is_noticed_before_anything_is_asked(server, tmp_path, monkeypatch):
    usage = namedtuple("usage", "total used free")(10**9, 0, 5_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    with pytest.raises(DatasetError, match=r"3\.0 GB of disk are needed and 0\.0 GB are free in"):
        download(release(server), tmp_path, needed=3_000_000_000)
    assert server.asked == []


def test_fetched_deletes_what_was_used_and_what_was_no_good(server, tmp_path):
    with fetched(release(server), tmp_path) as path:
        assert path.read_bytes() == CONTENT
    assert files_in(tmp_path) == set()

    def use():
        with fetched(release(server), tmp_path):
            raise DatasetError("no good")

    with pytest.raises(DatasetError, match="no good"):
        use()
    assert files_in(tmp_path) == set()


def test_a_download_that_a_person_interrupts_is_kept(server, tmp_path):
    def use():
        with fetched(release(server), tmp_path):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        use()
    assert download(release(server), tmp_path).read_bytes() == CONTENT
    assert len(server.asked) == 1


def _download_elsewhere(url, folder, results):
    there = Release(url, size=len(CONTENT), sha256=SHA256, most_bytes=2_000_000)
    with one_at_a_time(there, folder):
        results.put(hashlib.sha256(download(there, folder).read_bytes()).hexdigest())


def test_two_processes_fetch_once(server, tmp_path):
    server.pause = 0.02
    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    processes = [
        context.Process(target=_download_elsewhere, args=(server.url, tmp_path, results)) for _ in range(2)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0]
    assert [results.get(timeout=5) for _ in range(2)] == [SHA256] * 2
    assert len(server.asked) == 1
