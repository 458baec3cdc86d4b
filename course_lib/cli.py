"""The ``course`` command. Each command imports what it needs when it runs, so that help is instant."""

from __future__ import annotations

import os
import sys

import typer

from course_lib import __version__
from course_lib.commands import (
    apply,
    bench,
    codec,
    compare,
    dashboards,
    data,
    diagnose,
    doctor,
    evaluate,
    generate,
    judge,
    lab,
    listen,
    runs,
    start,
    sweep,
    train,
)

app = typer.Typer(
    name="course",
    help="Latent Sound: labs, trainings and dashboards for deep generative audio.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(start.start)
app.command()(doctor.doctor)
app.add_typer(data.app, name="data")
app.command()(train.train)
app.command()(sweep.sweep)
app.add_typer(runs.app, name="runs")
app.add_typer(apply.app, name="apply")
app.add_typer(codec.app, name="codec")
app.command()(generate.sample)
app.command()(generate.interpolate)
app.command()(generate.convert)
app.command()(diagnose.diagnose)
app.command()(evaluate.evaluate)
app.command()(compare.compare)
app.add_typer(listen.app, name="listen")
app.add_typer(judge.app, name="judge")
app.command()(dashboards.dashboards)
app.add_typer(lab.app, name="lab")
app.add_typer(bench.app, name="bench")


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"latent-sound {__version__}")
        raise typer.Exit


@app.callback()
def course(
    version: bool = typer.Option(
        False, "--version", callback=_print_version, is_eager=True, help="Print the version and exit."
    ),
) -> None:
    """Options that stand before every command."""


def main() -> None:
    """Run the command line; an error that the user can mend is one sentence and a non-zero status."""
    # TensorFlow announces itself on standard error at every start; COURSE_DEBUG=1 lets it.
    debug = os.environ.get("COURSE_DEBUG") == "1"
    if not debug:
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    try:
        app()
    except KeyboardInterrupt:
        typer.secho("stopped", fg="yellow", err=True)
        sys.exit(130)
    except (ValueError, OSError, RuntimeError) as error:
        if debug:
            raise
        typer.secho(f"error: {error}", fg="red", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
