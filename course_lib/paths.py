"""Where things live: the project, its data sets, the cache of downloads and the folder of runs."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs


def project_root() -> Path:
    """The folder that holds ``course_lib``, ``datasets`` and ``notebooks``."""
    return Path(__file__).resolve().parents[1]


def datasets_dir() -> Path:
    """Bundled audio, data cards and hash lists; read only."""
    return project_root() / "datasets"


def cache_dir() -> Path:
    """Imported data sets and prepared arrays: ``COURSE_CACHE``, else the platform's user cache.

    Not created here; whoever writes creates it.
    """
    return _from_environment("COURSE_CACHE") or Path(
        platformdirs.user_cache_dir("latent-sound", appauthor=False)
    )


def runs_dir() -> Path:
    """Run folders: ``COURSE_RUNS``, else ``runs`` in the working directory. Not created here."""
    return _from_environment("COURSE_RUNS") or Path.cwd() / "runs"


def _from_environment(name: str) -> Path | None:
    """An absolute path from an environment variable; empty counts as unset."""
    value = os.environ.get(name, "").strip()
    return Path(value).expanduser().absolute() if value else None
