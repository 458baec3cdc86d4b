"""Curves grow by streaming; the past is replaced only when it changed."""

from __future__ import annotations

import math

import pytest

from dashboards.components.curves import MAX_POINTS, LossCurves


def _history(losses, held_out=None):
    n = len(losses)
    return {
        "step": list(range(1, n + 1)),
        "epoch": [0.0] * n,
        "seconds": [0.1] * n,
        "loss": list(losses),
        "val_loss": held_out or [math.nan] * n,
        "learning_rate": [0.001] * n,
    }


def test_new_rows_are_streamed_and_held_out_gaps_are_left_out():
    curves = LossCurves()
    streamed = []
    curves.train.on_change("data", lambda attr, old, new: streamed.append(len(new["loss"])))
    assert curves.update(_history([3.0, 2.0]))
    assert curves.update(_history([3.0, 2.0, 1.5], [math.nan, math.nan, 1.75]))
    assert not curves.update(_history([3.0, 2.0, 1.5], [math.nan, math.nan, 1.75]))
    assert list(curves.train.data["loss"]) == [3.0, 2.0, 1.5]
    assert list(curves.train.data["step"]) == [1, 2, 3]
    assert list(curves.held_out.data["step"]) == [3]
    assert curves.last == (1.5, 1.75)


def test_a_resumed_run_replaces_what_was_cut():
    curves = LossCurves()
    curves.update(_history([3.0, 2.0, 1.0]))
    curves.update(_history([3.0, 2.5]))
    assert list(curves.train.data["loss"]) == [3.0, 2.5]


def test_points_stay_below_a_thousand_and_keep_both_ends():
    curves = LossCurves()
    losses = [1.0 / (i + 1) for i in range(4321)]
    for end in (900, 1100, 2500, 4321):
        curves.update(_history(losses[:end]))
        shown = list(curves.train.data["loss"])
        assert len(shown) <= MAX_POINTS + 1
        assert shown[0] == 1.0
        assert shown[-1] == losses[end - 1]


def test_an_empty_or_broken_history_shows_nothing():
    curves = LossCurves()
    assert not curves.update({})
    assert not curves.update({"step": [], "loss": []})
    assert curves.last == (None, None)
    assert curves.update(_history([math.nan, 1.0]))
    assert list(curves.train.data["loss"]) == [1.0]


def test_the_axis_ends_after_the_last_point():
    curves = LossCurves()
    curves.update(_history([1.0] * 100))
    assert curves.figures[False].x_range.end == pytest.approx(125)


def test_the_logarithmic_figure_shares_the_data():
    curves = LossCurves()
    log = curves.figure(log=True)
    assert type(log.y_scale).__name__ == "LogScale"
    assert log.renderers[-1].data_source is curves.train
    curves.enlarge(True)
    assert log.xaxis[0].major_label_text_font_size == "18px"
