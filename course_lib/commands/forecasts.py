"""``course doctor --time``: how long trainings take on this machine."""

from __future__ import annotations

from collections.abc import Sequence

import typer

from course_lib.commands.progress import duration


def print_forecasts(
    presets: Sequence[str], *, dataset: str | None, epochs: int | None, as_json: bool
) -> None:
    """Time some steps of each preset and print what its training would take.

    Raises
    ------
    ValueError, FileNotFoundError, RunError
        As :func:`course_lib.training.forecast.forecast.forecast`, of a single preset; among several, one that
        cannot be timed says why in its row.
    """
    import json

    from rich.console import Console
    from rich.table import Table

    from course_lib.training.forecast.forecast import forecast
    from course_lib.training.presets import PRESETS, get_preset
    from course_lib.training.request import TrainingRequest

    names = list(PRESETS) if "all" in presets else [get_preset(name).name for name in presets]
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for heading in ("preset", "data", "epochs", "first step", "a step", "an epoch", "the training"):
        table.add_column(heading, justify="left" if heading in ("preset", "data") else "right")
    found, console = {}, Console()
    for name in names:
        given = {"dataset": dataset, "epochs": epochs}
        fields = {key: value for key, value in given.items() if value is not None}
        data = dataset or PRESETS[name].dataset
        try:
            with Console(stderr=True).status(f"Timing some steps of {name} ..."):
                costs = forecast(TrainingRequest.checked(preset=name, **fields))
        except (ValueError, OSError) as error:
            if len(names) == 1:
                raise
            found[name] = {"error": str(error)}
            table.add_row(name, data, str(error))
            continue
        seconds, epoch = costs.training_seconds(), costs.batches * costs.step + costs.held_out
        found[name] = costs.as_dict() | {"dataset": data, "training_seconds": seconds}
        table.add_row(
            name,
            data,
            str(costs.epochs),
            f"{costs.first_step:.1f} s",
            f"{1000 * costs.step:.0f} ms",
            f"{epoch:.1f} s",
            duration(seconds),
        )
    if as_json:
        typer.echo(json.dumps(found, indent=1))
        return
    console.print(table)
    typer.echo("Measured just now; another program that works meanwhile makes all of it longer.")
