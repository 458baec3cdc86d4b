"""``course sample``, ``course interpolate`` and ``course convert``: new sounds from a trained model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from course_lib.commands.jobs import check_folder, jobs_of
from course_lib.commands.options import Condition, Folder, Output, Overwrite, RunName, choose_run

INDEX = "index.json"
Instrument = Annotated[str | None, typer.Option(help="Of notes: by name, such as bell.", show_default=False)]
Pitch = Annotated[int | None, typer.Option(help="Of notes: MIDI number, 60 for C4.", show_default=False)]
To = Annotated[
    list[str] | None,
    typer.Option(metavar="FIELD=VALUE", help="Whatever else its model was told, such as speaker=theo."),
]
Recording = Annotated[Path, typer.Argument(help="A sound file.")]


def sample(
    output: Folder,
    n: Annotated[int, typer.Option("-n", min=1, max=1000, help="How many.")] = 16,
    run: RunName = None,
    condition: Condition = None,
    instrument: Instrument = None,
    pitch: Pitch = None,
    to: To = None,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same sounds.")] = 0,
    overwrite: Overwrite = False,
) -> None:
    """Sounds that never were: DIR/seven_seed0_000.wav, ... and an index.json that describes them.

    A model that can be asked for a class makes all classes in turn, or --condition alone; of what else it can
    be asked for, such as a note's pitch, what is not said is drawn. Levels are those of the training.
    """
    # Looked at before the model is loaded, which takes seconds.
    check_folder(output, [INDEX], overwrite=overwrite)
    chosen = choose_run("sample", run)
    from course_lib.audio.files import write
    from course_lib.training.apply import sample as make
    from course_lib.training.durable import write_json

    wanted = _wanted(instrument, pitch, to)
    made = make(chosen, n, condition=condition, seed=seed, **wanted)
    # Everything that a sound was asked for: bell_72.
    stems = ["_".join(asked.values()) or name for name, asked in zip(made.names, made.asked, strict=True)]
    files = [f"{stem}_seed{seed}_{number:03d}.wav" for number, stem in enumerate(stems)]
    check_folder(output, files, overwrite=overwrite)
    output.mkdir(parents=True, exist_ok=True)
    rows = []
    for number, (file, y) in enumerate(zip(files, made.y, strict=True)):
        write(output / file, y, sr=made.sr)
        label = None if made.labels is None else int(made.labels[number])
        row = {"file": file, "number": number, "name": made.names[number], "label": label}
        rows.append(row | {"asked": made.asked[number]})
    write_json(
        output / INDEX,
        {
            "run": chosen.name,
            "preset": chosen.config().get("preset"),
            "seed": seed,
            "condition": condition,
            "wanted": wanted,
            "sr": made.sr,
            "clips": rows,
        },
    )
    typer.echo(f"wrote {n} sounds to {output}: {made.y.shape[1] / made.sr:.2f} s each, {made.sr} Hz, mono")


def interpolate(
    a: Annotated[Path, typer.Argument(metavar="A", help="A sound file: one word, or one note.")],
    b: Annotated[Path, typer.Argument(metavar="B", help="Another one.")],
    output: Folder,
    steps: Annotated[int, typer.Option(min=2, max=64, help="Sounds, both ends included.")] = 8,
    run: RunName = None,
    overwrite: Overwrite = False,
) -> None:
    """From one sound to another: DIR/step_00.wav, ..., all in walk.wav, their picture spectrograms.png.

    Both are cut to one word of the model's length and brought to the level of its training.
    """
    for path in (a, b):
        if not path.is_file():
            raise FileNotFoundError(f"no sound file at {path}")
    files = [f"step_{number:02d}.wav" for number in range(steps)]
    check_folder(output, [*files, "walk.wav", "spectrograms.png", INDEX], overwrite=overwrite)
    chosen = choose_run("interpolate", run)
    from course_lib.audio.files import read, write
    from course_lib.plotting.contact_sheet import contact_sheet
    from course_lib.plotting.description import alt_text
    from course_lib.training.apply import MAX_SECONDS
    from course_lib.training.apply import interpolate as walk_between
    from course_lib.training.durable import write_bytes, write_json

    sr = chosen.representation().sr
    walk = walk_between(chosen, *(read(path, sr=sr, max_seconds=MAX_SECONDS) for path in (a, b)), steps=steps)
    output.mkdir(parents=True, exist_ok=True)
    for file, y in zip(files, walk.y, strict=True):
        write(output / file, y, sr=sr)
    write(output / "walk.wav", walk.joined(), sr=sr)
    titles = [f"{100 * share:.0f} %" for share in walk.share]
    titles[0], titles[-1] = f"0 %: {a.stem}"[:24], f"100 %: {b.stem}"[:24]
    figure = contact_sheet(dict(zip(titles, walk.y, strict=True)), sr=sr)
    write_bytes(output / "spectrograms.png", _png(figure))
    rows = [
        {"file": file, "share": round(float(share), 4)} for file, share in zip(files, walk.share, strict=True)
    ]
    index = {"run": chosen.name, "preset": chosen.config().get("preset"), "from": str(a), "to": str(b)}
    write_json(output / INDEX, index | {"sr": sr, "steps": rows, "picture": alt_text(figure)})
    typer.echo(f"wrote {steps} steps and walk.wav to {output}: {sr} Hz, mono")


def convert(
    source: Recording,
    output: Output,
    instrument: Instrument = None,
    pitch: Pitch = None,
    to: To = None,
    run: RunName = None,
    overwrite: Overwrite = False,
) -> None:
    """Notes by another instrument, or at another pitch; recordings of up to 60 s.

    What is not said stays as the model hears it. Notes want a short silence between them, and a second at
    most: what sounds for longer is taken in overlapping pieces.
    """
    wanted = _wanted(instrument, pitch, to)
    if not wanted:
        raise ValueError(
            "say what to change: --instrument, --pitch, or both; --to for what other models know"
        )
    if source.is_dir():
        raise ValueError(f"{source} is a folder; convert takes one recording")
    (job,) = jobs_of(source, output, overwrite=overwrite)
    chosen = choose_run("convert", run)
    from course_lib.audio.files import read, write
    from course_lib.training.apply import MAX_SECONDS
    from course_lib.training.apply import convert as converted

    sr = chosen.representation().sr
    y = read(job.source, sr=sr, max_seconds=MAX_SECONDS)
    write(job.target, converted(chosen, y, **wanted), sr=sr)
    typer.echo(f"wrote {job.target}: {len(y) / sr:.2f} s, {sr} Hz, mono")


def _wanted(instrument: str | None, pitch: int | None, to: list[str] | None) -> dict[str, str | int]:
    """Fields of a condition and what is asked of them."""
    given = {"instrument": instrument, "pitch": pitch}
    wanted: dict[str, str | int] = {name: value for name, value in given.items() if value is not None}
    for pair in to or []:
        name, equals, value = (part.strip() for part in pair.partition("="))
        if not (equals and name and value):
            raise ValueError(f"--to expects FIELD=VALUE, such as speaker=theo; received {pair!r}")
        if name in wanted:
            raise ValueError(f"{name} is asked for twice: {wanted[name]!r} and {value!r}")
        wanted[name] = value
    return wanted


def _png(figure) -> bytes:
    import io

    buffer = io.BytesIO()
    # A picture viewer's ground may be black: give the picture its own.
    figure.savefig(buffer, format="png", dpi=144, facecolor="white")
    return buffer.getvalue()
