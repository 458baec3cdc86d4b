"""``course data ceilings``: what each representation alone can keep of speech."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from course_lib.commands.holdout import speakers

TITLES = {
    "magnitude_phase": "magnitude + phase",
    "mu_law": "mu-law, 8 bit",
    "stft": "STFT",
    "mel_80": "mel, 80",
    "mel_64": "mel, 64 (default)",
    "mel_40": "mel, 40",
    "mfcc_40": "MFCC, 40",
    "mfcc_20": "MFCC, 20",
    "mfcc_13": "MFCC, 13",
}
METRICS = {
    "stoi": ("STOI ↑", "{:.3f}"),
    "pesq_nb": ("PESQ-NB ↑", "{:.2f}"),
    "log_mel_l1": ("log-mel L1 ↓", "{:.3f}"),
}


def ceilings(
    dataset: Annotated[str, typer.Option(help="digits or fsdd.")] = "digits",
    holdout: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME[,NAME]",
            help="Speakers to score: george,theo; repeatable. fsdd: george; digits: its test voices.",
        ),
    ] = None,
    strings: Annotated[int, typer.Option(min=1, help="Ten-digit strings to score.")] = 10,
    librosa: Annotated[bool, typer.Option(help="Also through plain librosa calls, as a check.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print the numbers as JSON.")] = False,
) -> None:
    """Score each representation's round trip on held-out speakers: no model in it can sound better."""
    import json

    from rich.console import Console

    from course_lib.data import catalog, splits
    from course_lib.evaluation import representations

    if dataset not in ("digits", "fsdd"):
        catalog.get(dataset)
        raise ValueError(f"{dataset} is not speech; STOI and PESQ need it: choose digits or fsdd")
    clips = catalog.load(dataset)
    holdout = speakers(holdout)
    if dataset == "fsdd" and not holdout:
        holdout = ["george"]
    train, test = splits.split(clips, holdout)
    with Console(stderr=True).status("Scoring ...") as status:
        result = representations.evaluate(
            train,
            test,
            n_strings=strings,
            librosa_too=librosa,
            on_row=lambda row: status.update(f"Scoring {row} ..."),
        )
    held_out = ", ".join(holdout) if holdout else "its own test voices"
    result = {"dataset": dataset, "held_out": held_out, **result}
    if as_json:
        typer.echo(json.dumps(result, indent=1))
    else:
        Console().print(table(result))


def table(result: dict[str, Any]):
    """The ceilings as a rich table; librosa's scores stand in brackets."""
    from rich.table import Table

    from course_lib.evaluation.intelligibility import PESQ_MISSING

    checked = any(row["librosa"] for row in result["rows"].values())
    caption = f"↑ higher is better, ↓ lower is better. Size: frames × bands. {result['protocol']}"
    if checked:
        caption += " In brackets: the same by plain librosa calls."
    view = Table(title=f"Ceilings: {result['dataset']}, held out: {result['held_out']}", caption=caption)
    view.add_column("representation")
    view.add_column("size", justify="right")
    for heading, _ in METRICS.values():
        view.add_column(heading, justify="right")
    for name, row in result["rows"].items():
        cells = [_cell(row, metric, PESQ_MISSING) for metric in METRICS]
        view.add_row(TITLES.get(name, name), f"{row['frames']} × {row['bands']}", *cells)
    return view


def _cell(row: dict[str, Any], metric: str, missing: str) -> str:
    if row[metric] is None:
        return missing
    text = METRICS[metric][1].format(row[metric])
    if row["librosa"] is not None and row["librosa"][metric] is not None:
        text += f" ({METRICS[metric][1].format(row['librosa'][metric])})"
    return text
