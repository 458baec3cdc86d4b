"""A run out of somebody's zip, believed in nothing: names, sizes and hashes are checked before it appears."""

from __future__ import annotations

import json
import re
import secrets
import shutil
import zipfile
import zlib
from pathlib import Path
from typing import Any

from course_lib.training.durable import explain, sha256, write_json
from course_lib.training.errors import RunError
from course_lib.training.run_folder import Run
from course_lib.training.sharing.packing import MANIFEST, SCHEMA
from course_lib.training.store import RunStore, check_name

# What a run is made of; nothing in it is ever executed.
KINDS = frozenset({".json", ".csv", ".npz", ".npy", ".wav", ".png"})
NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_. -]*(/[A-Za-z0-9_][A-Za-z0-9_. -]*){0,4}")
MAX_BYTES = 4 * 2**30
MAX_FILES = 20_000
MAX_MANIFEST = 16 * 2**20


def import_run(path: Path, store: RunStore, *, name: str | None = None) -> Run:
    """Unpack an exported run into the store; it appears whole or not at all.

    Parameters
    ----------
    name : str, optional
        What it is called here; the name that it had, by default.

    Raises
    ------
    RunError
        No exported run, a damaged or dangerous one, one of a newer version, a name that is taken, or a
        folder that cannot be written.
    """
    path = Path(path)
    try:
        with zipfile.ZipFile(path) as archive:
            manifest = _manifest(archive, path)
            target = store.root / check_name(name or str(manifest.get("run")))
            if target.exists():
                raise RunError(f"a run named {target.name} exists in {store.root}; give another by --run")
            temporary = store.root / f".new-{target.name}-{secrets.token_hex(4)}"
            try:
                temporary.mkdir(parents=True)
                _unpack(archive, manifest["files"], temporary, path)
                _settle(temporary, target.name, path)
                temporary.rename(target)
            finally:
                shutil.rmtree(temporary, ignore_errors=True)
    except FileNotFoundError as error:
        raise RunError(f"there is no file {path}") from error
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise RunError(f"{path.name} is no zip file, or a damaged one ({error}); fetch it anew") from error
    except OSError as error:
        raise RunError(explain(error, store.root / "run")) from error
    return Run(target)


def _manifest(archive: zipfile.ZipFile, path: Path) -> dict[str, Any]:
    foreign = f"{path.name} is not an exported run; make one with: course runs export NAME"
    try:
        if archive.getinfo(MANIFEST).file_size > MAX_MANIFEST:
            raise RunError(foreign)
        manifest = json.loads(archive.read(MANIFEST))
    except (KeyError, ValueError) as error:
        raise RunError(foreign) from error
    if not isinstance(manifest, dict) or not isinstance(manifest.get("files"), dict):
        raise RunError(foreign)
    if manifest.get("schema") != SCHEMA:
        raise RunError(
            f"{path.name} was exported in format {manifest.get('schema')!r}; this version reads format "
            f"{SCHEMA}: update the course"
        )
    return manifest


def _unpack(archive: zipfile.ZipFile, hashes: dict[str, Any], folder: Path, path: Path) -> None:
    entries = {entry.filename: entry for entry in archive.infolist() if entry.filename != MANIFEST}
    if unknown := sorted(set(entries) ^ set(hashes)):
        raise RunError(f"{path.name} and its manifest do not agree about {unknown[0]!r}; fetch it anew")
    if len(entries) > MAX_FILES or sum(entry.file_size for entry in entries.values()) > MAX_BYTES:
        raise RunError(
            f"{path.name} is too large for a run: more than {MAX_BYTES >> 30} GB or too many files"
        )
    for name, entry in entries.items():
        if not NAME.fullmatch(name) or Path(name).suffix not in KINDS:
            raise RunError(f"{path.name} holds {name!r}, which does not belong to a run; it was not unpacked")
        # Read no further than it says: a zip can lie about its sizes.
        with archive.open(entry) as stream:
            data = stream.read(entry.file_size + 1)
        if len(data) != entry.file_size or sha256(data) != hashes[name]:
            raise RunError(f"{name} in {path.name} is damaged (another SHA-256); fetch it anew")
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)


def _settle(folder: Path, name: str, path: Path) -> None:
    """Give the run its new name; refuse what no viewer could read."""
    run = Run(folder)
    try:
        config = run.config()
    except RunError as error:
        raise RunError(f"{path.name} holds no readable config.json, so it is no run") from error
    if config.get("schema") != 1:
        raise RunError(
            f"the run in {path.name} is written in schema {config.get('schema')!r}, and this version reads "
            "schema 1: update the course"
        )
    write_json(folder / "config.json", config | {"name": name})
