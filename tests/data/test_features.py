"""Features on disk: the same numbers, once encoded, whatever happens to the file or beside it."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from course_lib.audio.log_mel_spectrogram import LogMelSpectrogram
from course_lib.audio.mu_law import MuLaw
from course_lib.data import features as room
from course_lib.data.array_source import ArraySource
from course_lib.data.encode import encode_blocks
from course_lib.data.features import (
    CacheDamaged,
    CacheUnwritable,
    cached_features,
    features_path,
    forget,
    read_features,
    write_features,
)
from course_lib.data.generated_source import GeneratedSource
from course_lib.data.recorded_source import RecordedSource

ROOT = Path(__file__).parents[2]


class Counting:
    """An encoder that counts the blocks it made."""

    def __init__(self, block: int = 16):
        self.block = block
        self.blocks = 0

    def __call__(self, source, representation) -> Iterator[np.ndarray]:
        for features in encode_blocks(source, representation, block=self.block):
            self.blocks += 1
            yield features


@pytest.fixture
def source() -> GeneratedSource:
    return GeneratedSource(50)


def test_bit_identical_to_encoding_at_once_whatever_the_block(source):
    for representation in (LogMelSpectrogram(), LogMelSpectrogram().fit(source.samples()), MuLaw()):
        whole = representation.encode(source.samples())
        for block in (16, 48, 128):
            np.testing.assert_array_equal(
                np.concatenate(list(encode_blocks(source, representation, block=block))), whole
            )
        kept = cached_features(source, representation)
        assert isinstance(kept, np.memmap)
        assert not kept.flags.writeable
        np.testing.assert_array_equal(kept, whole)


def test_second_call_reads_and_says_no_progress(source):
    encoder, steps = Counting(), []
    first = cached_features(
        source, MuLaw(), encoder=encoder, on_progress=lambda done, total: steps.append((done, total))
    )
    assert steps == [(16, 50), (32, 50), (48, 50), (50, 50)]
    second = cached_features(source, MuLaw(), encoder=encoder, on_progress=lambda *_: pytest.fail("encoded"))
    assert encoder.blocks == 4
    np.testing.assert_array_equal(first, second)
    path = features_path(source, MuLaw())
    np.testing.assert_array_equal(np.load(path), first, "any reader of .npy files can read it")


def test_the_name_follows_from_content(source):
    y = source.samples()
    same = ArraySource(y.copy(), sr=8000)
    changed = y.copy()
    changed[7, 1000] += 1e-6
    paths = {
        features_path(ArraySource(y, sr=8000), MuLaw()),
        features_path(same, MuLaw()),
    }
    assert len(paths) == 1
    others = [
        features_path(ArraySource(changed, sr=8000), MuLaw()),
        features_path(ArraySource(y[:49], sr=8000), MuLaw()),
        features_path(ArraySource(y[::-1], sr=8000), MuLaw()),
        features_path(same, MuLaw(bits=7)),
        features_path(same, MuLaw().fit(y)),
        features_path(source.part(1, 50), MuLaw()),
    ]
    assert len({*paths, *others}) == 7


def _flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


DAMAGES = {
    "one bit": _flip,
    "cut": lambda path: os.truncate(path, path.stat().st_size - 4096),
    "empty": lambda path: path.write_bytes(b""),
    "longer": lambda path: path.write_bytes(path.read_bytes() + b"\0"),
    "other file": lambda path: path.write_bytes(b"PK\x03\x04" * 5000),
    "sealed nonsense": lambda path: path.write_bytes(b"junk" + room._seal(room.zlib.crc32(b"junk"))),
    "other shape": lambda path: write_features(path, (1, 128, 64), [np.zeros((1, 128, 64), np.float32)]),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_is_seen_and_mended(source, damage, caplog):
    encoder = Counting()
    whole = np.array(cached_features(source, MuLaw(), encoder=encoder))
    path = features_path(source, MuLaw())
    DAMAGES[damage](path)
    with pytest.raises(CacheDamaged, match=path.name):
        read_features(path, whole.shape)
    with caplog.at_level(logging.WARNING):
        np.testing.assert_array_equal(cached_features(source, MuLaw(), encoder=encoder), whole)
    assert encoder.blocks == 8
    assert "made again" in caplog.text
    np.testing.assert_array_equal(cached_features(source, MuLaw(), encoder=encoder), whole)
    assert encoder.blocks == 8


def test_an_encoding_that_fails_leaves_nothing(source, cache):
    def failing(source, representation):
        yield representation.encode(source.samples()[:16])
        raise RuntimeError("the lights went out")

    with pytest.raises(RuntimeError, match="the lights went out"):
        cached_features(source, MuLaw(), encoder=failing)
    assert not [*cache.rglob("*.npy"), *cache.rglob("*.partial")]

    def short(source, representation):
        yield representation.encode(source.samples()[:16])

    with pytest.raises(ValueError, match="expected features of 50 clips; received 16"):
        cached_features(source, MuLaw(), encoder=short)


def test_what_a_killed_writer_left_is_swept_up(source, cache):
    path = features_path(source, MuLaw())
    path.parent.mkdir(parents=True)
    leftover = path.with_name(f".{path.stem}-abc.partial")
    leftover.write_bytes(b"half")
    cached_features(source, MuLaw())
    assert not leftover.exists()


def test_two_processes_at_once_encode_once(cache, tmp_path):
    """The second waits for the first and reads; with either's blocks slow enough to meet in the middle."""
    program = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from course_lib.audio.mu_law import MuLaw\n"
        "from course_lib.data.encode import encode_blocks\n"
        "from course_lib.data.features import cached_features\n"
        "from course_lib.data.generated_source import GeneratedSource\n"
        "me, other = Path(sys.argv[1]), Path(sys.argv[2])\n"
        "made = 0\n"
        "def slow(source, representation):\n"
        "    global made\n"
        "    for features in encode_blocks(source, representation, block=16):\n"
        "        time.sleep(0.1)\n"
        "        made += 1\n"
        "        yield features\n"
        "me.touch()\n"
        "while not other.exists():\n"
        "    time.sleep(0.005)\n"
        "features = cached_features(GeneratedSource(80), MuLaw(), encoder=slow)\n"
        "print(made, float(abs(features).sum(dtype='float64')))\n"
    )
    flags = [str(tmp_path / "a"), str(tmp_path / "b")]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "COURSE_CACHE": str(cache)}
    children = [
        subprocess.Popen(
            [sys.executable, "-c", program, *pair], stdout=subprocess.PIPE, text=True, env=environment
        )
        for pair in (flags, flags[::-1])
    ]
    answers = [child.communicate(timeout=120)[0].split() for child in children]
    assert [child.returncode for child in children] == [0, 0]
    assert sorted(int(made) for made, _ in answers) == [0, 5]
    assert answers[0][1] == answers[1][1]
    expected = MuLaw().encode(GeneratedSource(80).samples())
    assert float(answers[0][1]) == float(np.abs(expected).sum(dtype="float64"))
    assert not list(cache.rglob("*.partial"))


