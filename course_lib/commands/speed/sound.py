"""Features, Griffin-Lim, previews and curves beside librosa and Matplotlib. No backend is imported."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from course_lib.commands.speed import usual
from course_lib.commands.speed.comparison import Comparison, of_rates, of_times
from course_lib.commands.speed.turns import Turns, by_turns

if TYPE_CHECKING:
    from course_lib.data.clips import Clips

# What the course promises of them, and its tests ask for.
ENCODE_BAR, GRIFFIN_LIM_BAR = 4.0, 3.0
ROWS = 200


def features(sounds: Clips, *, turns: int) -> Comparison:
    """Log-mel features of many clips."""
    from course_lib.data.benchmark import encode_speed

    found = encode_speed(sounds.y, repeats=turns)
    clips = found["clips"]
    return Comparison(
        "features, log-mel",
        clips / found["seconds"],
        clips / found["librosa_seconds"],
        "clips/s",
        found["ratio"],
        bar=ENCODE_BAR,
        how=f"{clips} clips, one thread, against a loop over librosa; best of {turns} turns",
    )


def griffin_lim(sounds: Clips, *, turns: int) -> Comparison:
    """32 iterations for a batch of clips."""
    from course_lib.audio.benchmark import griffin_lim_speed

    found = griffin_lim_speed(sounds.y, repeats=turns)
    clips = len(sounds)
    return Comparison(
        "Griffin-Lim, 32 iterations",
        clips / found["seconds"],
        clips / found["librosa_seconds"],
        "clips/s",
        found["ratio"],
        bar=GRIFFIN_LIM_BAR,
        how=f"{clips} clips, one thread, against a loop over librosa; equally near "
        f"({found['convergence']:.3f} and {found['librosa_convergence']:.3f}); best of {turns} turns",
    )


class _Same:
    """Gives back what it is given: previews are timed without a network."""

    def reconstruct(self, features: np.ndarray) -> np.ndarray:
        return features


def previews(sounds: Clips, *, turns: int) -> Comparison:
    """Three clips that can be heard and seen, as one rung of the checkpoint ladder has them."""
    import librosa

    from course_lib.audio.log_mel_spectrogram import LogMelSpectrogram
    from course_lib.training.ladder import Ladder
    from course_lib.training.tasks.round_trip import RoundTrip
    from course_lib.training.training_data import choose_previews

    chosen = choose_previews(sounds)
    representation = LogMelSpectrogram(sr=sounds.sr, n_samples=sounds.y.shape[1]).fit(sounds.y)
    options = {"sr": sounds.sr, "n_fft": 256, "hop_length": 64}
    powers = [librosa.feature.melspectrogram(y=y, n_mels=64, **options) for y in chosen.y]
    with tempfile.TemporaryDirectory(prefix="course-bench-") as name:
        folder = Path(name)
        ladder = Ladder(folder / "previews", RoundTrip(chosen, representation))
        (folder / "usual").mkdir()
        measured = by_turns(
            lambda: ladder.write(_Same(), step=1, epoch=0, seconds=0.0),
            lambda: usual.preview(folder / "usual", powers, **options),
            turns=turns,
        )
    how = f"{len(chosen)} clips to hear and see, no network, against mel_to_audio, soundfile and specshow"
    return of_rates("previews", measured, count=1, unit="previews/s", how=how)


def curves(*, turns: int) -> Comparison:
    """One more point of a loss curve, on the page and in a picture that is drawn anew."""
    from course_lib.training.history import append_row, format_row, read_history
    from dashboards.components.curves import LossCurves

    with tempfile.TemporaryDirectory(prefix="course-bench-") as name:
        path = Path(name) / "history.csv"
        for step in range(1, ROWS):
            append_row(path, format_row(step, step, 1.0 * step, 1 / step, 1.1 / step, 1e-3))
        live = LossCurves()
        live.update(read_history(path))
        step = ROWS

        def ours() -> None:
            nonlocal step
            append_row(path, format_row(step, step, 1.0 * step, 1 / step, 1.1 / step, 1e-3))
            live.update(read_history(path))
            step += 1

        history = read_history(path)
        measured = by_turns(ours, lambda: usual.redraw(history), turns=turns)
    how = f"{ROWS} points: a row written, read and streamed, against all drawn anew by Matplotlib"
    return of_times("a live curve's next point", measured, how=how, scale=1000, unit="ms")


def turns_of(found: dict[str, Any]) -> Turns:
    """Turns that came as JSON."""
    return Turns(tuple(found["ours"]), tuple(found["usual"]))
