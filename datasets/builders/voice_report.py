"""The numbers and pictures of the bundled digits, measured from the files themselves."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import numpy as np
import soundfile
from voice_selection import Measured, distances, identified, measure, medians, recognised, voice_cube

from course_lib.data.spoken_digits import folder, manifest


def read_bundled() -> list[Measured]:
    """Every bundled clip, measured."""
    clips = []
    for row in manifest():
        y, sr = soundfile.read(folder() / row["file"])
        clips.append(measure(y, sr, voice=row["voice"], digit=int(row["digit"]), take=int(row["take"])))
    return clips


def print_report() -> None:
    """Print what the data card states."""
    clips = read_bundled()
    rows = manifest()
    voices = sorted({row["voice"] for row in rows})
    split = {row["voice"]: row["split"] for row in rows}
    seconds = sum(int(row["samples"]) for row in rows) / 8000
    size = sum((folder() / row["file"]).stat().st_size for row in rows)
    right = recognised(clips)
    cube = voice_cube(clips, voices)
    between = distances(cube)
    print(f"{'voice':24s} split  F0 Hz  moves  harm.  voiced  flat.   F1   F2   F3  recog.  nearest voice")
    for index, name in enumerate(voices):
        mine = [clip for clip in clips if clip.voice == name]
        m = medians(mine)
        f1, f2, f3 = np.median([clip.formants for clip in mine], axis=0)
        nearest = between[index].argmin()
        print(
            f"{name:24s} {split[name]:5s} {m['f0']:6.0f} {m['f0_range']:6.1f} {m['harmonicity']:6.1f} "
            f"{m['voiced']:7.2f} {m['flatness']:6.4f} {f1:4.0f} {f2:4.0f} {f3:4.0f} {right[name]:7.2f}  "
            f"{voices[nearest]} ({between[index, nearest]:.1f})"
        )
    pitch = [medians([clip for clip in clips if clip.voice == name])["f0"] for name in voices]
    print()
    counts = Counter(split.values())
    print(f"voices               {len(voices)} ({counts['train']} train, {counts['test']} test)")
    print(f"clips                {len(rows):,} ({sum(row['split'] == 'test' for row in rows):,} test)")
    print(f"sound                {seconds / 60:.1f} min; size {size / 1e6:.2f} MB")
    lengths = np.percentile([int(row["samples"]) / 8000 for row in rows], [0, 50, 100])
    print(f"words, s             {lengths.round(2)} (least, median, most)")
    print(f"pitch of voices, Hz  {np.percentile(pitch, [0, 25, 50, 75, 100]).round()}")
    print(f"words recognised     {np.mean(list(right.values())):.3f} by a classifier new to the voice")
    print(f"voices identified    {identified(cube):.3f} of third takes, {len(voices)} voices")
    takes = cube[:, :, :, None] - cube[:, :, None, :]
    within = np.sqrt((takes**2).sum(axis=-1))
    pairs = ~np.eye(cube.shape[2], dtype=bool)
    nearest = between.min(axis=1)
    print(f"distance of takes    {np.median(within[:, :, pairs]):.1f} (median), of one voice and word")
    print(
        f"distance of voices   {nearest.min():.1f} (least), {np.median(nearest):.1f} (median), to the nearest"
    )
    _print_left_out()


def _print_left_out() -> None:
    with (folder().parent / "voices.csv").open(encoding="utf-8", newline="") as file:
        left_out = [row for row in csv.DictReader(file) if row["split"] == "left out"]
    print(f"\nleft out at the audition: {len(left_out)}")
    for row in left_out:
        print(f"  {row['voice']:24s} {row['reason']}")


def write_pictures(out: Path) -> None:
    """One sheet of spectrograms a digit: a voice a cell, first takes."""
    from matplotlib.figure import Figure

    from course_lib.audio.stft import stft, window_gain

    out.mkdir(parents=True, exist_ok=True)
    for digit in range(10):
        chosen = [row for row in manifest() if row["digit"] == str(digit) and row["take"] == "0"]
        columns = 10
        figure = Figure(figsize=(20, 2 * -(-len(chosen) // columns)), layout="constrained")
        axes = figure.subplots(-(-len(chosen) // columns), columns, squeeze=False)
        for axis in axes.flat:
            axis.set_axis_off()
        for axis, row in zip(axes.flat, chosen, strict=False):
            y, _ = soundfile.read(folder() / row["file"], dtype="float32")
            clip = np.zeros(6400, np.float32)
            clip[: min(6400, len(y))] = y[:6400]
            level = 20 * np.log10(np.abs(stft(clip)) / window_gain(256) + 1e-5)
            axis.imshow(level.T, origin="lower", aspect="auto", vmin=-80, vmax=-15, cmap="magma")
            axis.set_title(f"{row['voice']} {row['split']}", fontsize=7)
        figure.savefig(out / f"{digit}.png", dpi=80)
