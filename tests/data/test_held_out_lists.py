"""Lists for any held-out speakers, by the recipe of the fixed ones."""

from __future__ import annotations

import numpy as np
import pytest

from course_lib.data import catalog
from course_lib.data.held_out_lists import mixtures_of, noisy_strings_of
from course_lib.data.splits import bundled


@pytest.fixture(scope="module")
def sides():
    train, test = bundled(catalog.load("digits"))
    return train, test


def test_mixtures_are_of_two_speakers_and_digits_at_equal_energy_and_always_the_same(sides):
    _, test = sides
    made, again = mixtures_of(test, count=20), mixtures_of(test, count=20)
    np.testing.assert_array_equal(made.mixture, again.mixture)
    assert (made.speaker[:, 0] != made.speaker[:, 1]).all()
    assert (made.label[:, 0] != made.label[:, 1]).all()
    assert set(made.speaker.ravel()) <= set(test.speaker)
    energy = np.sum(made.sources.astype(float) ** 2, axis=2)
    np.testing.assert_allclose(energy[:, 0], energy[:, 1], rtol=1e-3)


def test_babble_is_by_those_who_are_named(sides):
    train, test = sides
    own = noisy_strings_of(test, kind="babble", count=3)
    other = noisy_strings_of(test, kind="babble", count=3, babblers=train)
    for a, b in zip(own, other, strict=True):
        np.testing.assert_array_equal(a.clean, b.clean)
        assert np.abs(a.noisy - b.noisy).max() > 0.01
        for string in (a, b):
            noise = string.noisy.astype(float) - string.clean
            ratio = 10 * np.log10(np.sum(string.clean.astype(float) ** 2) / np.sum(noise**2))
            assert ratio == pytest.approx(0.0, abs=0.01)
            assert string.kind == "babble"


def test_a_noise_that_the_lists_have_not_is_named(sides):
    with pytest.raises(ValueError, match="the lists have no noise 'hum', or not 2 strings of it"):
        noisy_strings_of(sides[1], kind="hum", count=2)
