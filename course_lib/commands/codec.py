"""``course codec``: speech in a few hundred bits a second."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from course_lib.training.codec import Header

app = typer.Typer(no_args_is_help=True)
Bits = Annotated[float, typer.Option(help="Bits for one latent number, in the mean: 0.25 to 8.")]
Kind = Annotated[
    Literal["uniform", "kmeans"], typer.Option(help="Equal steps, or codewords where the training clips are.")
]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace a result that is there already.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.callback()
def codec() -> None:
    """An autoencoder as a codec: a recording to a few hundred bits a second, and back.

    The first use of a run fits its codebooks to its training clips and keeps them in the run's folder. Who
    has that run decodes: course runs export sends it.
    """


@app.command()
def encode(
    source: Annotated[Path, typer.Argument(metavar="IN.wav", help="A recording of up to 60 s.")],
    target: Annotated[Path, typer.Argument(metavar="OUT.lat")],
    run: Annotated[
        str | None,
        typer.Option(help="Whose model to use; the newest finished autoencoder.", show_default=False),
    ] = None,
    bits: Bits = 4.0,
    kind: Kind = "uniform",
    overwrite: Overwrite = False,
) -> None:
    """Write a recording, of any rate, mono or stereo, as the latents of its words."""
    _check(source, target, (".lat",), overwrite)
    from course_lib.audio.files import read
    from course_lib.commands.options import choose_run
    from course_lib.training import codec
    from course_lib.training.codec.quantiser import check_bits
    from course_lib.training.durable import write_bytes
    from course_lib.training.passage import MAX_SECONDS

    # What can be wrong without the model is found before it is loaded.
    check_bits(bits)
    chosen = choose_run("reconstruct", run)
    y = read(source, sr=chosen.representation().sr, max_seconds=MAX_SECONDS)
    data = codec.encode(chosen, y, kind=kind, bits=bits, on_fit=_tell)
    write_bytes(target, data)
    typer.echo(f"wrote {target}: {_cost(codec.info(data))}")


@app.command()
def decode(
    source: Annotated[Path, typer.Argument(metavar="IN.lat")],
    target: Annotated[Path, typer.Argument(metavar="OUT.wav", help="A .wav or .flac file.")],
    run: Annotated[
        str | None, typer.Option(help="The run that encoded it; found if not named.", show_default=False)
    ] = None,
    overwrite: Overwrite = False,
) -> None:
    """Make sound of a file; it takes the run that encoded it."""
    _check(source, target, (".wav", ".flac"), overwrite)
    from course_lib.audio.files import write
    from course_lib.training import codec
    from course_lib.training.codec.codebooks import maker_of
    from course_lib.training.store import RunStore

    data, header = _open(source)
    store = RunStore()
    chosen = maker_of(header, store) if run is None else store.open(run)
    write(target, codec.decode(data, chosen, on_fit=_tell), sr=header.sr)
    typer.echo(f"wrote {target}: {header.seconds:.2f} s, {header.sr} Hz, mono, from {_cost(header)}")


@app.command()
def info(
    source: Annotated[Path, typer.Argument(metavar="FILE.lat")],
    as_json: AsJson = False,
) -> None:
    """What a file says of itself; it takes no model."""
    import json
    from dataclasses import asdict

    _, header = _open(source)
    if as_json:
        rates = {"seconds": header.seconds, "kbit_s": header.kbit_s}
        typer.echo(json.dumps(asdict(header) | rates, indent=1))
        return
    typer.echo(str(source))
    typer.echo(f"  sound      {header.seconds:.2f} s at {header.sr} Hz, {header.stretches} stretches")
    typer.echo(f"  size       {header.size} bytes, {header.kbit_s:.2f} kbit/s")
    typer.echo(f"  quantiser  {header.kind}, {header.bits:g} bits a latent number")
    typer.echo(f"  made with  {header.fingerprint} (model and codebooks)")


def _cost(header: Header) -> str:
    return (
        f"{header.size} bytes for {header.seconds:.2f} s, {header.kbit_s:.2f} kbit/s "
        f"({header.kind}, {header.bits:g} bits a number)"
    )


def _tell(message: str) -> None:
    typer.echo(message, err=True)


def _open(source: Path) -> tuple[bytes, Header]:
    """A file's bytes and its header; an error names the file."""
    from course_lib.training.codec import CodecError, info
    from course_lib.training.codec.latent_file import MOST_BYTES

    with _existing(source).open("rb") as file:
        data = file.read(MOST_BYTES + 1)
    try:
        return data, info(data)
    except CodecError as error:
        raise CodecError(f"{source}: {error}") from error


def _existing(source: Path) -> Path:
    if source.is_dir():
        raise ValueError(f"{source} is a folder; expected a file")
    if not source.is_file():
        raise FileNotFoundError(f"no file at {source}")
    return source


def _check(source: Path, target: Path, suffixes: tuple[str, ...], overwrite: bool) -> None:
    """Whether ``source`` may become ``target``, before a model is loaded for it."""
    from course_lib.commands.jobs import refuse_existing

    _existing(source)
    if target.suffix.lower() not in suffixes:
        raise ValueError(f"cannot write {target.name}: expected a name that ends in {' or '.join(suffixes)}")
    if target.exists() and target.samefile(source):
        raise ValueError(f"{target} is the input; give another name")
    if not target.parent.is_dir():
        raise FileNotFoundError(f"there is no folder {target.parent}; make it first")
    refuse_existing([target], overwrite=overwrite)
