"""Downloads from a server on this machine that answers well, badly and not at all."""

from __future__ import annotations

import hashlib
import multiprocessing
import socket
import tarfile
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest
import stand_ins

from course_lib.data import catalog, download, fetch, fsdd
from course_lib.data.errors import DatasetError
from course_lib.data.recorded_source import RecordedSource


@pytest.fixture(scope="module")
def archive(release, tmp_path_factory) -> bytes:
    path = tmp_path_factory.mktemp("archive") / "a.tar.gz"
    with tarfile.open(path, "w:gz") as tar:
        tar.add(release.root, release.root.name)
    return path.read_bytes()


@pytest.fixture(scope="module")
def server(archive):
    """Serves the archive with its length stated or not (as GitHub), half of it, and a page instead."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        requests = 0

        def do_GET(self):
            type(self).requests += 1
            if self.path in ("/chunked", "/half-chunked"):
                self.send_response(200)
                self.send_header("Transfer-Encoding", "chunked")
                self.end_headers()
                half = len(archive) // 2
                for part in (archive[:half], archive[half:]):
                    self.wfile.write(f"{len(part):x}\r\n".encode() + part + b"\r\n")
                    if self.path == "/half-chunked":
                        break
                else:
                    self.wfile.write(b"0\r\n\r\n")
            elif self.path in ("/good", "/half", "/junk"):
                body = b"<html>sign in to the Wi-Fi</html>" if self.path == "/junk" else archive
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body[: len(body) // 2] if self.path == "/half" else body)
            else:
                self.send_error(404)
            self.close_connection = True

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", Handler
    server.shutdown()
    server.server_close()


def get(url, release, cache, **more):
    return fetch.fetch_fsdd(url=url, expected=release.expected, target=cache / "fsdd", **more)


def nothing_left(cache) -> bool:
    """Only locks, which are empty files that stay."""
    return all(path.suffix == ".lock" for path in cache.rglob("*") if path.is_file())


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    monkeypatch.setattr(download, "RETRY_WAITS", (0.0, 0.0))


@pytest.mark.parametrize("path", ["/good", "/chunked"])
def test_a_release_is_downloaded_and_imported(server, release, cache, archive, path):
    read, checked = [], []
    done = get(
        server[0] + path,
        release,
        cache,
        on_download=lambda *now: read.append(now),
        on_progress=lambda *now: checked.append(now),
    )
    assert done.files == 180
    assert fsdd.is_complete(cache / "fsdd", release.expected)
    assert checked[-1] == (180, 180)
    if path == "/good":
        assert read[-1] == (len(archive), len(archive))


def test_what_is_here_is_not_downloaded_again(server, release, cache):
    get(server[0] + "/good", release, cache)
    before = server[1].requests
    assert get(server[0] + "/good", release, cache).already
    assert server[1].requests == before


@pytest.mark.parametrize("path", ["/half", "/half-chunked"])
def test_a_download_cut_short_keeps_nothing(server, release, cache, path):
    with pytest.raises(DatasetError, match=r"cut short; try again, or bring the archive over by hand"):
        get(server[0] + path, release, cache)
    assert nothing_left(cache)


def test_an_error_page_is_named(server, release, cache):
    with pytest.raises(DatasetError, match="/gone answered 404; bring the archive over"):
        get(server[0] + "/gone", release, cache)
    assert nothing_left(cache)


def test_a_login_page_is_no_archive(server, release, cache):
    with pytest.raises(DatasetError, match=r"neither a folder nor a .zip or .tar.gz archive"):
        get(server[0] + "/junk", release, cache)
    assert nothing_left(cache)


def test_no_server_says_what_to_do(release, cache):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/a.tar.gz"
        with pytest.raises(DatasetError, match=r"cannot reach http.*without a network, bring the archive"):
            get(url, release, cache)
    assert nothing_left(cache)


def test_an_endless_download_is_stopped(server, release, cache, monkeypatch):
    monkeypatch.setattr(fsdd, "RELEASE", replace(fsdd.RELEASE, most_bytes=100_000))
    with pytest.raises(DatasetError, match="exceeds 100,000 bytes"):
        get(server[0] + "/chunked", release, cache)
    assert nothing_left(cache)


@pytest.mark.parametrize("url", ["nonsense", "ftp-like://127.0.0.1/a", "http://"])
def test_a_bad_address_is_named(url, release, cache):
    with pytest.raises(DatasetError, match="cannot download"):
        get(url, release, cache)


@pytest.fixture(scope="module")
def notes_server(tmp_path_factory):
    """Serves a stand-in for NSynth and counts the requests."""
    folder = tmp_path_factory.mktemp("notes")
    release = stand_ins.nsynth(folder)
    with tarfile.open(folder / "a.tar.gz", "w:gz") as tar:
        tar.add(release, release.name)
    body = (folder / "a.tar.gz").read_bytes()

    class Handler(BaseHTTPRequestHandler):
        requests = 0

        def do_GET(self):
            type(self).requests += 1
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/a.tar.gz", Handler, body
    server.shutdown()
    server.server_close()


def small_nsynth(body: bytes, **facts):
    """The catalog's entry as if the stand-in were the release."""
    entry = catalog.CATALOG["nsynth"]
    facts = {"size": len(body), "sha256": hashlib.sha256(body).hexdigest()} | facts
    return replace(entry, published_clips=48, disk_bytes=0, release=replace(entry.release, **facts))


def test_a_published_set_is_fetched_once_and_read_by_every_door(notes_server, cache, monkeypatch):
    url, handler, body = notes_server
    monkeypatch.setitem(catalog.CATALOG, "nsynth", small_nsynth(body))
    before = handler.requests
    assert fetch.fetch(catalog.get("nsynth"), url=url).files == 48
    assert fetch.fetch(catalog.get("nsynth"), url=url).already
    assert handler.requests == before + 1
    assert [path.suffix for path in (cache / "downloads").iterdir()] == [".lock"]
    clips = catalog.load("nsynth")
    source = RecordedSource.of("nsynth")
    assert list(source.names) == clips.name
    np.testing.assert_array_equal(source.part(10, 20).samples(), clips.y[10:20])


def test_another_archive_at_a_mirror_is_refused_by_its_hash(notes_server, cache):
    url, _, body = notes_server
    with pytest.raises(DatasetError, match="is not the published file: its SHA-256 is"):
        fetch.fetch(small_nsynth(body, sha256="0" * 64), url=url)
    assert nothing_left(cache)


def _fetch_elsewhere(url, body):
    fetch.fetch(small_nsynth(body), url=url)


def test_two_processes_fetch_a_published_set_once(notes_server, cache):
    url, handler, body = notes_server
    before = handler.requests
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=_fetch_elsewhere, args=(url, body)) for _ in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0]
    assert handler.requests == before + 1
    assert len(catalog.CATALOG["nsynth"].recordings) == 48


def test_the_release_is_the_one_with_all_speakers():
    assert fsdd.RELEASE.url.endswith("/v1.0.10.tar.gz")
