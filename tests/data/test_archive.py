"""Archives from strangers: links, climbing paths and bombs are refused by name."""

from __future__ import annotations

import gzip
import io
import struct
import tarfile
import tracemalloc
import zipfile

import pytest

from course_lib.data import archive
from course_lib.data.archive import Limits, archive_files
from course_lib.data.errors import DatasetError


def read(path, **limits) -> dict[str, bytes]:
    found = archive_files(
        path, lambda inner: inner.suffix == ".wav", limits=Limits(**{"largest": 1000, **limits})
    )
    return {inner.name: data for inner, data in found}


def make_tar(path, members, mode="w:gz"):
    with tarfile.open(path, mode) as tar:
        for name, kind, data in members:
            member = tarfile.TarInfo(name)
            member.type = kind
            member.size = len(data)
            member.linkname = "/etc/passwd" if kind in (tarfile.SYMTYPE, tarfile.LNKTYPE) else ""
            tar.addfile(member, io.BytesIO(data))
    return path


def make_zip(path, members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return path


@pytest.mark.parametrize("mode", ["w:gz", "w"])
def test_files_are_found_at_any_depth(tmp_path, mode):
    members = [
        ("d", tarfile.DIRTYPE, b""),
        ("d/recordings/1_a_0.wav", tarfile.REGTYPE, b"one"),
        ("d/recordings/._1_a_0.wav", tarfile.REGTYPE, b"a Mac's shadow"),
        ("d/README.md", tarfile.REGTYPE, b"text"),
    ]
    assert read(make_tar(tmp_path / "a", members, mode)) == {"1_a_0.wav": b"one"}


def test_a_zip_likewise(tmp_path):
    assert read(make_zip(tmp_path / "a", [("d/", b""), ("d/1_a_0.wav", b"one"), ("x.txt", b"")])) == {
        "1_a_0.wav": b"one"
    }


@pytest.mark.parametrize("name", ["../1_a_0.wav", "/tmp/1_a_0.wav", "d/../../1_a_0.wav", "C:/1_a_0.wav"])
def test_paths_that_climb_out_are_refused(tmp_path, name):
    with pytest.raises(DatasetError, match="points outside it"):
        read(make_tar(tmp_path / "a.tar.gz", [(name, tarfile.REGTYPE, b"x")]))
    with pytest.raises(DatasetError, match="points outside it"):
        read(make_zip(tmp_path / "a.zip", [(name, b"x")]))


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE])
def test_links_and_devices_are_refused(tmp_path, kind):
    with pytest.raises(DatasetError, match=r"link or special file, 'd/1_a_0.wav'"):
        read(make_tar(tmp_path / "a.tar.gz", [("d/1_a_0.wav", kind, b"")]))


def test_a_link_in_a_zip_is_refused(tmp_path):
    member = zipfile.ZipInfo("d/1_a_0.wav")
    member.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(member, "/etc/passwd")
    with pytest.raises(DatasetError, match="link or special file"):
        read(tmp_path / "a.zip")


def test_an_encrypted_zip_is_refused(tmp_path):
    path = make_zip(tmp_path / "a.zip", [("1_a_0.wav", b"one")])
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    with pytest.raises(DatasetError, match="is encrypted"):
        read(path)


@pytest.mark.parametrize("form", ["zip", "tar.gz"])
def test_a_recording_too_large_is_refused(tmp_path, form):
    path = tmp_path / "a"
    if form == "zip":
        make_zip(path, [("1_a_0.wav", bytes(1001))])
    else:
        make_tar(path, [("1_a_0.wav", tarfile.REGTYPE, bytes(1001))])
    with pytest.raises(DatasetError, match=r"'1_a_0.wav' with more than 1,000 bytes"):
        read(path)


@pytest.mark.parametrize("form", ["zip", "tar.gz"])
def test_a_bomb_of_bytes_stops_early(tmp_path, form):
    path = tmp_path / "a"
    if form == "zip":
        make_zip(path, [("zeros.bin", bytes(5_000_000))])
    else:
        make_tar(path, [("zeros.bin", tarfile.REGTYPE, bytes(5_000_000))])
    assert path.stat().st_size < 10_000
    with pytest.raises(DatasetError, match="unpacks to more than 100,000 bytes"):
        read(path, total=100_000)


@pytest.mark.parametrize("form", ["zip", "tar.gz"])
def test_a_bomb_of_members_stops_early(tmp_path, form):
    names = [f"{i}.txt" for i in range(11)]
    path = tmp_path / "a"
    if form == "zip":
        make_zip(path, [(name, b"") for name in names])
    else:
        make_tar(path, [(name, tarfile.REGTYPE, b"") for name in names])
    with pytest.raises(DatasetError, match="more than 10 members"):
        read(path, members=10)


