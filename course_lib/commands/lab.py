"""``course lab``: build the learner's and the lecturer's copies of the labs, and prove their sources."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="Labs: build copies, prove the sources.")


class Reader(StrEnum):
    """Who a copy is for."""

    STUDENT = "student"
    INSTRUCTOR = "instructor"


@app.command("list")
def list_() -> None:
    """Every lab of this copy of the course."""
    from course_lib.teaching import build

    for path in build.sources():
        exercises = sum(
            bool(cell.metadata.get("nbgrader", {}).get("solution"))
            for cell in build.build(path, "student").cells
        )
        typer.echo(f"{path.name[:2]}  {path.name}  {exercises} exercises")


@app.command("build")
def build_(
    numbers: Annotated[list[str] | None, typer.Argument(help="Which labs, such as 01.")] = None,
    all_: Annotated[bool, typer.Option("--all", help="Every lab.")] = False,
    reader: Annotated[Reader, typer.Option("--for", help="Whom the copies are for.")] = Reader.STUDENT,
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for the copies.")] = Path(
        "notebooks/work"
    ),
    force: Annotated[bool, typer.Option("--force", help="Replace copies that are there.")] = False,
) -> None:
    """Write copies of labs: without solutions for learners, with a grading key for lecturers.

    A copy that is there already is kept, because it may hold somebody's work.
    """
    from course_lib.teaching import build

    if not all_ and not numbers:
        raise typer.BadParameter("name a lab, such as 01, or give --all")
    for path in build.sources() if all_ else [build.source(number) for number in numbers]:
        target = output / path.name
        if target.resolve() == path.resolve():
            raise ValueError(f"{target} is the source notebook itself; choose another folder with -o")
        if target.exists() and not force:
            typer.echo(f"kept   {target} (it may hold work; --force replaces it)")
            continue
        typer.echo(f"wrote  {build.write(path, reader.value, target)}")


@app.command("check")
def check_(
    numbers: Annotated[
        list[str] | None, typer.Argument(help="Which labs, such as 01; all by default.")
    ] = None,
) -> None:
    """Prove the sources: stored clean, every solution passes its check, every stub is not attempted."""
    from course_lib.teaching import build, lab
    from course_lib.teaching.verify import verify
    from course_lib.training.quiet import quiet_stderr

    failed = []
    for path in [build.source(number) for number in numbers] if numbers else build.sources():
        if not build.is_clean(path):
            failed.append(f"{path.name} is stored with outputs")
        with quiet_stderr():
            proofs = verify(lab.content(path.name[:2]), path)
        for proof in proofs:
            typer.echo(f"{'✓' if proof.holds else '✗'} {proof.exercise}  {proof.title}")
            if not proof.holds:
                failed.append(f"{proof.exercise}: solution {proof.solution.kind}, stub {proof.stub.kind}")
    if failed:
        raise ValueError("; ".join(failed))
