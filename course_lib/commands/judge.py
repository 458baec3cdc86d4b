"""``course judge``: what the judge of generated digits can do, and how it is made."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

app = typer.Typer(
    no_args_is_help=True, help="The judge of generated digits: its accuracy, and how it is made."
)

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command()
def show(as_json: Json = False) -> None:
    """Accuracy of the judge that comes with the course, as measured when it was built."""
    import json

    from course_lib.models.judge import SHIPPED

    card = json.loads((SHIPPED / "judge.json").read_text(encoding="utf-8"))
    typer.echo(json.dumps(card, indent=1)) if as_json else _print(card)


@app.command()
def build(
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Folder to write to; without it, the course's own.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0)] = 0,
    as_json: Json = False,
) -> None:
    """Train and measure it anew, on FSDD and the bundled digits: seven trainings of a minute or two."""
    import json

    from course_lib.models.judge import SHIPPED
    from course_lib.training.judge.build import build as build_judge
    from course_lib.training.quiet import quiet_stderr

    with quiet_stderr():
        card = build_judge(output or SHIPPED, seed=seed, log=(lambda line: None) if as_json else typer.echo)
    typer.echo(json.dumps(card, indent=1)) if as_json else _print(card)


def _print(card: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table

    measured = card["measured"]
    table = Table("clips", "right", "95 % interval", "calibration error")
    rows = {
        "official test of FSDD": measured["official_test"],
        "the same through Griffin-Lim": measured["official_test_after_griffin_lim"],
        "test voices of digits": measured["bundled_test_voices"],
    }
    rows |= {f"trained without {name}": row for name, row in measured["held_out_speakers"].items()}
    for name, row in rows.items():
        table.add_row(
            name,
            f"{row['agreement']:.1%}",
            f"{row['low']:.1%} to {row['high']:.1%}",
            f"{row['calibration_error']:.3f}",
        )
    console = Console()
    console.print(table)
    for name, row in rows.items():
        console.print(f"{name}: {row['most_confused']}")
    error = measured["held_out_calibration_error"]
    console.print(
        f"mean of the six held-out speakers {measured['held_out_mean']:.1%}; calibration error over their "
        f"clips {error['temperature 1']:.3f} as trained, {error['fitted']:.3f} at the temperature "
        f"fitted on them, {card['temperature']:.2f}"
    )
    sure = ", ".join(f"{kind} {value:.2f}" for kind, value in measured["confidence_without_digit"].items())
    console.print(f"mean confidence where no digit is spoken (0.10 would be none): {sure}")
    console.print(
        f"{card['parameters']:,} parameters; versions: "
        + ", ".join(f"{name} {version}" for name, version in card["versions"].items())
    )
