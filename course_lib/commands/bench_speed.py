"""``course bench speed``: the course's ways beside the usual ones, timed by turns in one run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from course_lib.commands.bench_lessons import Json, Markdown

if TYPE_CHECKING:
    from course_lib.commands.measurement import Measurement
    from course_lib.commands.speed.comparison import Comparison
    from course_lib.data.clips import Clips

PARTS = ("training", "features", "griffin_lim", "previews", "curves", "processes")


def speed(
    only: Annotated[
        list[str] | None,
        typer.Option(help=f"Measure only this: {', '.join(PARTS)}. Repeatable.", show_default="everything"),
    ] = None,
    preset: Annotated[
        list[str] | None,
        typer.Option(help="Time the training of this preset only; repeatable.", show_default="every one"),
    ] = None,
    dataset: Annotated[str, typer.Option(help="Sounds to measure with.")] = "digits",
    quick: Annotated[
        bool, typer.Option("--quick", help="Few clips, few turns: only to see that it works.")
    ] = False,
    json_file: Json = None,
    markdown_file: Markdown = None,
) -> None:
    """Steps, epochs, features, previews, curves, imports, memory: beside plain Keras and librosa code.

    Half a minute a preset, a minute for the rest.
    """
    from dataclasses import replace

    from rich.console import Console

    from course_lib.commands import bench_speed_report as report
    from course_lib.commands.bench_lessons import check_folder
    from course_lib.training.presets import PRESETS

    parts, presets = list(dict.fromkeys(only or PARTS)), list(dict.fromkeys(preset or PRESETS))
    for option, names, known in (("--only", parts, PARTS), ("--preset", presets, PRESETS)):
        if unknown := [name for name in names if name not in known]:
            raise ValueError(f"{option} expects one of {', '.join(known)}; received {unknown[0]}")
    check_folder("--json", json_file)
    check_folder("--markdown", markdown_file)
    rows: list[Comparison] = []
    with Console(stderr=True).status("Measuring ...") as status:
        for part in parts:
            status.update(f"Measuring {part.replace('_', '-')} ...")
            found = _training(dataset, quick, presets, status.update) if part == "training" else None
            for row in found or _MEASURES[part](dataset, quick):
                # A training's figures again: nothing but this training.
                own = [row.name.partition(":")[0]] if part == "training" else []
                rows.append(replace(row, command=report.command([part], own, dataset=dataset, quick=quick)))
    command = report.command(only or [], preset or [], dataset=dataset, quick=quick)
    report.show(rows, command, Console())
    report.write(rows, command, json_file, markdown_file)
    missed = [row.name for row in rows if row.met is False]
    unknown = [f"{row.name} ({row.how})" for row in rows if row.ours is None]
    for what, names in (("missed", missed), ("not measured", unknown)):
        if names:
            typer.secho(f"{what}: {', '.join(names)}", fg="red", err=True)
    if missed or unknown:
        raise typer.Exit(1)


def _training(
    dataset: str, quick: bool, presets: Sequence[str], say: Callable[[str], object]
) -> Iterator[Comparison]:
    from course_lib.commands.speed.process import measured

    size = {"clips": 64, "turns": 1, "steps": 1} if quick else {"clips": 128, "turns": 3, "steps": 3}
    results = measured(what="steps", presets=list(presets), dataset=dataset, **size)
    for number, preset in enumerate(presets, start=1):
        say(f"Measuring the training of {preset} ({number} of {len(presets)}) ...")
        yield from _of_preset(next(results))


def _of_preset(found: dict) -> Iterator[Comparison]:
    from course_lib.commands.speed.comparison import Comparison, of_times
    from course_lib.commands.speed.sound import turns_of

    preset = found["preset"]
    if "error" in found:
        yield Comparison(f"{preset}: one step", None, None, "ms", how=f"not measured: {found['error']}")
        return
    step, epoch, plain = (turns_of(found[name]) for name in ("step", "epoch", "plain"))
    conv2d = f"a Conv2D stack of {found['usual_parameters']:,} by train_on_batch"
    size = f"{found['parameters']:,} parameters, batch {found['batch_size']}"
    clips = f"{found['clips']} clips, {found['held_out']} held out, with curves, previews, checkpoints"
    alone = f"{clips}, against fit alone, which has none of these"
    yield of_times(f"{preset}: one step", step, how=f"{size}, against {conv2d}", scale=1000, unit="ms")
    yield of_times(f"{preset}: one epoch", epoch, how=f"{clips}, against {conv2d}")
    yield of_times(f"{preset}: one epoch, same network", plain, how=alone)


def _sounds(dataset: str, count: int) -> Clips:
    import numpy as np

    from course_lib.data import catalog

    sounds = catalog.load(dataset)
    return sounds.select(np.linspace(0, len(sounds) - 1, min(count, len(sounds))).astype(int))


def _features(dataset: str, quick: bool) -> Iterator[Comparison]:
    from course_lib.commands.speed import sound

    yield sound.features(_sounds(dataset, 32 if quick else 256), turns=3 if quick else 20)


def _griffin_lim(dataset: str, quick: bool) -> Iterator[Comparison]:
    from course_lib.commands.speed import sound

    yield sound.griffin_lim(_sounds(dataset, 4 if quick else 32), turns=2 if quick else 4)


def _previews(dataset: str, quick: bool) -> Iterator[Comparison]:
    from course_lib.commands.speed import sound

    yield sound.previews(_sounds(dataset, 64), turns=2 if quick else 7)


def _curves(dataset: str, quick: bool) -> Iterator[Comparison]:
    from course_lib.commands.speed import sound

    yield sound.curves(turns=2 if quick else 15)


def _processes(dataset: str, quick: bool) -> Iterator[Comparison]:
    from course_lib.commands import stopwatch
    from course_lib.commands.speed.comparison import of_times
    from course_lib.commands.speed.process import measured
    from course_lib.commands.speed.turns import Turns

    yield _alone(stopwatch.command_line(repeats=1 if quick else 5)[0])
    costs: dict[str, list[dict[str, float]]] = {"ours": [], "usual": []}
    for turn in range(1 if quick else 2):
        for what in ("ours", "usual") if turn % 2 == 0 else ("usual", "ours"):
            costs[what] += measured(what=what, dataset=dataset, clips=64)
    seconds, sizes = (
        Turns(*(tuple(cost[name] for cost in costs[side]) for side in ("ours", "usual")))
        for name in ("import_seconds", "peak_bytes")
    )
    yield of_times(
        "imports before a training",
        seconds,
        how="a worker's, against import keras, librosa, matplotlib.pyplot",
    )
    yield of_times(
        "peak memory of a training",
        sizes,
        how="64 clips, 2 epochs, everything counted, against a Conv2D stack and a loop over librosa",
        scale=1 / 2**20,
        unit="MiB",
    )


def _alone(measurement: Measurement) -> Comparison:
    from course_lib.commands.speed.comparison import Comparison

    return Comparison(measurement.name, measurement.value, None, measurement.unit, how=measurement.note)


_MEASURES = {
    "features": _features,
    "griffin_lim": _griffin_lim,
    "previews": _previews,
    "curves": _curves,
    "processes": _processes,
}