@pytest.mark.parametrize(
    "data", [b"\x1f\x8bjunk" * 50, b"PK\x03\x04junk" * 50, b"\0" * 257 + b"ustar" + b"\1" * 300]
)
def test_junk_with_an_archive_s_first_bytes_is_damaged(tmp_path, data):
    (tmp_path / "a").write_bytes(data)
    assert archive.is_archive(tmp_path / "a")
    with pytest.raises(DatasetError, match="damaged or only half downloaded"):
        read(tmp_path / "a")


def test_ten_gigabytes_are_refused_by_what_the_header_states(tmp_path):
    """Refused before a byte of it is read through: in milliseconds, not minutes."""
    member = tarfile.TarInfo("d/zeros.bin")
    member.size = 10_000_000_000
    (tmp_path / "a.tar").write_bytes(member.tobuf() + bytes(1024))
    with pytest.raises(DatasetError, match="unpacks to more than 200,000,000 bytes"):
        read(tmp_path / "a.tar")


def test_ten_gigabytes_that_no_header_states_are_refused_while_they_unpack(tmp_path):
    """A gzip stream of 1,000 members of 10 MB zeros each, behind a tar header that states one small file."""
    member = tarfile.TarInfo("d/zeros.bin")
    member.size = 100
    zeros = gzip.compress(bytes(10_000_000), 9)
    path = tmp_path / "a.tar.gz"
    path.write_bytes(gzip.compress(member.tobuf() + bytes(512) + bytes(1024)) + zeros * 1000)
    assert path.stat().st_size < 12_000_000
    with pytest.raises(DatasetError, match="unpacks to more than 200,000,000 bytes"):
        read(path)


def test_ten_gigabytes_in_a_zip_are_refused(tmp_path):
    path = make_zip(tmp_path / "a.zip", [("zeros.bin", bytes(1000)), ("1_a_0.wav", b"one")])
    data = bytearray(path.read_bytes())
    at = data.index(b"PK\x01\x02")
    data[at + 24 : at + 28] = (4_000_000_000).to_bytes(4, "little")
    path.write_bytes(data)
    with pytest.raises(DatasetError, match="unpacks to more than 200,000,000 bytes"):
        read(path)


def test_a_zip_that_states_less_than_it_holds_is_refused(tmp_path):
    path = make_zip(tmp_path / "a.zip", [("1_a_0.wav", bytes(5_000_000))])
    data = bytearray(path.read_bytes())
    at = data.index(b"PK\x01\x02")
    data[at + 24 : at + 28] = (500).to_bytes(4, "little")
    path.write_bytes(data)
    with pytest.raises(DatasetError, match=r"more than 1,000 bytes|damaged"):
        read(path)


def test_a_million_members_of_a_tar_are_refused(tmp_path):
    thousand = gzip.compress(b"".join(tarfile.TarInfo(f"{i}.txt").tobuf() for i in range(1000)))
    path = tmp_path / "a.tar.gz"
    path.write_bytes(thousand * 1000)
    with pytest.raises(DatasetError, match="holds more than 20,000 members"):
        read(path)


@pytest.mark.parametrize("wide", [False, True])
def test_a_million_members_of_a_zip_are_refused_before_they_are_listed(tmp_path, wide):
    entry = (
        struct.pack("<4s6H3L5H2L", b"PK\x01\x02", 20, 20, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0) + b"1.txt"
    )
    table = entry * 1_000_000
    stated = 0xFFFFFFFF if wide else len(table)
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, stated, 0, 0)
    path = tmp_path / "a.zip"
    path.write_bytes(table + end)
    assert zipfile.is_zipfile(path)
    tracemalloc.start()
    with pytest.raises(DatasetError, match="holds more than 20,000 members"):
        read(path)
    assert tracemalloc.get_traced_memory()[1] < 5_000_000
    tracemalloc.stop()


def test_memory_does_not_grow_with_the_members(tmp_path):
    """tarfile remembers every member unless it is told not to."""
    thousand = gzip.compress(b"".join(tarfile.TarInfo(f"{i}.txt").tobuf() for i in range(1000)))
    path = tmp_path / "a.tar.gz"
    path.write_bytes(thousand * 15 + gzip.compress(bytes(1024)))
    tracemalloc.start()
    assert read(path) == {}
    assert tracemalloc.get_traced_memory()[1] < 3_000_000
    tracemalloc.stop()
