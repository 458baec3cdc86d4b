"""The share of the way: its formula, both directions, and where it means nothing."""

from __future__ import annotations

import pytest

from course_lib.evaluation.share import add_shares, share


def test_the_ends_are_zero_and_one():
    assert share(1.4, floor=1.4, ceiling=4.4) == 0
    assert share(4.4, floor=1.4, ceiling=4.4) == 1
    assert share(2.0, floor=1.4, ceiling=4.4) == pytest.approx(0.2)


def test_lower_is_better_counts_downwards():
    assert share(0.9, floor=1.2, ceiling=0.2, lower_is_better=True) == pytest.approx(0.3)
    assert share(1.7, floor=1.2, ceiling=0.2, lower_is_better=True) == pytest.approx(-0.5)


def test_harm_is_below_zero_and_better_than_the_ceiling_above_one():
    assert share(0.5, floor=0.6, ceiling=1.0) == pytest.approx(-0.25)
    assert share(1.1, floor=0.6, ceiling=1.0) == pytest.approx(1.25)


@pytest.mark.parametrize(
    ("score", "floor", "ceiling", "lower"),
    [
        (None, 0, 1, False),
        (0.5, None, 1, False),
        (0.5, 0, float("inf"), False),
        (float("nan"), 0, 1, False),
        (0.5, 1, 1, False),
        # A ceiling that is worse than the floor would make harm look like gain.
        (0.5, 1, 0, False),
        (0.5, 0, 1, True),
    ],
)
def test_a_share_that_means_nothing_is_none(score, floor, ceiling, lower):
    assert share(score, floor=floor, ceiling=ceiling, lower_is_better=lower) is None


def test_rows_get_their_shares_behind_what_they_had():
    rows = {
        "mean": {"stoi": 0.5, "log_mel_l1": 1.0, "pesq_nb": None},
        "model": {"stoi": 0.8, "log_mel_l1": 0.4, "pesq_nb": 1.7},
        "ceiling": {"stoi": 0.9, "log_mel_l1": 0.2, "pesq_nb": 4.0},
    }
    shared = add_shares(rows, dict.fromkeys(("stoi", "log_mel_l1", "pesq_nb"), ("mean", "ceiling")))
    assert list(shared) == list(rows)
    assert shared["model"] == rows["model"] | {
        "stoi_share": pytest.approx(0.75),
        "log_mel_l1_share": pytest.approx(0.75),
        "pesq_nb_share": None,
    }
    assert shared["mean"]["stoi_share"] == 0
    assert shared["ceiling"]["log_mel_l1_share"] == 1
    assert "stoi_share" not in rows["model"]


def test_ends_that_are_no_rows_are_named():
    with pytest.raises(ValueError, match=r"of the rows model; received \['ceiling', 'mean'\]"):
        add_shares({"model": {"stoi": 1.0}}, {"stoi": ("mean", "ceiling")})
