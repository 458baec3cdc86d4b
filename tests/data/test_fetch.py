"""Downloads from a server on this machine that answers well, badly and not at all."""

from __future__ import annotations

import socket
import tarfile
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from course_lib.data import download, fetch, fsdd
from course_lib.data.errors import DatasetError


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


def test_the_release_is_the_one_with_all_speakers():
    assert fsdd.RELEASE.url.endswith("/v1.0.10.tar.gz")
