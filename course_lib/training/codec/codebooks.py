"""The codebooks of a run: fitted once to its training clips, kept beside its model."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from course_lib.training.codec.errors import CodecError
from course_lib.training.codec.kmeans import KMeansQuantiser
from course_lib.training.codec.latent_file import KINDS, Header
from course_lib.training.codec.latents import latents_of
from course_lib.training.codec.quantiser import Quantiser, check_bits
from course_lib.training.codec.uniform import UniformQuantiser
from course_lib.training.durable import npz_arrays, npz_bytes, write_bytes

if TYPE_CHECKING:
    import keras

    from course_lib.training.store import Run, RunStore

QUANTISERS = {cls.kind: cls for cls in (UniformQuantiser, KMeansQuantiser)}
# About 0.6 kbit for a second of connected digits, by the autoencoder of 64 numbers.
BITS = 4.0
# Clips that are asked how much each number counts, and how far it is moved, in its own spread.
LISTENERS, STEP = 48, 0.25
# Copies of the training clips with other voices: the codes of a new speaker are not those of the old ones.
VARIED_COPIES = 2
UNREADABLE = (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile)


def codebooks(
    run: Run,
    model: keras.Model | Any,
    *,
    kind: str = "uniform",
    bits: float = BITS,
    on_fit: Callable[[str], Any] = lambda message: None,
) -> tuple[Quantiser, str]:
    """The quantiser of a run, and the fingerprint that files made with it carry.

    Parameters
    ----------
    model : keras.Model
        That of the run.
    on_fit : callable
        Told what is done when the codebooks have to be fitted first.

    Raises
    ------
    CodecError
        An unknown kind, bits out of range, or codebooks that cannot be read.
    RunError, FileNotFoundError
        As :func:`course_lib.training.lessons.held_out.load_split`.
    """
    if kind not in KINDS:
        raise CodecError(f"kind must be one of {', '.join(KINDS)}; received {kind!r}")
    bits = check_bits(bits)
    weights = _digest(model)
    path = path_of(run, kind, bits)
    data = _kept(path, weights)
    if data is None:
        on_fit(f"fitting the codebooks of {run.name}: {kind}, {bits:g} bits a number")
        quantiser = _fit(run, model, kind, bits)
        made = npz_bytes(quantiser.arrays() | {"model": np.array(weights)})
        path.parent.mkdir(exist_ok=True)
        # Another process may have been quicker, and files may carry the fingerprint of its codebooks.
        data = _kept(path, weights)
        if data is None:
            data = made
            write_bytes(path, data)
    try:
        quantiser = QUANTISERS[kind].from_arrays(npz_arrays(data))
    except UNREADABLE as error:
        raise CodecError(f"{path} holds no codebooks ({error}); delete it: they are fitted again") from error
    return quantiser, _fingerprint(weights, data)


def path_of(run: Run, kind: str, bits: float) -> Path:
    """Where a run keeps the codebooks of one setting."""
    return run.path / "codec" / f"{kind}-{bits:g}.npz"


def maker_of(header: Header, store: RunStore) -> Run:
    """The newest run whose codebooks a file was made with; no model is loaded.

    Raises
    ------
    CodecError
        None of the store's runs.
    """
    from course_lib.training.store import Run

    for row in store.list():
        run = Run(store.root / row.name)
        try:
            data = path_of(run, header.kind, header.bits).read_bytes()
            made = _fingerprint(str(npz_arrays(data)["model"]), data)
        except UNREADABLE:
            continue
        if made == header.fingerprint:
            return run
    raise CodecError(
        f"no run in {store.root} made this file (its fingerprint is {header.fingerprint}); bring the whole "
        "folder of the run that encoded it, its codec folder included"
    )


def _fingerprint(weights: str, data: bytes) -> str:
    return hashlib.sha256(weights.encode() + data).hexdigest()[:8]


def _kept(path: Path, weights: str) -> bytes | None:
    """The bytes of codebooks that were fitted to these weights, or None."""
    try:
        data = path.read_bytes()
        return data if str(npz_arrays(data)["model"]) == weights else None
    except UNREADABLE:
        return None


def _digest(model) -> str:
    """SHA-256 of all weights: the latents of another training mean something else."""
    digest = hashlib.sha256()
    for array in model.get_weights():
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def _fit(run: Run, model, kind: str, bits: float) -> Quantiser:
    from course_lib.data.augment import vary_voice
    from course_lib.training.lessons.held_out import load_split

    train, _, representation = load_split(run)
    limit = run.config().get("limit_clips")
    features = representation.encode(train.y[:limit])
    rng = np.random.default_rng(0)
    latents = [latents_of(model, features)]
    for _ in range(VARIED_COPIES):
        parts = (features[start : start + 250] for start in range(0, len(features), 250))
        latents += [latents_of(model, vary_voice(part, rng)) for part in parts]
    chosen = rng.permutation(len(features))[:LISTENERS]
    return QUANTISERS[kind].fit(np.concatenate(latents), sensitivity(model, latents[0], chosen), bits=bits)


def sensitivity(model, latents: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """Squared change of the features for a unit of each latent number, shape (latent_dim,).

    Parameters
    ----------
    latents : np.ndarray, shape (clips, latent_dim)
        Of training clips: they tell each number's spread.
    chosen : np.ndarray of int
        The clips that are decoded, twice for each number.
    """
    spread = latents.std(axis=0)
    weight = np.zeros(latents.shape[1])
    start = latents[chosen]
    for number in np.flatnonzero(spread > 0):
        step = STEP * spread[number]
        moved = [start.copy(), start.copy()]
        moved[0][:, number] -= step
        moved[1][:, number] += step
        low, high = (model.decode(z).astype(np.float64) for z in moved)
        weight[number] = np.mean((high - low) ** 2) / (2 * step) ** 2
    return weight
