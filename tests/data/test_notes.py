"""The notes: what is in them, that they are repeatable, and that the split leaks nothing."""

from __future__ import annotations

import numpy as np
import pytest

from course_lib.audio.synthesis import play
from course_lib.data import catalog, notes, splits
from course_lib.data.clips import Clips
from course_lib.data.note_clips import NoteClips
from course_lib.data.verify import verify


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    """A cache of this module's own."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COURSE_CACHE", str(folder))
        yield folder


@pytest.fixture(scope="module")
def clips(cache) -> NoteClips:
    return catalog.load("notes")


def test_what_is_in_it(clips):
    assert isinstance(clips, Clips)
    assert len(clips) == 1632
    assert clips.y.shape == (1632, 8192)
    assert clips.y.dtype == np.float32
    assert len(set(clips.name)) == 1632
    assert (clips.dataset, clips.sr) == ("notes", 8000)
    pitched = notes.pitched(clips)
    assert len(pitched) == 5 * 48 * 3 * 2
    assert set(pitched.pitch) == set(range(36, 84))
    assert set(clips.velocity) == {40, 80, 120}
    for label, name in enumerate(notes.LABELS):
        assert set(clips.speaker[clips.label == label]) == {name}
    assert (pitched.cents[pitched.take == 0] == 0).all()
    detuned = pitched.cents[pitched.take == 1]
    assert np.abs(detuned).max() <= 30
    assert detuned.std() > 10


def test_labels_are_the_synthesisers_instruments():
    assert tuple(play.INSTRUMENTS) == notes.INSTRUMENTS
    assert tuple(play.DRUMS) == notes.DRUMS


def test_every_clip_begins_at_64_ms_and_ends_in_zeros(clips):
    assert not clips.y[:, :512].any()
    assert np.abs(clips.y[:, 512:612]).max(axis=1).min() > 1e-4
    for row in range(0, len(clips), 97):
        assert not clips.y[row, clips.length[row] :].any()
        assert clips.y[row, clips.length[row] - 1] != 0
    assert (clips.length <= 8192).all()


def test_a_clip_is_the_note_its_score_says(clips):
    row = clips.name.index("flute_A4_v080_1")
    assert (clips.pitch[row], clips.velocity[row], clips.speaker[row]) == (69, 80, "flute")
    sheet = notes.sheets()[row]
    made = play.note("flute", 69, velocity=80, cents=float(sheet.cents), n_samples=7680, seed=sheet.seed)
    np.testing.assert_array_equal(clips.y[row, 512:], made)
    spectrum = np.abs(np.fft.rfft(clips.y[row] * np.hanning(8192)))
    heard = np.argmax(spectrum) * 8000 / 8192
    assert heard == pytest.approx(440 * 2 ** (clips.cents[row] / 1200), abs=1)


def test_louder_velocities_are_louder(clips):
    rms = [np.sqrt(np.mean(clips.y[clips.velocity == velocity] ** 2)) for velocity in (40, 80, 120)]
    steps = np.diff(20 * np.log10(rms))
    np.testing.assert_allclose(steps, 24 * 40 / 127, atol=0.5)


def test_loading_again_reads_the_cache_and_gives_the_same(clips, monkeypatch):
    monkeypatch.setattr(notes, "play_sheet", lambda *_, **__: pytest.fail("made again"))
    again = catalog.load("notes")
    np.testing.assert_array_equal(again.y, clips.y)
    np.testing.assert_array_equal(again.length, clips.length)


def test_making_it_again_gives_the_same(clips, cache):
    """A damaged cache is made again, sample by sample the same."""
    (file,) = (cache / "prepared").glob(f"{clips.sha256[:16]}-*.npz")
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    np.testing.assert_array_equal(catalog.load("notes").y, clips.y)
    assert list((cache / "prepared").glob(".*")) == []


def test_the_sounds_are_those_of_this_version(clips):
    """Levels of a few notes: whoever changes how they sound raises notes.VERSION, or old caches lie."""
    assert notes.VERSION == 1
    expected = {
        "pluck_C2_v040_0": -35.926,
        "pluck_A4_v120_1": -23.806,
        "bell_C3_v080_0": -28.256,
        "bell_B5_v120_1": -23.064,
        "organ_C4_v080_0": -24.224,
        "bowed_E3_v120_0": -16.578,
        "flute_A4_v080_1": -24.940,
        "kick_v080_03": -34.977,
        "snare_v120_00": -28.065,
        "hat_v040_07": -43.518,
        "tom_v080_15": -34.343,
    }
    for name, level_db in expected.items():
        y = clips.y[clips.name.index(name)].astype(np.float64)
        assert 10 * np.log10(np.mean(y**2)) == pytest.approx(level_db, abs=0.01), name


def test_the_split_holds_out_combinations_of_pitch_and_velocity(clips):
    train, test = splits.split(clips)
    assert isinstance(train, NoteClips)
    assert len(train) + len(test) == len(clips)
    assert len(test) == 326
    assert not set(train.name) & set(test.name)
    ours, theirs = notes.pitched(train), notes.pitched(test)
    heard = set(zip(ours.pitch.tolist(), ours.velocity.tolist(), strict=True))
    held_out = set(zip(theirs.pitch.tolist(), theirs.velocity.tolist(), strict=True))
    assert not heard & held_out
    assert len(held_out) == 29
    # Each alone is heard by every instrument in training.
    for label in range(5):
        of_one = ours.select(ours.label == label)
        assert set(of_one.pitch) == set(range(36, 84))
        assert set(of_one.velocity) == {40, 80, 120}
    assert {take for take, drum in zip(test.take, test.label >= 5, strict=True) if drum} == {13, 14, 15}


def test_an_instrument_can_be_held_out(clips):
    train, test = splits.split(clips, ["flute"])
    assert set(test.speaker) == {"flute"}
    assert "flute" not in set(train.speaker)
    with pytest.raises(ValueError, match="unknown speaker piano; notes has bell, bowed, flute"):
        splits.split(clips, ["piano"])


def test_selecting_keeps_the_score_with_its_sound(clips):
    some = clips.select([5, 900, 1631])
    assert isinstance(some, NoteClips)
    assert some.name == [clips.name[5], clips.name[900], clips.name[1631]]
    for field in ("pitch", "velocity", "cents", "held_out"):
        np.testing.assert_array_equal(getattr(some, field), getattr(clips, field)[[5, 900, 1631]])
    mask = clips.pitch == 60
    assert len(clips.select(mask)) == mask.sum() == 5 * 3 * 2


def test_other_rates(cache):
    some = notes.sheets()[700]
    fast = notes.play_sheet(some, sr=16000, n_samples=16384)
    slow = notes.play_sheet(some, sr=8000, n_samples=8192)
    assert np.sqrt(np.mean(fast**2)) == pytest.approx(np.sqrt(np.mean(slow**2)), rel=0.2)
    with pytest.raises(ValueError, match="n_samples must be at least 2512 at 8000 Hz; received 2000"):
        notes.load(n_samples=2000)


def test_the_catalog_describes_it(clips):
    dataset = catalog.get("notes")
    summary = dataset.summary()
    assert summary["clips"] == len(clips)
    assert summary["speaker_names"] == list(notes.LABELS)
    assert summary["sha256"] == clips.sha256
    assert summary["installed"]
    assert dataset.card.is_file()
    assert summary["hours"] == pytest.approx(len(clips) * 8192 / 8000 / 3600, abs=5e-4)
    assert verify(dataset) == 1632


def test_the_hash_follows_the_recipe(monkeypatch):
    before = notes.hashes()
    monkeypatch.setattr(notes, "VERSION", notes.VERSION + 1)
    after = notes.hashes()
    assert before.keys() == after.keys()
    assert not set(before.values()) & set(after.values())
