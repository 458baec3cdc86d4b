"""Every file as published, or nothing is kept."""

from __future__ import annotations

import multiprocessing
import shutil
import tarfile
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from course_lib.data import fsdd
from course_lib.data.errors import DatasetError
from course_lib.data.hashes import sha256_of


def keep(source, release, cache):
    return fsdd.import_recordings(source, expected=release.expected, target=cache / "fsdd")


def left_in(cache) -> set[str]:
    """What an import left, the lock aside."""
    return {path.name for path in cache.iterdir()} - {".fsdd.lock"} if cache.exists() else set()


@pytest.fixture
def copy(release, tmp_path):
    """The recordings in a folder that may be damaged."""
    shutil.copytree(release.recordings, tmp_path / "copy")
    return tmp_path / "copy"


def zipped(release, path):
    with zipfile.ZipFile(path, "w") as archive:
        for file in release.root.rglob("*"):
            archive.write(file, file.relative_to(release.root.parent))
    return path


def tarred(release, path):
    with tarfile.open(path, "w:gz") as archive:
        archive.add(release.root, release.root.name)
    return path


def test_the_committed_list_is_release_1_0_10():
    hashes = fsdd.hashes()
    assert len(hashes) == 3000
    assert set(hashes) == {
        f"{digit}_{speaker}_{take}.wav"
        for digit in range(10)
        for speaker in ("george", "jackson", "lucas", "nicolas", "theo", "yweweler")
        for take in range(50)
    }
    assert len(set(hashes.values())) > 2990


@pytest.mark.parametrize("form", ["recordings", "release", "parent", "zip", "tar.gz", "misnamed"])
def test_folders_and_archives_are_kept_whole(release, cache, tmp_path, form):
    source = {
        "recordings": lambda: release.recordings,
        "release": lambda: release.root,
        "parent": lambda: release.root.parent,
        "zip": lambda: zipped(release, tmp_path / "a.zip"),
        "tar.gz": lambda: tarred(release, tmp_path / "a.tar.gz"),
        "misnamed": lambda: tarred(release, tmp_path / "download"),
    }[form]()
    seen = []
    done = fsdd.import_recordings(
        source, expected=release.expected, target=cache / "fsdd", on_progress=lambda *now: seen.append(now)
    )
    assert (done.files, done.ignored, done.already) == (180, 0, False)
    assert {path.name: sha256_of(path) for path in done.folder.iterdir()} == release.expected
    assert left_in(cache) == {"fsdd"}
    assert seen[-1] == (180, 180)


@given(which=st.integers(0, 179), where=st.floats(0, 0.999), bit=st.integers(0, 7))
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_flipped_bit_anywhere_is_named_and_nothing_kept(
    release, cache, tmp_path_factory, which, where, bit
):
    folder = tmp_path_factory.mktemp("flip") / "copy"
    shutil.copytree(release.recordings, folder)
    path = sorted(folder.iterdir())[which]
    data = bytearray(path.read_bytes())
    data[int(where * len(data))] ^= 1 << bit
    path.write_bytes(data)
    with pytest.raises(DatasetError, match=f"1 file changed \\(SHA-256 differs\\): {path.name}"):
        keep(folder, release, cache)
    assert left_in(cache) == set()


def test_missing_files_are_named(release, cache, copy):
    (copy / "3_theo_1.wav").unlink()
    (copy / "7_lucas_0.wav").write_bytes(b"")
    with pytest.raises(DatasetError, match=r"1 file missing: 3_theo_1.wav; 1 file changed .*: 7_lucas_0.wav"):
        keep(copy, release, cache)
    assert left_in(cache) == set()


def test_many_missing_files_are_counted(release, cache, copy):
    for take in range(1, 6):
        for digit in range(4):
            (copy / f"{digit}_theo_{take}.wav").unlink()
    with pytest.raises(DatasetError, match=r"20 files missing: 0_theo_1.wav, .*, \.\.\.; nothing was kept"):
        keep(copy, release, cache)


def test_release_1_0_9_is_recognised_by_the_speaker_it_lacks(release, cache, copy):
    for path in copy.glob("*_lucas_*"):
        path.unlink()
    says = r"release 1\.0\.9 of FSDD: 120 of 180 recordings, without lucas; .* release 1\.0\.10 or later"
    with pytest.raises(DatasetError, match=says):
        keep(copy, release, cache)
    assert left_in(cache) == set()


def test_an_even_older_release_is_recognised(release, cache, copy):
    for path in [*copy.glob("*_lucas_*"), *copy.glob("*_george_*")]:
        path.unlink()
    with pytest.raises(DatasetError, match=r"older release than 1\.0\.10 .* without george and lucas"):
        keep(copy, release, cache)


def test_other_files_are_left_out_and_counted(release, cache, copy):
    (copy / "0_jason_0.wav").write_bytes(b"another speaker")
    (copy / "notes.txt").write_text("mine")
    done = keep(copy, release, cache)
    assert done.ignored == 1
    assert {path.name for path in done.folder.iterdir()} == set(release.expected)


