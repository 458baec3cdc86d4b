"""A run as one zip: what belongs to it, without a word about the machine that trained it.

The archive holds the run's files under their own names and ``manifest.json``, which lists each with its
SHA-256. Left out are the log, the lock, wishes, event files, and all checkpoints but the newest, which only
an unfinished run takes along so that it can go on elsewhere.
"""

from __future__ import annotations

import io
import json
import os
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from course_lib import __version__
from course_lib.training.checkpoints import newest_checkpoint
from course_lib.training.durable import explain, read_json, replace, sha256
from course_lib.training.errors import RunError
from course_lib.training.run_folder import Run

SCHEMA = 1
MANIFEST = "manifest.json"
LEFT_OUT = ("log.txt", "control.json", "tensorboard", MANIFEST)
# Of status.json: what names a process or a machine.
PRIVATE = {"pid": None, "pid_started": None, "host": ""}
# Anything that looks like a path from the root of a disk, at least two folders deep.
ABSOLUTE = re.compile(r"(?:[A-Za-z]:[\\/]|/)(?:[^\s\"'<>|:;,()\[\]]+[\\/])+([^\s\"'<>|:;,()\[\]]*)")
# The same hour for all entries: the same run gives the same bytes.
MOMENT = (2026, 1, 1, 0, 0, 0)


def export_run(run: Run, path: Path, *, overwrite: bool = False) -> int:
    """Write a run to a zip file that appears whole or not at all.

    Parameters
    ----------
    path : Path
        Ends in ``.zip``.
    overwrite : bool
        Replace a file that is there.

    Returns
    -------
    int
        Bytes of the archive.

    Raises
    ------
    RunError
        The run still trains, has no readable config, or the file cannot be written or is there already.
    """
    path = Path(path)
    if path.suffix != ".zip":
        raise RunError(f"an exported run is a .zip file; received {path}")
    if path.exists() and not overwrite:
        raise RunError(f"{path} is there already; choose another name, or replace it by --overwrite")
    status = run.status()
    if status.live:
        raise RunError(f"run {run.name} is {status.state}; export it when it is over, or stop it first")
    run.config()
    temporary = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as archive:
            hashes = {}
            for name, data in _contents(run):
                hashes[name] = sha256(data)
                _add(archive, name, data)
            manifest = {"schema": SCHEMA, "run": run.name, "version": __version__, "files": hashes}
            _add(archive, MANIFEST, json.dumps(manifest, indent=1).encode())
        replace(temporary, path)
    except OSError as error:
        raise RunError(explain(error, path)) from error
    finally:
        temporary.unlink(missing_ok=True)
    return path.stat().st_size


def _add(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    entry = zipfile.ZipInfo(name, MOMENT)
    # Sounds, pictures and weights hardly shrink; text does.
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    archive.writestr(entry, data)


def _contents(run: Run) -> Iterator[tuple[str, bytes]]:
    """(name in the archive, bytes) of everything that belongs to the run, by name."""
    keep = _checkpoint_stem(run)
    for path in sorted(run.path.rglob("*")):
        parts = path.relative_to(run.path).parts
        if not path.is_file() or path.is_symlink() or any(part.startswith(".") for part in parts):
            continue
        if parts[0] in LEFT_OUT or (parts[0] == "checkpoints" and path.stem != keep):
            continue
        name = "/".join(parts)
        data = path.read_bytes()
        # The files of model/ and of a checkpoint are hashed by the run itself, and hold no path.
        if path.suffix == ".json" and parts[0] not in ("model", "checkpoints"):
            data = _anonymous(name, data, run)
        yield name, data


def _checkpoint_stem(run: Run) -> str | None:
    if run.status().state == "done":
        return None
    try:
        newest, _ = newest_checkpoint(run.path / "checkpoints")
    except RunError:
        return None
    return None if newest is None else newest.stem


def _anonymous(name: str, data: bytes, run: Run) -> bytes:
    content = read_json(run.path / name)
    if content is None:
        return data
    if name == "status.json":
        content = run.status().as_dict() | PRIVATE
    if name == "config.json":
        content["machine"] = {
            key: value for key, value in (content.get("machine") or {}).items() if key != "host"
        }
    buffer = io.StringIO()
    json.dump(_without_paths(content), buffer, indent=1, ensure_ascii=False)
    return buffer.getvalue().encode()


def _without_paths(content: Any) -> Any:
    """The same content; of an absolute path only its last name is left."""
    if isinstance(content, dict):
        return {key: _without_paths(value) for key, value in content.items()}
    if isinstance(content, list):
        return [_without_paths(value) for value in content]
    return ABSOLUTE.sub(r"\1", content) if isinstance(content, str) else content
