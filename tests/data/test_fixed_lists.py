"""The committed lists: what the generator makes, held-out speakers only, the same sound everywhere."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from course_lib.data import catalog, fixed_lists
from course_lib.data.dataset import parse_name
from course_lib.data.errors import DatasetError

DATASETS = ("digits", "fsdd")


AGAIN = "if the data set or clips.prepare changed on purpose, run datasets/builders/mixtures.py"


@pytest.mark.parametrize("kind", fixed_lists.KINDS)
@pytest.mark.parametrize("dataset", DATASETS)
def test_the_generator_makes_the_committed_list(dataset, kind):
    committed = (fixed_lists.folder() / fixed_lists.recipe_name(dataset, kind)).read_text(encoding="utf-8")
    assert fixed_lists.make_recipe(dataset, kind) == committed, AGAIN
    assert len(fixed_lists.read_recipe(dataset, kind)) == {"mixtures": 400, "strings": 120}[kind]


@pytest.mark.parametrize("dataset", DATASETS)
def test_no_speaker_leaks_into_the_lists(dataset):
    held_out = set(fixed_lists.held_out(dataset))
    everybody = {parse_name(name)[1] for name in catalog.get(dataset).hashes()}
    assert len(held_out) >= 2
    assert held_out < everybody
    for row in fixed_lists.read_recipe(dataset, "mixtures"):
        target, other = parse_name(row["target"]), parse_name(row["other"])
        assert target[0] != other[0]
        assert target[1] != other[1]
        assert {target[1], other[1]} <= held_out
    for row in fixed_lists.read_recipe(dataset, "strings"):
        parts = [parse_name(name) for name in row["clips"].split()]
        assert sorted(digit for digit, _, _ in parts) == list(range(10))
        assert len({speaker for _, speaker, _ in parts}) == 1
        assert parts[0][1] in held_out


@pytest.mark.parametrize("dataset", DATASETS)
def test_the_lists_are_balanced_and_never_repeat(dataset):
    rows = fixed_lists.read_recipe(dataset, "mixtures")
    assert np.bincount([parse_name(row["target"])[0] for row in rows]).tolist() == [40] * 10
    assert len({(row["target"], row["other"]) for row in rows}) == 400
    place = np.array([float(row["place"]) for row in rows])
    assert (place[::2] == 0).all()
    assert (np.abs(place[1::2]) > 0).sum() >= 195
    assert np.abs(place).max() <= 1
    strings = fixed_lists.read_recipe(dataset, "strings")
    kinds = [row["kind"] for row in strings]
    assert [kinds.count(kind) for kind in fixed_lists.STRING_NOISES] == [40, 40, 40]
    assert len({row["clips"] for row in strings}) == 120
    assert len({row["noise_seed"] for row in strings}) == 120
    # Every speaker under every noise, equally often to one.
    cells: dict[tuple[str, str], int] = {}
    for row in strings:
        cell = row["kind"], parse_name(row["clips"].split()[0])[1]
        cells[cell] = cells.get(cell, 0) + 1
    assert len(cells) == 3 * len(fixed_lists.held_out(dataset))
    assert max(cells.values()) - min(cells.values()) <= 1


def test_a_changed_or_missing_list_is_refused(tmp_path, monkeypatch):
    for name in ("fsdd_mixtures.csv", "recipes.sha256"):
        (tmp_path / name).write_bytes((fixed_lists.folder() / name).read_bytes())
    monkeypatch.setattr(fixed_lists, "folder", lambda: tmp_path)
    assert len(fixed_lists.read_recipe("fsdd", "mixtures")) == 400
    path = tmp_path / "fsdd_mixtures.csv"
    text = path.read_bytes()
    path.write_bytes(text.replace(b"\n", b"\r\n"))
    assert len(fixed_lists.read_recipe("fsdd", "mixtures")) == 400
    path.write_bytes(text.replace(b"george_31", b"george_30", 1))
    with pytest.raises(DatasetError, match=r"fsdd_mixtures\.csv has changed .*git checkout"):
        fixed_lists.read_recipe("fsdd", "mixtures")
    with pytest.raises(DatasetError, match=r"fsdd_strings\.csv is not there"):
        fixed_lists.read_recipe("fsdd", "strings")


def test_unknown_names_are_refused():
    with pytest.raises(ValueError, match="no fixed lists for 'notes'; expected one of digits, fsdd"):
        fixed_lists.load_mixtures("notes")
    with pytest.raises(ValueError, match="kind must be one of mixtures, strings; received 'songs'"):
        fixed_lists.make_recipe("fsdd", "songs")


@pytest.fixture(scope="module")
def expected() -> dict[tuple[str, int], tuple[float, float]]:
    with (fixed_lists.folder() / "digits_samples.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {(row["list"], int(row["index"])): (float(row["rms"]), float(row["centre"])) for row in rows}


@pytest.fixture(scope="module")
def mixtures():
    return fixed_lists.load_mixtures("digits")


def test_the_mixtures_of_the_bundled_digits_sound_the_same_everywhere(mixtures, expected):
    assert mixtures.mixture.shape == (400, 8192)
    for index, y in enumerate(mixtures.mixture):
        assert fixed_lists.fingerprint(y) == pytest.approx(expected["mixtures", index], rel=1e-4), AGAIN


def test_the_rendered_mixtures_are_what_the_list_says(mixtures):
    power = np.sum(mixtures.sources.astype(np.float64) ** 2, axis=2)
    assert 10 * np.log10(power[:, 0] / power[:, 1]) == pytest.approx(np.zeros(400), abs=1e-3)
    assert np.abs(mixtures.mixture - mixtures.sources.sum(axis=1)).max() < 2e-6
    assert set(np.unique(mixtures.speaker).tolist()) <= set(fixed_lists.held_out("digits"))
    assert (mixtures.offset[::2] == 0).all()


def test_the_noisy_strings_of_the_bundled_digits_sound_the_same_everywhere(expected):
    strings = fixed_lists.load_noisy_strings("digits")
    assert len(strings) == 120
    for index, string in enumerate(strings):
        assert fixed_lists.fingerprint(string.noisy) == pytest.approx(expected["strings", index], rel=1e-4), (
            AGAIN
        )
        noise = string.noisy.astype(np.float64) - string.clean
        ratio = 10 * np.log10(np.sum(string.clean.astype(np.float64) ** 2) / np.sum(noise**2))
        assert ratio == pytest.approx(0, abs=1e-3)
    louder = fixed_lists.load_noisy_strings("digits", snr_db=6.0)
    assert np.array_equal(louder[0].clean, strings[0].clean)
    noise = [string.noisy.astype(np.float64) - string.clean for string in (strings[0], louder[0])]
    assert np.abs(noise[1] - noise[0] * 10 ** (-6 / 20)).max() < 1e-6


def test_a_fingerprint_sees_a_gain_and_a_shift():
    y = np.random.default_rng(0).normal(size=1000)
    y[500:] = 0
    rms, centre = fixed_lists.fingerprint(y)
    assert fixed_lists.fingerprint(1.001 * y)[0] == pytest.approx(1.001 * rms)
    assert fixed_lists.fingerprint(np.roll(y, 1))[1] == pytest.approx(centre + 0.001)
