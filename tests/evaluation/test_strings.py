"""Ten-digit strings: every clip once, every digit once, only its sound."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.evaluation import strings


def test_each_string_holds_every_digit_once():
    label = np.repeat(np.arange(10), 7)
    order = strings.arrange(label, seed=2)
    assert len(order) == 7
    for members in order:
        assert sorted(label[members]) == list(range(10))
    # The digits of a string are not always in one order.
    assert len({tuple(label[members]) for members in order}) > 1


@settings(max_examples=60, deadline=None)
@given(
    label=st.lists(st.integers(0, 9), min_size=1, max_size=80),
    per=st.integers(1, 12),
    seed=st.integers(0, 99),
)
def test_every_clip_is_dealt_exactly_once(label, per, seed):
    order = strings.arrange(np.array(label), per_string=per, seed=seed)
    assert sorted(np.concatenate(order).tolist()) == list(range(len(label)))
    sizes = {len(members) for members in order}
    assert max(sizes) - min(sizes) <= 1
    assert len(order) == max(1, len(label) // per)


def test_the_seed_decides():
    label = np.repeat(np.arange(10), 5)
    first = np.concatenate(strings.arrange(label, seed=0))
    np.testing.assert_array_equal(first, np.concatenate(strings.arrange(label, seed=0)))
    assert (first != np.concatenate(strings.arrange(label, seed=1))).any()


def test_padding_is_cut_and_gaps_are_silent():
    y = np.ones((4, 100), np.float32) * np.arange(1, 5)[:, None]
    joined = strings.concatenate(y, [10, 20, 30, 40], per_string=2, gap_seconds=0.001, sr=5000)
    assert [len(string) for string in joined] == [10 + 5 + 20 + 5, 30 + 5 + 40 + 5]
    assert joined[0].dtype == np.float32
    expected = np.concatenate([np.full(10, 1), np.zeros(5), np.full(20, 2), np.zeros(5)])
    np.testing.assert_array_equal(joined[0], expected)
    chosen = strings.concatenate(y, [10, 20, 30, 40], order=[np.array([3, 0])], gap_seconds=0)
    np.testing.assert_array_equal(chosen[0], np.concatenate([np.full(40, 4), np.full(10, 1)]))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: strings.arrange(np.zeros((2, 2))), r"labels of shape \(clips,\)"),
        (lambda: strings.arrange(np.zeros(3), per_string=0), "per_string must be at least 1"),
        (lambda: strings.concatenate(np.zeros((2, 8)), [8, 9]), r"2 lengths from 1 to 8; received \[8 9\]"),
        (lambda: strings.concatenate(np.zeros((2, 8)), [0, 8]), "lengths from 1 to 8"),
        (
            lambda: strings.concatenate(np.zeros(8), [8]),
            r"clips of shape \(clips, n_samples\); received \(8,\)",
        ),
    ],
)
def test_what_does_not_fit_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