def test_writers_without_a_lock_do_no_harm(source, cache):
    """On a file system that has no locks both encode, and the file is one or the other's, whole."""
    path = cache / "features" / "x.npy"
    blocks = list(encode_blocks(source, MuLaw(), block=16))
    barrier, problems = threading.Barrier(4), []

    def write() -> None:
        try:
            for _ in range(5):
                barrier.wait(timeout=30)
                write_features(path, (50, 128, 64), blocks)
                read_features(path, (50, 128, 64))
        except Exception as error:
            problems.append(error)

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not problems
    assert [entry.name for entry in path.parent.iterdir()] == ["x.npy"]


def test_a_full_disk_costs_time_only(source, monkeypatch, caplog):
    usage = room.shutil.disk_usage("/")
    monkeypatch.setattr(room.shutil, "disk_usage", lambda path: usage._replace(free=1000))
    with caplog.at_level(logging.WARNING):
        features = cached_features(source, MuLaw())
    np.testing.assert_array_equal(features, MuLaw().encode(source.samples()))
    assert "features are not kept" in caplog.text
    monkeypatch.setattr(room, "MOST_IN_MEMORY", 1000)
    with pytest.raises(CacheUnwritable, match=r"they take 0\.0 GB, 0\.0 GB are free; make room"):
        cached_features(source, MuLaw())


def test_a_cache_that_cannot_be_written(source, cache):
    cache.write_text("a file where the folder should be")
    np.testing.assert_array_equal(cached_features(source, MuLaw()), MuLaw().encode(source.samples()))


def test_wrong_clips_are_refused(source):
    with pytest.raises(ValueError, match="n_samples = 4096; received 8192"):
        cached_features(source, MuLaw(n_samples=4096))
    with pytest.raises(ValueError, match="sr = 16000; received 8000"):
        cached_features(source, LogMelSpectrogram(sr=16000))
    with pytest.raises(ValueError, match=r"shape \(clips, n_samples\); received \(3,\)"):
        ArraySource(np.zeros(3, np.float32), sr=8000)
    with pytest.raises(ValueError, match="at least one clip; received 0"):
        GeneratedSource(0)


