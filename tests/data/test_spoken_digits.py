"""The bundled digits are what their card and manifest say."""

from __future__ import annotations

import csv
import itertools
import re
from collections import Counter, defaultdict

import numpy as np
import pytest
import soundfile

from course_lib.data import spoken_digits
from course_lib.data.hashes import sha256_of
from course_lib.paths import datasets_dir, project_root

ROWS = spoken_digits.manifest()


def test_enough_voices_words_and_takes():
    voices = {row["voice"] for row in ROWS}
    assert len(voices) >= 40
    takes = Counter((row["voice"], row["digit"]) for row in ROWS)
    assert set(takes) == set(itertools.product(voices, map(str, range(10))))
    assert set(takes.values()) == {3}


def test_takes_differ_in_pitch_and_in_rate():
    settings = defaultdict(list)
    for row in ROWS:
        settings[row["voice"], row["digit"]].append((int(row["pitch"]), int(row["rate"])))
    for pairs in settings.values():
        for (pitch, rate), (other_pitch, other_rate) in itertools.combinations(pairs, 2):
            assert abs(pitch - other_pitch) >= 2
            assert abs(rate - other_rate) >= 5


def test_a_voice_is_wholly_on_one_side_and_a_fifth_test():
    sides = defaultdict(set)
    for row in ROWS:
        sides[row["voice"]].add(row["split"])
    assert all(len(side) == 1 for side in sides.values())
    test = spoken_digits.test_voices()
    assert len(test) / len(sides) == pytest.approx(0.2, abs=0.02)


def test_the_folder_holds_exactly_the_manifest_s_files_in_8_mb():
    files = {path.name: path for path in spoken_digits.folder().iterdir()}
    assert set(files) == {row["file"] for row in ROWS}
    everything = [path for path in (datasets_dir() / "spoken_digits").rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in everything) <= 8_000_000


def test_every_file_has_its_hash_and_its_form():
    for row in ROWS:
        path = spoken_digits.folder() / row["file"]
        assert sha256_of(path) == row["sha256"], row["file"]
        info = soundfile.info(path)
        assert (info.format, info.subtype, info.samplerate, info.channels) == ("FLAC", "PCM_16", 8000, 1)
        assert info.frames == int(row["samples"])
        assert 0.15 < info.duration < 1.0
    seconds = sum(int(row["samples"]) for row in ROWS) / 8000
    assert seconds == pytest.approx(spoken_digits.DATASET.seconds, abs=0.01)


def test_no_clip_is_silent_clipped_or_a_copy():
    hashes = Counter(row["sha256"] for row in ROWS)
    assert max(hashes.values()) == 1
    for row in ROWS[::7]:
        y, _ = soundfile.read(spoken_digits.folder() / row["file"])
        assert np.abs(y).max() < 0.999
        assert np.sqrt(np.mean(y**2)) > 0.02
        assert abs(y.mean()) < 0.005


def test_the_audition_lists_kept_and_left_out_voices():
    with (datasets_dir() / "spoken_digits" / "voices.csv").open(newline="") as file:
        judged = {row["voice"]: row for row in csv.DictReader(file)}
    kept = {name for name, row in judged.items() if row["split"] != "left out"}
    assert kept == {row["voice"] for row in ROWS}
    assert all(row["reason"] for name, row in judged.items() if name not in kept)
    for name in ("whisper", "croak", "klatt", "robosoft"):
        assert all(row["split"] == "left out" for row in judged.values() if row["variant"] == name)
    # One voice, one timbre: no two share a variant.
    assert len({judged[name]["variant"] for name in kept}) == len(kept)


def test_the_card_states_the_true_numbers():
    card = (datasets_dir() / "cards" / "spoken_digits.md").read_text(encoding="utf-8")
    stated = {int(n.replace(",", "")) for n in re.findall(r"\d[\d,]*", card)}
    voices = {row["voice"] for row in ROWS}
    assert {len(voices), len(ROWS), len(spoken_digits.test_voices())} <= stated
    for voice in spoken_digits.test_voices():
        assert voice in card


def test_the_library_never_calls_the_synthesiser():
    for path in (project_root() / "course_lib").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert "import espeak" not in text, path
        assert "espeak-ng " not in text.replace("espeak-ng/espeak-ng", ""), path