def test_a_file_twice_in_an_archive_is_refused(release, cache, tmp_path):
    path = zipped(release, tmp_path / "a.zip")
    with zipfile.ZipFile(path, "a") as archive:
        archive.write(release.recordings / "3_theo_1.wav", "other/3_theo_1.wav")
    with pytest.raises(DatasetError, match=r"holds 3_theo_1.wav twice"):
        keep(path, release, cache)
    assert left_in(cache) == set()


@pytest.mark.parametrize("make", [zipped, tarred])
@given(part=st.floats(0.0, 0.999))
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_half_a_download_is_refused(release, cache, tmp_path_factory, make, part):
    folder = tmp_path_factory.mktemp("half")
    path = make(release, folder / "archive")
    data = path.read_bytes()
    path.write_bytes(data[: int(part * len(data))])
    with pytest.raises(DatasetError, match=r"download it again|nothing was kept"):
        keep(path, release, cache)
    assert left_in(cache) == set()


def test_a_refused_import_leaves_the_former_one_alone(release, cache, copy):
    keep(release.recordings, release, cache)
    (copy / "3_theo_1.wav").unlink()
    with pytest.raises(DatasetError, match="1 file missing"):
        keep(copy, release, cache)
    assert fsdd.is_complete(cache / "fsdd", release.expected)
    assert left_in(cache) == {"fsdd"}


def test_a_second_import_changes_nothing(release, cache):
    assert not keep(release.recordings, release, cache).already
    before = (cache / "fsdd").stat().st_ino
    assert keep(release.recordings, release, cache).already
    assert (cache / "fsdd").stat().st_ino == before


def test_a_damaged_import_is_replaced(release, cache):
    keep(release.recordings, release, cache)
    (cache / "fsdd" / "3_theo_1.wav").write_bytes(b"damaged")
    assert not keep(release.recordings, release, cache).already
    assert fsdd.is_complete(cache / "fsdd", release.expected)
    assert left_in(cache) == {"fsdd"}


def test_what_a_killed_import_left_is_cleared(release, cache):
    (cache / ".fsdd-abc.partial" / "new").mkdir(parents=True)
    keep(release.recordings, release, cache)
    assert left_in(cache) == {"fsdd"}


def test_a_full_disk_leaves_nothing(release, cache, monkeypatch):
    from pathlib import Path

    written = []

    def write_bytes(path, data):
        written.append(path)
        if len(written) > 100:
            raise OSError(28, "No space left on device")
        with path.open("wb") as file:
            return file.write(data)

    monkeypatch.setattr(Path, "write_bytes", write_bytes)
    with pytest.raises(DatasetError, match=r"is full; nothing was kept: make room, or let COURSE_CACHE"):
        keep(release.recordings, release, cache)
    assert left_in(cache) == set()


def _import_elsewhere(source, expected, target):
    fsdd.import_recordings(source, expected=expected, target=target)


def test_two_processes_may_import_at_once(release, cache):
    spawn = multiprocessing.get_context("spawn")
    arguments = (release.recordings, release.expected, cache / "fsdd")
    processes = [spawn.Process(target=_import_elsewhere, args=arguments) for _ in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0]
    assert fsdd.is_complete(cache / "fsdd", release.expected)
    assert left_in(cache) == {"fsdd"}


def test_another_import_that_hangs_is_waited_for_and_named(release, cache, monkeypatch):
    from filelock import FileLock

    monkeypatch.setattr("course_lib.data.keep.LOCK_SECONDS", 0.1)
    cache.mkdir()
    with (
        FileLock(cache / ".fsdd.lock"),
        pytest.raises(DatasetError, match=r"another import into .* has been running"),
    ):
        keep(release.recordings, release, cache)


def test_what_is_no_release_is_named(release, cache, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"nothing at .*nowhere"):
        keep(tmp_path / "nowhere", release, cache)
    (tmp_path / "empty").mkdir()
    with pytest.raises(DatasetError, match="empty holds no FSDD recording; expected files named like"):
        keep(tmp_path / "empty", release, cache)
    (tmp_path / "page.html").write_text("<html>404</html>" * 100)
    with pytest.raises(DatasetError, match=r"page.html is neither a folder nor a .zip or .tar.gz"):
        keep(tmp_path / "page.html", release, cache)
    assert left_in(cache) == set()


def test_a_recording_of_absurd_size_is_not_read(release, cache, copy, monkeypatch):
    monkeypatch.setattr(fsdd, "LARGEST_FILE", 30_000)
    (copy / "3_theo_1.wav").write_bytes(bytes(30_001))
    with pytest.raises(DatasetError, match=r"3_theo_1.wav has 30,001 bytes"):
        keep(copy, release, cache)


def test_remove(release, cache):
    assert not fsdd.remove()
    keep(release.recordings, release, cache)
    assert fsdd.remove()
    assert left_in(cache) == set()