def test_forget_deletes_all_representations_of_these_clips(source, cache):
    other = GeneratedSource(20)
    for some, representation in ((source, MuLaw()), (source, MuLaw(bits=6)), (other, MuLaw())):
        cached_features(some, representation)
    forget(source)
    assert list((cache / "features").glob("*.npy")) == [features_path(other, MuLaw())]


def test_parts_of_generated_clips_are_the_same_clips():
    whole = GeneratedSource(40).samples()
    np.testing.assert_array_equal(GeneratedSource(40).part(13, 29).part(2, 5).samples(), whole[15:18])
    assert whole.dtype == np.float32
    assert len(np.unique(whole.sum(axis=1))) == 40
    assert 0.45 < np.abs(whole).max() <= 0.5


def test_recordings_stream_in_the_order_of_the_catalog(as_fsdd, cache):
    from course_lib.data import catalog, fsdd

    fsdd.import_recordings(as_fsdd.root)
    clips = catalog.load("fsdd")
    streamed = RecordedSource.of("fsdd")
    assert list(streamed.names) == clips.name
    np.testing.assert_array_equal(streamed.part(100, 120).samples(), clips.y[100:120])
    np.testing.assert_array_equal(cached_features(streamed, MuLaw()), MuLaw().encode(clips.y))
    assert streamed.sha256 != streamed.part(0, 100).sha256
    assert streamed.sha256 == RecordedSource.of("fsdd").sha256


def test_a_second_start_with_3000_clips_takes_half_a_second():
    y = np.zeros((3000, 8192), np.float32)
    y[:, :100] = np.linspace(0, 0.5, 3000)[:, None]
    cached_features(ArraySource(y, sr=8000), MuLaw())
    seconds = []
    for _ in range(5):
        began = time.perf_counter()
        # A new source hashes its samples anew, as a new process would.
        features = cached_features(
            ArraySource(y, sr=8000), MuLaw(), on_progress=lambda *_: pytest.fail("encoded")
        )
        seconds.append(time.perf_counter() - began)
    assert features.shape == (3000, 128, 64)
    assert min(seconds) <= 0.5, seconds


def test_encoding_is_four_times_faster_than_librosa():
    """In a process of its own: what earlier tests left of the C library's heap would be measured too."""
    program = (
        "import json\n"
        "from course_lib.data.benchmark import encode_speed\n"
        "from course_lib.data.recorded_source import RecordedSource\n"
        "y = RecordedSource.of('digits').part(0, 96).samples()\n"
        # The shortest of many turns on either side: what else the machine does is in none of them.
        "print(json.dumps(encode_speed(y, repeats=60)))\n"
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    child = subprocess.run(
        [sys.executable, "-c", program],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    measured = json.loads(child.stdout)
    assert measured["clips"] == 96
    assert measured["ratio"] >= 4, measured
    assert measured["seconds_per_3000"] <= 4, measured


STREAMED = 6000
PROGRAM = f"""
import re
from pathlib import Path
from course_lib.audio.log_mel_spectrogram import LogMelSpectrogram
from course_lib.data.batches import Batches
from course_lib.data.features import cached_features
from course_lib.data.generated_source import GeneratedSource
from course_lib.data.memory import peak_memory

def epoch(source):
    features = cached_features(source, LogMelSpectrogram())
    batches = Batches(features, batch_size=64)
    return sum(len(batches.read(0, index)[0]) for index in range(batches.per_epoch))

assert epoch(GeneratedSource(256)) == 256  # libraries, filters and windows are there from now on
before = peak_memory()
try:
    import resource
    status = Path("/proc/self/status").read_text()
    data = 1024 * int(re.search(r"VmData:\\s+(\\d+)", status)[1])
    resource.setrlimit(resource.RLIMIT_DATA, (data + 64 * 2**20,) * 2)
except (ImportError, OSError):
    pass  # only Linux caps so
assert epoch(GeneratedSource({STREAMED}, first=1)) == {STREAMED}
print(peak_memory() - before)
"""


def test_a_set_ten_times_the_memory_streams_through(cache):
    """Encoded, kept, and read as shuffled batches: memory grows by a tenth of the features at most."""
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"}
    child = subprocess.run(
        [sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, timeout=300
    )
    assert child.returncode == 0, child.stderr
    size = STREAMED * 128 * 64 * 4
    assert size > 190e6
    assert int(child.stdout) <= size / 10, f"{int(child.stdout) / 1e6:.0f} MB of {size / 1e6:.0f} MB"
