"""Probes over speakers, on latents that hold a word, a voice, or both."""

from __future__ import annotations

import numpy as np
import pytest

from course_lib.evaluation.intervals import mean_interval
from course_lib.evaluation.latent import evaluate, linear_probe, probe_by_speaker, speaker_probe

NAMES = np.array(["ada", "bob", "cy", "eve"])


@pytest.fixture(scope="module")
def voices():
    """4 speakers x 3 words x 10 takes; the latent holds word (0-2) and voice (3-6), with little noise."""
    rng = np.random.default_rng(0)
    speaker, word, take = (axis.ravel() for axis in np.mgrid[:4, :3, :10])
    z = np.hstack([3 * np.eye(3)[word], 3 * np.eye(4)[speaker]]) + 0.6 * rng.normal(size=(120, 7))
    return {"z": z, "labels": word, "speakers": NAMES[speaker], "takes": take}


def test_folds_are_those_of_the_plain_probe(voices):
    z, word, speakers = voices["z"], voices["labels"], voices["speakers"]
    result = probe_by_speaker(z, word, speakers)
    shares = {}
    for name in NAMES:
        out = speakers == name
        shares[str(name)] = linear_probe(z[~out], word[~out], z[out], word[out])["accuracy"]
    assert result["by_speaker"] == shares
    assert result["folds"] == 4
    assert result["accuracy"] == pytest.approx(np.mean(list(shares.values())))
    assert result["over_speakers"] == mean_interval(list(shares.values()), bounds=(0, 1))
    assert result["chance"] == pytest.approx(1 / 3)
    assert result["confusion"].sum() == result["clips"] == 120
    assert np.trace(result["confusion"]) == result["hit"].sum() == round(120 * result["accuracy"])


def test_a_voice_that_speaks_otherwise_widens_the_interval_over_speakers_alone(voices):
    z = voices["z"].copy()
    # eve's words lie where others' next word lies.
    mine = voices["speakers"] == "eve"
    z[mine, :3] = np.roll(z[mine, :3], 1, axis=1)
    result = probe_by_speaker(z, voices["labels"], voices["speakers"])
    assert result["by_speaker"]["eve"] < 0.1
    over = result["over_speakers"]
    assert over["high"] - over["low"] > 4 * (result["high"] - result["low"])


def test_speakers_held_out_together(voices):
    groups = [["ada", "bob"], ["cy", "eve"]]
    result = probe_by_speaker(voices["z"], voices["labels"], voices["speakers"], groups)
    assert result["folds"] == 2
    assert set(result["by_speaker"]) == set(NAMES)
    assert result["accuracy"] > 0.9


@pytest.mark.parametrize(
    "groups",
    [[["ada", "bob"], ["cy"]], [["ada", "bob", "cy", "eve"]], [["ada"], ["ada", "bob", "cy", "eve"]]],
)
def test_groups_hold_each_speaker_once(voices, groups):
    with pytest.raises(ValueError, match="hold each of ada, bob, cy, eve once"):
        probe_by_speaker(voices["z"], voices["labels"], voices["speakers"], groups)


def test_the_voice_is_read_where_it_is_and_chance_is_told(voices):
    z, speakers, takes = voices["z"], voices["speakers"], voices["takes"]
    result = speaker_probe(z, speakers, takes)
    assert result["clips"] == 60
    assert result["accuracy"] > 0.95
    assert result["chance"] == pytest.approx(0.25)
    deaf = speaker_probe(z[:, :3], speakers, takes)
    assert deaf["low"] < 0.25 < deaf["high"]
    assert speaker_probe(z, speakers, takes, test_takes=[7])["clips"] == 12


@pytest.mark.parametrize(("takes", "side"), [((30, 31), "test"), (range(10), "train")])
def test_a_split_with_an_empty_side(voices, takes, side):
    with pytest.raises(ValueError, match=f"nothing to {side} on; the clips have takes .0, 1, 2"):
        speaker_probe(voices["z"], voices["speakers"], voices["takes"], test_takes=takes)


def test_one_value_a_clip(voices):
    with pytest.raises(ValueError, match=r"received 120 latents, labels \(119,\)"):
        probe_by_speaker(voices["z"], voices["labels"][1:], voices["speakers"])
    with pytest.raises(ValueError, match=r"speakers \(120,\) and takes \(3,\)"):
        speaker_probe(voices["z"], voices["speakers"], [0, 1, 2])


def test_scoreboard_lies_between_shuffled_labels_and_all_right(voices):
    z = voices["z"]
    seen = []
    log_variance = np.full_like(z, -1.0)
    result = evaluate(
        **voices, log_variance=log_variance, baselines={"word alone": z[:, :3]}, on_row=seen.append
    )
    rows = result["rows"]
    assert list(rows) == seen == ["model", "word alone", "shuffled"]
    assert rows["model"]["speaker"] > 0.95 > 0.5 > rows["word alone"]["speaker"]
    assert rows["word alone"]["label_new_speakers"] > 0.9
    for metric, chance in (("label", 1 / 3), ("label_new_speakers", 1 / 3), ("speaker", 1 / 4)):
        floor = rows["shuffled"][metric]
        assert floor == pytest.approx(chance, abs=0.17)
        assert rows["shuffled"][f"{metric}_share"] == 0
        model = rows["model"]
        assert model[f"{metric}_share"] == pytest.approx((model[metric] - floor) / (1 - floor))
        assert model[f"{metric}_low"] <= model[metric] <= model[f"{metric}_high"]
    assert result["posterior"]["active"] == result["posterior"]["latent_dim"] == 7
    assert result["posterior"]["kl"] == pytest.approx(result["posterior"]["kl_per_dimension"].sum())
    assert "120 clips by 4 speakers" in result["protocol"]


def test_a_baseline_needs_a_name_of_its_own(voices):
    with pytest.raises(ValueError, match="cannot be called model"):
        evaluate(**voices, baselines={"model": voices["z"]})
