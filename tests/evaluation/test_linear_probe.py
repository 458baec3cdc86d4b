"""The linear probe."""

from __future__ import annotations

import numpy as np
import pytest

from course_lib.evaluation.intervals import mean_interval
from course_lib.evaluation.latent import linear_probe


def _clusters(n: int, seed: int, *, spread: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Latents, shape (n, 4), around one centre a label, and labels 0 to 2."""
    rng = np.random.default_rng(seed)
    label = np.arange(n) % 3
    centres = 4 * np.eye(4)[:3]
    return centres[label] + spread * rng.normal(size=(n, 4)), label


def test_separable_labels_are_read_and_noise_is_chance():
    result = linear_probe(*_clusters(300, 0, spread=1.5), *_clusters(150, 1, spread=1.5))
    assert result["accuracy"] > 0.85
    assert result["low"] < result["accuracy"] < result["high"]
    assert result["confusion"].sum() == result["clips"] == 150
    assert np.trace(result["confusion"]) == round(150 * result["accuracy"])
    assert result["hit"].mean() == result["accuracy"]
    assert result["chance"] == pytest.approx(1 / 3)

    z, label = _clusters(300, 0)
    noise = np.random.default_rng(4).normal(size=z.shape)
    blind = linear_probe(noise, label, noise[::-1], label)
    assert blind["low"] < 1 / 3 + 0.05
    assert blind["accuracy"] < 0.5


def test_a_scaled_latent_reads_the_same():
    scale = np.array([1, 1e4, 1e-3, 7.0])
    (z, label), (z_test, label_test) = _clusters(300, 0, spread=2), _clusters(150, 1, spread=2)
    one = linear_probe(z, label, z_test, label_test)
    other = linear_probe(z * scale, label, z_test * scale, label_test)
    assert one["accuracy"] == pytest.approx(other["accuracy"], abs=0.01)


def test_held_out_speakers_are_reported_one_by_one_and_leaks_are_refused():
    (z, label), (z_test, label_test) = _clusters(300, 0), _clusters(60, 1)
    speakers, others = np.array(["ada", "bob"])[np.arange(300) % 2], np.array(["eve", "kim"]).repeat(30)
    z_test[30:] = 0
    result = linear_probe(z, label, z_test, label_test, speakers_train=speakers, speakers_test=others)
    assert list(result["by_speaker"]) == ["eve", "kim"]
    assert result["by_speaker"]["eve"] > 0.9 > result["by_speaker"]["kim"]
    assert result["accuracy"] == pytest.approx(np.mean(list(result["by_speaker"].values())))
    assert result["over_speakers"] == mean_interval(list(result["by_speaker"].values()), bounds=(0, 1))
    one = linear_probe(
        z, label, z_test[:30], label_test[:30], speakers_train=speakers, speakers_test=others[:30]
    )
    assert one["over_speakers"] is None
    others[0] = "bob"
    with pytest.raises(ValueError, match="bob speaks on both sides"):
        linear_probe(z, label, z_test, label_test, speakers_train=speakers, speakers_test=others)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda a: a | {"z_test": np.zeros((9, 5))}, "latents differ in size: 4 and 5"),
        (lambda a: a | {"labels_test": np.full(9, 8)}, r"the test also has \[8\]"),
        (lambda a: a | {"labels_train": np.zeros(30)}, "it needs two at least|the test also has"),
        (lambda a: a | {"labels_train": np.zeros(29)}, "training latents of shape"),
        (lambda a: a | {"z_train": np.full((30, 4), np.inf)}, "training latents hold NaN"),
        (lambda a: a | {"speakers_train": ["a"] * 30}, "both sides or of neither"),
    ],
)
def test_what_cannot_be_probed(change, message):
    (z, label), (z_test, label_test) = _clusters(30, 0), _clusters(9, 1)
    arguments = {"z_train": z, "labels_train": label, "z_test": z_test, "labels_test": label_test}
    with pytest.raises(ValueError, match=message):
        linear_probe(**change(arguments))
