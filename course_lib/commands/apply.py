"""``course apply``: send sound files through a trained model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from course_lib.training.apply import Reconstructor

app = typer.Typer(no_args_is_help=True, help="Use a trained model on sound files.")
SUFFIXES = (".wav", ".flac", ".ogg", ".mp3", ".aif", ".aiff", ".m4a", ".opus")


@app.callback()
def apply() -> None:
    """Use a trained model on sound files."""


@app.command()
def reconstruct(
    source: Annotated[Path, typer.Argument(metavar="IN", help="A sound file, or a folder of them.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="A .wav or .flac file, or a folder.")],
    run: Annotated[str, typer.Option(help="Name of the run whose model to use.")],
) -> None:
    """What the model makes of recordings of any rate, mono or stereo, up to 60 s: 8 kHz mono files."""
    from course_lib.training.store import RunStore

    chosen = RunStore().open(run)
    jobs = _jobs(source, output)
    from course_lib.training.apply import Reconstructor
    from course_lib.training.quiet import quiet_stderr

    with quiet_stderr():
        model = chosen.load_model()
    reconstructor = Reconstructor(model, chosen.representation())
    if source.is_dir():
        _folder(jobs, reconstructor)
    else:
        seconds = _one(*jobs[0], reconstructor)
        typer.echo(f"wrote {output}: {seconds:.2f} s, {reconstructor.representation.sr} Hz, mono")


def _jobs(source: Path, output: Path) -> list[tuple[Path, Path]]:
    """Pairs of input and output, checked before the model is loaded."""
    if not source.exists():
        raise FileNotFoundError(f"no sound file or folder at {source}")
    if not source.is_dir():
        if output.is_dir():
            output = output / f"{source.stem}.wav"
        if output.suffix.lower() not in (".wav", ".flac"):
            raise ValueError(f"cannot write {output.name}: expected a name that ends in .wav or .flac")
        if output.exists() and output.samefile(source):
            raise ValueError(f"{output} is the input; give another name, the recording is not overwritten")
        if not output.parent.is_dir():
            raise FileNotFoundError(f"there is no folder {output.parent}; make it first")
        return [(source, output)]
    files = sorted(path for path in source.rglob("*") if path.is_file() and path.suffix.lower() in SUFFIXES)
    if not files:
        raise ValueError(f"{source} holds no sound files; expected names that end in {', '.join(SUFFIXES)}")
    if output.is_file():
        raise ValueError(f"{output} is a file; a folder of sounds needs a folder for its results")
    if source.resolve() in (output.resolve(), *output.resolve().parents):
        raise ValueError(f"{output} lies in the folder of the recordings; give another one")
    jobs = [(path, output / path.relative_to(source).with_suffix(".wav")) for path in files]
    targets = [target for _, target in jobs]
    twice = next((target for target in targets if targets.count(target) > 1), None)
    if twice is not None:
        raise ValueError(f"two recordings would both become {twice}; rename one")
    return jobs


def _one(source: Path, target: Path, reconstructor: Reconstructor) -> float:
    """Reconstruct one file; returns its seconds."""
    from course_lib.audio.files import read, write
    from course_lib.training.apply import MAX_SECONDS

    sr = reconstructor.representation.sr
    y = read(source, sr=sr, max_seconds=MAX_SECONDS)
    target.parent.mkdir(parents=True, exist_ok=True)
    write(target, reconstructor(y), sr=sr)
    return len(y) / sr


def _folder(jobs: list[tuple[Path, Path]], reconstructor: Reconstructor) -> None:
    from rich.console import Console
    from rich.progress import track

    console = Console(stderr=True)
    problems = []
    for source, target in track(jobs, "reconstructing", console=console, disable=not console.is_terminal):
        try:
            _one(source, target, reconstructor)
        except (ValueError, OSError) as error:
            problems.append(f"{source}: {error}")
    folder = jobs[0][1].parent
    done = len(jobs) - len(problems)
    typer.echo(f"wrote {done} of {len(jobs)} files to {folder} ({reconstructor.representation.sr} Hz, mono)")
    if problems:
        raise ValueError(f"{len(problems)} of {len(jobs)} files could not be done:\n" + "\n".join(problems))
