"""Figures by what is on them: data, units, one common scale, a description; not by pixels."""

from __future__ import annotations

import io

import librosa
import numpy as np
import pytest
from matplotlib.figure import Figure

from course_lib.plotting.comparison import comparison
from course_lib.plotting.curves import curves
from course_lib.plotting.description import alt_text
from course_lib.plotting.latent import latent
from course_lib.plotting.spectrogram import side_by_side, spectrogram
from course_lib.plotting.waveform import waveform

HISTORY = {
    "step": [2, 4, 10, 20, 30],
    "epoch": [0, 0, 1, 2, 3],
    "seconds": [0.1, 0.2, 1.0, 2.0, 3.0],
    "loss": [0.9, 0.8, 0.5, 0.3, 0.2],
    "val_loss": [np.nan, np.nan, 0.55, 0.35, 0.4],
}
ROWS = {
    "model": {"stoi": 0.85, "stoi_se": 0.01, "pesq_nb": 1.7, "log_mel_l1": 0.4, "mae_features": 0.14},
    "pca_64": {"stoi": 0.82, "stoi_se": 0.01, "pesq_nb": 1.5, "log_mel_l1": 0.5, "mae_features": 0.15},
    "mean": {"stoi": 0.48, "stoi_se": 0.01, "pesq_nb": None, "log_mel_l1": 1.0, "mae_features": 0.3},
}


@pytest.fixture
def level() -> np.ndarray:
    """dB, shape (128, 64), loudest in frame 50, band 10."""
    level = np.random.default_rng(0).uniform(-75, -40, size=(128, 64))
    level[50, 10] = -12
    return level


def _all() -> dict[str, Figure]:
    rng = np.random.default_rng(0)
    level = rng.uniform(-70, -20, size=(128, 64))
    return {
        "waveform": waveform(rng.uniform(-1, 1, 8192)),
        "long waveform": waveform(rng.uniform(-1, 1, 80000)),
        "spectrogram": spectrogram(level),
        "spectrograms": side_by_side({"original": level, "estimate": level - 3}, title="Both"),
        "curves": curves(HISTORY, bars={"PCA": 0.25}),
        "latent": latent(rng.normal(size=(40, 2)), np.arange(40) % 10),
        "speakers": latent(
            rng.normal(size=(40, 2)), np.array(["ada", "bob"])[np.arange(40) % 2], of="speaker"
        ),
        "comparison": comparison({"rows": ROWS}),
    }


@pytest.mark.parametrize("name", _all())
def test_every_figure_has_words_units_and_a_drawing(name):
    figure = _all()[name]
    assert len(alt_text(figure)) > 40
    titles = [axes.get_title() for axes in figure.axes] + [figure.get_suptitle()]
    assert any(titles)
    assert all(axes.get_xlabel() for axes in figure.axes if axes.get_label() != "<colorbar>")
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=40)
    assert buffer.getvalue().startswith(b"\x89PNG")


def test_a_notebook_shows_picture_and_words_without_pyplot():
    figure = waveform(np.zeros(100), title='Quiet & "nothing"')
    bundle = figure._repr_mimebundle_()
    assert bundle["text/plain"] == alt_text(figure)
    assert 'alt="Quiet &amp; &quot;nothing&quot;: 0.01 s' in bundle["text/html"]
    assert 'src="data:image/png;base64,iVBOR' in bundle["text/html"]


def test_figures_leave_pyplot_alone():
    import subprocess
    import sys

    code = (
        "import sys, numpy; from course_lib.plotting.waveform import waveform; waveform(numpy.zeros(10)); "
        "print('matplotlib.pyplot' in sys.modules)"
    )
    child = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert child.stdout.strip() == "False"


def test_waveform_draws_the_samples_in_seconds():
    y = np.sin(np.arange(2000) / 10).astype(np.float32) * 1.5
    axes = waveform(y, sr=4000).axes[0]
    line = axes.lines[0]
    np.testing.assert_allclose(line.get_ydata(), y)
    assert line.get_xdata()[-1] == pytest.approx(1999 / 4000)
    assert axes.get_ylim()[1] > 1.5
    assert "samples beyond full scale" in alt_text(axes.figure)
    assert "beyond" not in alt_text(waveform(y / 2))


def test_a_long_waveform_keeps_its_peaks():
    y = np.zeros(100_000, np.float32)
    y[77_777] = 0.9
    axes = waveform(y).axes[0]
    heights = axes.collections[0].get_paths()[0].vertices[:, 1]
    assert heights.max() == pytest.approx(0.9)


def test_spectrograms_share_one_scale_and_keep_their_values(level):
    figure = side_by_side({"a": level, "b": level - 10})
    images = [axes.images[0] for axes in figure.axes if axes.images]
    assert len(images) == 2
    for image in images:
        assert image.get_clim() == (-82, -12)
        assert image.cmap.name == "magma"
    np.testing.assert_allclose(images[1].get_array(), level.T - 10)


