"""``course compare``: every metric of two sound files, and what each number means."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

MAX_SECONDS = 300.0
# Two rates make lengths that differ by a rounding of the resampler.
ROUNDING_SECONDS = 0.001
INFINITE = "infinite: nothing differs"
MINUS_INFINITE = "minus infinite: nothing of the reference is left"


class Length(StrEnum):
    """What to do with sounds of unequal length."""

    cut = "cut"
    pad = "pad"


def compare(
    reference: Annotated[Path, typer.Argument(help="The sound as it should be.")],
    estimate: Annotated[Path, typer.Argument(help="The sound to judge.")],
    mixture: Annotated[
        Path | None, typer.Option(help="What went into the model: scored too, for the gain over it.")
    ] = None,
    sr: Annotated[
        int | None,
        typer.Option(
            min=2000, max=96000, help="Compare at this rate in Hz; else at the lowest of the files'."
        ),
    ] = None,
    length: Annotated[
        Length | None, typer.Option(help="Unequal lengths: cut the longer, or pad the shorter with silence.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the numbers as JSON.")] = False,
) -> None:
    """Compare two recordings of any format by every metric: SNR, SDR, spectra, STOI, PESQ."""
    import json

    result = scores({"reference": reference, "estimate": estimate, "mixture": mixture}, sr=sr, length=length)
    if as_json:
        typer.echo(json.dumps(result, indent=2))
        return
    from rich.console import Console

    console = Console()
    for remark in result["remarks"]:
        console.print(remark, style="yellow", markup=False, highlight=False)
    console.print(table(result))


def scores(
    files: dict[str, Path | None], *, sr: int | None = None, length: Length | None = None
) -> dict[str, Any]:
    """Scores of ``files["estimate"]`` and, where there is one, of the unprocessed ``files["mixture"]``.

    Returns
    -------
    dict
        JSON-ready: ``files``, ``sr``, ``seconds``, ``remarks`` (what was done to the sounds first),
        ``scores`` and ``notes``, each with an entry ``estimate`` and, where there is one, ``mixture``: a
        number or None for each metric, and for each None why.

    Raises
    ------
    AudioError, FileNotFoundError
        As :func:`course_lib.audio.files.read`.
    ValueError
        Unequal lengths without a choice; no score at all, as :func:`course_lib.evaluation.sound.evaluate`.
    """
    from course_lib.evaluation.sound import evaluate

    paths = {role: Path(path) for role, path in files.items() if path is not None}
    sounds, sr, remarks = _read(paths, sr)
    sounds = _equally_long(sounds, paths, sr, length, remarks)
    reference, before = sounds["reference"], sounds.get("mixture")
    made, notes = {}, {}
    for role in [role for role in ("mixture", "estimate") if role in sounds]:
        made[role], notes[role] = _finite(evaluate(reference, sounds[role], sr=sr, mixture=before))
    return {
        "files": {role: str(path) for role, path in paths.items()},
        "sr": sr,
        "seconds": round(len(reference) / sr, 3),
        "remarks": remarks,
        "scores": made,
        "notes": notes,
    }


def _read(paths: dict[str, Path], sr: int | None):
    """Sounds by role, all at one rate, that rate, and a remark when one was resampled."""
    from course_lib.audio.files import read

    rates = {role: _rate(path) for role, path in paths.items()}
    common = sr or min(rates.values())
    resampled = [f"{paths[role].name} ({rate} Hz)" for role, rate in rates.items() if rate != common]
    remarks = [f"Compared at {common} Hz: resampled {', '.join(resampled)}."] if resampled else []
    sounds = {role: read(path, sr=common, max_seconds=MAX_SECONDS) for role, path in paths.items()}
    return sounds, common, remarks


def _rate(path: Path) -> int:
    """Sampling rate in Hz that a file states; a file that has none is refused in the reader's clear words."""
    import io

    import soundfile

    from course_lib.audio.files import AudioError, read

    try:
        # Without its name: what the file holds counts, not its suffix.
        return soundfile.info(io.BytesIO(path.read_bytes())).samplerate
    except (soundfile.SoundFileError, OSError, ValueError, TypeError) as error:
        read(path, max_seconds=MAX_SECONDS)
        raise AudioError(f"{path.name} states no sampling rate; convert it to WAV") from error


def _equally_long(sounds, paths: dict[str, Path], sr: int, length: Length | None, remarks: list[str]):
    """The sounds cut or padded to one length as chosen, with a remark; ValueError without a choice."""
    import numpy as np

    lengths = {role: len(y) for role, y in sounds.items()}
    shortest, longest = min(lengths.values()), max(lengths.values())
    if shortest == longest:
        return sounds
    listed = ", ".join(f"{paths[role].name} {n} samples ({n / sr:.3f} s)" for role, n in lengths.items())
    if length is None and longest - shortest > ROUNDING_SECONDS * sr:
        raise ValueError(
            f"the sounds are not equally long: {listed}; choose --length cut to compare the first "
            f"{shortest / sr:.3f} s, or --length pad to put silence after the shorter one"
        )
    if length is Length.pad:
        remarks.append(f"Padded with silence to {longest} samples: {listed}.")
        return {role: np.pad(y, (0, longest - len(y))) for role, y in sounds.items()}
    remarks.append(f"Cut to {shortest} samples: {listed}.")
    return {role: y[:shortest] for role, y in sounds.items()}


def _finite(result: dict[str, Any]) -> tuple[dict[str, float | None], dict[str, str]]:
    """Scores and notes; JSON has no infinity, so that becomes None with a note."""
    import math

    notes = dict(result["notes"])
    values = {name: value for name, value in result.items() if name != "notes"}
    for name, value in values.items():
        if value is not None and not math.isfinite(value):
            notes[name] = INFINITE if value > 0 else MINUS_INFINITE
            values[name] = None
    return values, notes


def table(result: dict[str, Any]):
    """The scores as a rich table: a row a metric, its unit, and its meaning or why it is missing."""
    from rich import box
    from rich.markup import escape
    from rich.table import Table

    from course_lib.evaluation.sound import METRICS

    names = {role: escape(Path(path).name) for role, path in result["files"].items()}
    view = Table(
        title=f"{names['estimate']} against {names['reference']}: {result['seconds']} s at {result['sr']} Hz",
        title_justify="left",
        caption="↑ higher is better, ↓ lower is better. n/a: the sounds have no such score.",
        caption_justify="left",
        box=box.SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
    )
    view.add_column("metric", no_wrap=True)
    for role in result["scores"]:
        view.add_column(role, justify="right", no_wrap=True)
    view.add_column("unit")
    view.add_column("meaning")
    for name, metric in METRICS.items():
        if name == "si_sdr_improvement" and "mixture" not in result["scores"]:
            continue
        cells = [
            _cell(result["scores"][role][name], result["notes"][role].get(name)) for role in result["scores"]
        ]
        arrow = "↑" if metric.higher_is_better else "↓"
        note = result["notes"]["estimate"].get(name)
        meaning = metric.meaning if note is None else f"[dim]{escape(note)}[/]"
        view.add_row(f"{metric.title} {arrow}", *cells, metric.unit, meaning)
    return view


def _cell(value: float | None, note: str | None) -> str:
    if value is not None:
        return f"{value:.3f}"
    return {INFINITE: "∞", MINUS_INFINITE: "-∞"}.get(note, "n/a")
