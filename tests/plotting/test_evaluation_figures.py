"""Figures of a latent's information and of a judge's mistakes, by what is on them."""

from __future__ import annotations

import io

import numpy as np
import pytest

from course_lib.plotting.comparison import comparison
from course_lib.plotting.confusion import confusion
from course_lib.plotting.description import alt_text
from course_lib.plotting.divergence import divergence

KL = np.array([0.001, 3.2, 0.5, 0.0])
ACTIVE = np.array([False, True, True, False])
COUNTS = np.array([[9, 1, 0], [4, 6, 0], [0, 0, 10]])


@pytest.mark.parametrize(
    "figure", [divergence(KL, ACTIVE), confusion(COUNTS)], ids=["divergence", "confusion"]
)
def test_has_words_labels_and_a_drawing(figure):
    axes = figure.axes[0]
    assert axes.get_title()
    assert axes.get_xlabel()
    assert axes.get_ylabel()
    assert len(alt_text(figure)) > 40
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=40)
    assert buffer.getvalue().startswith(b"\x89PNG")


def test_latents_are_ordered_and_idle_ones_hollow():
    axes = divergence(KL, ACTIVE).axes[0]
    heights = {round(bar.get_x() + bar.get_width() / 2): bar.get_height() for bar in axes.patches}
    assert heights == {0: 3.2, 1: 0.5, 2: 0.001, 3: 0.0}
    assert [text.get_text() for text in axes.get_xticklabels()] == ["1", "2", "0", "3"]
    assert sorted(bar.get_hatch() or "" for bar in axes.patches) == ["", "", "//", "//"]
    words = alt_text(axes.figure)
    assert "4 latents, 2 of them hatched" in words
    assert "3.7 nats in all; the largest, latent 1, has 3.2" in words
    assert "all in use" in alt_text(divergence(KL, np.ones(4, bool)))


def test_confusion_is_shaded_by_shares_of_its_rows():
    axes = confusion(COUNTS * [[1], [10], [1]], ["one", "two", "six"]).axes[0]
    np.testing.assert_allclose(axes.images[0].get_array(), COUNTS / 10)
    assert [text.get_text() for text in axes.texts] == ["9", "1", "40", "60", "10"]
    assert [text.get_text() for text in axes.get_yticklabels()] == ["one", "two", "six"]
    assert "120 clips, 66 % heard as asked for" in alt_text(axes.figure)
    assert "two taken for one, 40 times" in alt_text(axes.figure)
    assert alt_text(confusion(np.diag([3, 4]))).endswith("100 % heard as asked for.")


def test_scores_of_generation_are_compared_too():
    rows = {
        "model": {"agreement": 0.52, "is": 6.1, "frechet": 159.0},
        "real": {"agreement": 0.99, "is": 9.7, "frechet": 4.9},
        "shuffled": {"agreement": None, "is": 1.0, "frechet": 700.0},
    }
    figure = comparison({"rows": rows}, metrics=("agreement", "is", "frechet"), title="Digits made")
    assert [axes.patches[0].get_width() for axes in figure.axes] == [0.52, 6.1, 159.0]
    assert ["lower" in axes.get_xlabel() for axes in figure.axes] == [False, False, True]
    assert "real clips 9.7" in alt_text(figure)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: divergence(KL, ACTIVE[:3]), r"received \(4,\) and \(3,\)"),
        (lambda: divergence(KL * np.nan, ACTIVE), "NaN or infinite"),
        (lambda: confusion(COUNTS[:2]), r"square table of counts, not empty; received shape \(2, 3\)"),
        (lambda: confusion(np.zeros((3, 3), int)), "not empty"),
        (lambda: confusion(COUNTS, ["a", "b"]), "expected 3 labels; received 2"),
    ],
)
def test_what_cannot_be_drawn(call, message):
    with pytest.raises(ValueError, match=message):
        call()