def test_spectrogram_axes_are_seconds_and_band_centres(level):
    axes = spectrogram(level).axes[0]
    assert axes.images[0].get_extent()[:2] == [0, pytest.approx(128 * 64 / 8000)]
    centres = librosa.mel_frequencies(n_mels=66, fmin=0, fmax=4000)[1:-1]
    labels = [text.get_text() for text in axes.get_yticklabels()]
    assert labels[0] == f"{centres[0]:.0f}"
    assert labels[-1] == "3.9k"
    assert f"loudest at 0.40 s near {centres[10]:.0f} Hz" in alt_text(axes.figure)

    class Slow:
        sr, hop_length = 16000, 256

    assert spectrogram(level, Slow()).axes[0].images[0].get_extent()[1] == pytest.approx(128 * 256 / 16000)


def test_spectrogram_refuses_what_is_not_in_decibels(level):
    with pytest.raises(
        ValueError, match=r"expected levels of shape \(frames, bands\); received \(2, 128, 64\)"
    ):
        spectrogram(np.stack([level, level]))
    with pytest.raises(ValueError, match="finite levels in dB"):
        spectrogram(np.full((4, 4), -np.inf))
    with pytest.raises(ValueError, match=r"no levels in dB; pass 20 \* np\.log10"):
        spectrogram(10 ** (level / 20))
    with pytest.raises(ValueError, match=r"equally many bands; received \[32, 64\]"):
        side_by_side({"a": level, "b": level[:, :32]})
    with pytest.raises(ValueError, match="no panel"):
        side_by_side({})


def test_curves_show_whole_epochs_or_every_step():
    axes = curves(HISTORY).axes[0]
    np.testing.assert_allclose(axes.lines[0].get_xdata(), [1, 2, 3])
    np.testing.assert_allclose(axes.lines[1].get_ydata(), [0.55, 0.35, 0.4])
    assert axes.lines[0].get_linestyle() != axes.lines[1].get_linestyle()
    by_step = curves(HISTORY, x="step", log=True).axes[0]
    assert len(by_step.lines[0].get_xdata()) == 5
    assert len(by_step.lines[1].get_xdata()) == 3
    assert by_step.get_yscale() == "log"
    assert "its lowest is 0.35 at 2." in alt_text(axes.figure)


def test_curves_before_anything_was_measured_and_wrong_columns():
    empty = {name: [] for name in HISTORY}
    assert "nothing measured yet" in alt_text(curves(empty))
    with pytest.raises(ValueError, match="x must be one of step, epoch, seconds; received 'time'"):
        curves(HISTORY, x="time")
    with pytest.raises(ValueError, match="history has no val_loss"):
        curves({"epoch": [1], "loss": [1]})
    with pytest.raises(ValueError, match="equally long; received 5, 4 and 5"):
        curves(HISTORY | {"loss": [1.0] * 4})


def test_latent_draws_digits_as_themselves_and_speakers_as_letters():
    z = np.random.default_rng(0).normal(size=(30, 2))
    axes = latent(z, np.arange(30) % 10).axes[0]
    assert len(axes.collections) == 10
    np.testing.assert_allclose(axes.collections[3].get_offsets(), z[3::10])
    assert axes.get_legend() is None
    speakers = latent(z, np.array(["ada", "bob", "eve"])[np.arange(30) % 3], of="speaker").axes[0]
    assert [text.get_text() for text in speakers.get_legend().get_texts()] == ["ada", "bob", "eve"]
    # Distinct without colour: no two labels have the same outline.
    outlines = {c.get_paths()[0].vertices.tobytes() for c in axes.collections}
    assert len(outlines) == 10


def test_latent_refuses_what_is_no_map():
    with pytest.raises(ValueError, match=r"shape \(clips, 2\) .* received \(5, 3\) and \(5,\)"):
        latent(np.zeros((5, 3)), np.zeros(5))
    with pytest.raises(ValueError, match="NaN or infinite"):
        latent(np.full((5, 2), np.nan), np.zeros(5))
    with pytest.raises(ValueError, match="at most 52 labels apart; received 60"):
        latent(np.zeros((60, 2)), np.array([f"voice {i}" for i in range(60)]))


def test_comparison_has_a_bar_a_row_and_says_which_way_is_better():
    figure = comparison({"rows": ROWS}, metrics=("stoi", "mae_features", "pesq_nb"))
    widths = [[bar.get_width() for bar in axes.patches] for axes in figure.axes]
    assert widths[0] == [0.85, 0.82, 0.48]
    assert widths[2] == [1.7, 1.5, 0.0]
    labels = [axes.get_xlabel() for axes in figure.axes]
    assert ["higher" in label for label in labels] == [True, False, True]
    texts = [text.get_text() for text in figure.axes[2].texts]
    assert texts == ["1.70", "1.50", "n/a"]
    # The model's bar differs by hatching, not by colour alone.
    assert [bool(bar.get_hatch()) for bar in figure.axes[0].patches] == [True, False, False]
    with pytest.raises(ValueError, match=r"expected rows and metrics of stoi.*received \['warmth'\]"):
        comparison({"rows": ROWS}, metrics=("warmth",))
