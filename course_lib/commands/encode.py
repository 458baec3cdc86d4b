"""``course data encode``: turn a data set into features once, here or on a cluster."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from course_lib.data.clip_source import ClipSource

# A set above this many clips is read from its files a block at a time: its clips alone take 0.7 GB.
STREAM_ABOVE = 20_000
# A rehearsal reads its features as a training would.
BATCH_SIZE = 64


def encode(
    name: Annotated[str, typer.Argument(help="Name of the data set, as 'course data list' shows it.")] = "",
    representation: Annotated[
        str, typer.Option(help="As 'course data ceilings' names them: mel_64, stft, mfcc_20, ...")
    ] = "mel_64",
    cluster: Annotated[
        str, typer.Option(metavar="ADDRESS", help="Dask scheduler to use, such as tcp://10.0.0.5:8786.")
    ] = "",
    workers: Annotated[
        int, typer.Option(min=0, help="Worker processes to start here for it, by Dask; 0: do it in this one.")
    ] = 0,
    generated: Annotated[
        int, typer.Option(min=0, help="Rehearse with so many generated clips; nothing of them is kept.")
    ] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Encode a data set and keep its features: the next start reads them in a fraction of a second."""
    import json

    if bool(name) == bool(generated):
        raise ValueError("name one data set, or rehearse with --generated COUNT")
    if cluster and workers:
        raise ValueError(
            "--cluster has its own workers: leave --workers out, or start a local one without it"
        )
    result = _encode(name, representation, cluster, workers, generated)
    if as_json:
        typer.echo(json.dumps(result, indent=1))
        return
    done = "read from the cache" if result["cached"] else f"encoded {result['where']}"
    frames, bands = result["shape"]
    typer.echo(
        f"{result['name']}: {result['clips']:,} clips as {representation}, {frames} × {bands}, "
        f"{result['bytes'] / 1e6:,.0f} MB: {done} in {result['seconds']:.1f} s "
        f"({result['clips'] / result['seconds']:,.0f} clips a second)"
    )
    if generated:
        typer.echo(f"one epoch of shuffled batches read in {result['epoch_seconds']:.1f} s")
    typer.echo(f"peak memory {result['peak_bytes'] / 1e6:,.0f} MB")
    if result["path"]:
        typer.echo(f"kept in {result['path']}")


def _encode(name: str, representation: str, cluster: str, workers: int, generated: int) -> dict[str, Any]:
    import time
    from functools import partial

    from rich.console import Console
    from rich.progress import Progress

    from course_lib.data.encode import encode_blocks
    from course_lib.data.features import cached_features, features_path, forget
    from course_lib.data.memory import peak_memory
    from course_lib.evaluation.representations import known

    source = _source(name, generated)
    kinds = known(sr=source.sr, n_samples=source.n_samples)
    if representation not in kinds:
        raise ValueError(f"unknown representation {representation!r}; expected one of {', '.join(kinds)}")
    kind = kinds[representation]
    path, steps, where = features_path(source, kind), [], "in this process"
    with ExitStack() as stack:
        encoder = encode_blocks
        if cluster or workers:
            from course_lib.data.cluster import connect, encode_on

            client = stack.enter_context(connect(cluster or None, workers=workers))
            encoder = partial(encode_on, client)
            where = (
                f"on {cluster}" if cluster else f"in {workers} worker process{'es' if workers > 1 else ''}"
            )
        console = Console(stderr=True)
        bars = stack.enter_context(Progress(console=console, transient=True, disable=not console.is_terminal))
        task = bars.add_task("encoding", total=len(source))

        def on_progress(done: int, total: int) -> None:
            steps.append(done)
            bars.update(task, completed=done)

        began = time.perf_counter()
        features = cached_features(source, kind, encoder=encoder, on_progress=on_progress)
        seconds = time.perf_counter() - began
    result = {
        "name": name or "generated",
        "clips": len(source),
        "representation": representation,
        "shape": list(features.shape[1:]),
        "bytes": features.nbytes,
        "cached": not steps,
        "where": where,
        "seconds": seconds,
        "path": str(path) if path.exists() and not generated else "",
    }
    if generated:
        result["epoch_seconds"] = _read_epoch(features)
        del features
        forget(source)
    return result | {"peak_bytes": peak_memory()}


def _source(name: str, generated: int) -> ClipSource:
    """Clips by rule, from memory, or, of a set too large for that, from files."""
    from course_lib.data import catalog
    from course_lib.data.array_source import ArraySource
    from course_lib.data.generated_dataset import GeneratedDataset
    from course_lib.data.generated_source import GeneratedSource
    from course_lib.data.recorded_source import RecordedSource

    if generated:
        return GeneratedSource(generated)
    dataset = catalog.get(name)
    if dataset.clips > STREAM_ABOVE and not isinstance(dataset, GeneratedDataset):
        return RecordedSource.of(name)
    clips = catalog.load(name)
    return ArraySource(clips.y, sr=clips.sr)


def _read_epoch(features) -> float:
    """Seconds that one epoch of shuffled batches takes to read."""
    import time

    from course_lib.data.batches import Batches

    began = time.perf_counter()
    batches = Batches(features, batch_size=BATCH_SIZE)
    for index in range(batches.per_epoch):
        batches.read(0, index)
    return time.perf_counter() - began
