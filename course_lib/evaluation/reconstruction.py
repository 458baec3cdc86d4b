"""The scoreboard of lab 01: a model between the dataset's mean and its representation's ceiling."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from course_lib.evaluation import ceilings, codec, strings, validate
from course_lib.evaluation.intelligibility import has_pesq, pesq_nb, stoi
from course_lib.evaluation.scoring import mean_and_error
from course_lib.evaluation.share import add_shares
from course_lib.evaluation.spectral import log_mel_distance

if TYPE_CHECKING:
    from course_lib.audio.representation import Representation

DIGITS_PER_STRING = 10
GAP_SECONDS = 0.05
METRICS = ("stoi", "pesq_nb", "log_mel_l1", "mae_features")


def evaluate(
    reconstruct: Callable[[np.ndarray], np.ndarray],
    train,
    test,
    representation: Representation,
    *,
    components: int = 64,
    code: codec.Code | None = None,
    n_strings: int | None = None,
    seed: int = 0,
    on_row: Callable[[str], None] | None = None,
) -> dict[str, Any]:
    """Score a model's reconstructions of held-out clips beside PCA, the ceiling and the mean.

    Every held-out clip goes alone through each system and Griffin-Lim; its sound, without the padding, is
    then joined with nine others, because STOI and PESQ are not defined for single digits. The reference is
    the original recording in the same strings, so the ceiling's loss is counted in all rows.

    Parameters
    ----------
    reconstruct : callable
        Features, shape (clips, frames, bands) -> the same shape.
    train, test : Clips
        ``train.y`` fits PCA and the mean; nothing is fitted on ``test``.
    representation : Representation
        The model's own, with the scaling that its training fitted.
    components : int
        Numbers that the model keeps of a clip: PCA keeps as many, and in a second row twice as many.
    code : callable, optional
        The model as a codec, as :func:`course_lib.evaluation.codec.through_files` takes it: a row ``codec``
        with the cost of its files, the digits of a string in one file.
    n_strings : int, optional
        Score only the first strings, for a quick look; all by default.
    seed : int
        Deals the clips into strings.
    on_row : callable, optional
        Told the name of each row before it is computed.

    Returns
    -------
    dict
        ``rows``: for ``model``, ``pca_<components>``, ``pca_<2 * components>``, ``ceiling`` and ``mean`` a
        dict of ``stoi``, ``stoi_se``, ``pesq_nb``, ``pesq_nb_se`` (None without the package or for silence),
        ``log_mel_l1`` (nepers) and ``mae_features`` (in the unit of the features). ``_se`` is the standard
        error over strings, ``<metric>_share`` the share of the way from the mean of the training clips to
        the ceiling, None where either is missing. With ``code`` there is a row ``codec``, which also has
        ``kbit_s``, ``kbit_s_se`` and ``bytes`` of a file. ``protocol``: one sentence for a caption.
        ``settings``: what it was run with.

    Raises
    ------
    ValueError
        ``reconstruct`` changes the shape or gives NaN; no clips; sizes that do not fit.
    """
    if not len(train) or not len(test):
        raise ValueError(
            f"expected clips on both sides; received {len(train)} to train and {len(test)} to test"
        )
    if n_strings is not None and n_strings < 1:
        raise ValueError(f"n_strings must be at least 1; received {n_strings}")
    report = on_row or (lambda name: None)
    order = strings.arrange(test.label, per_string=DIGITS_PER_STRING, seed=seed)[:n_strings]
    reference = _strings(test.y, test, order)
    report("features")
    train_features, test_features = representation.encode(train.y), representation.encode(test.y)

    rows, cost = {}, {}

    def coded():
        # Every string, whatever is scored: all clips have come through a file then.
        every = strings.arrange(test.label, per_string=DIGITS_PER_STRING, seed=seed)
        made, whole = codec.through_files(code, test_features, test, every, gap_seconds=GAP_SECONDS)
        cost.update(whole)
        return made

    for name, make in _systems(reconstruct, code and coded, train_features, test_features, components):
        report(name)
        estimate = make()
        validate.features(test_features, estimate)
        sound = _decode(representation, estimate, order, constant=name == "mean")
        scores = _score(reference, _strings(sound, test, order), sr=representation.sr)
        mae = float(np.mean(np.abs(test_features - estimate), dtype=np.float64))
        rows[name] = scores | {"mae_features": mae}
    rows = add_shares(rows, dict.fromkeys(METRICS, ("mean", "ceiling")))
    if code is not None:
        rows["codec"] |= cost
    settings = {
        "clips": int(sum(map(len, order))),
        "strings": len(order),
        "train_clips": len(train),
        "held_out_clips": len(test),
        "components": components,
        "seed": seed,
        "coded": code is not None,
        "pesq": has_pesq(),
    }
    return {"rows": rows, "protocol": _protocol(settings), "settings": settings}


def _systems(reconstruct, coded, train, test, components: int):
    """(row's name, function that gives its features) in the order of the table."""
    limit = min(len(train), int(np.prod(train.shape[1:])))
    sizes = [k for k in (components, 2 * components) if k <= limit]
    rebuilt: dict[int, np.ndarray] = {}

    def pca(k):
        if not rebuilt:
            rebuilt.update(ceilings.pca_reconstructions(train, test, sizes))
        return rebuilt.pop(k)

    yield "model", lambda: np.asarray(reconstruct(test))
    if coded is not None:
        yield "codec", coded
    for k in sizes:
        yield f"pca_{k}", lambda k=k: pca(k)
    yield "ceiling", lambda: test
    yield "mean", lambda: ceilings.mean_reconstruction(train, test)


def _decode(representation, features: np.ndarray, order, *, constant: bool) -> np.ndarray:
    """Clips, shape (clips, n_samples); only those that ``order`` uses are computed, others stay silent."""
    sound = np.zeros((len(features), representation.n_samples), np.float32)
    used = np.sort(np.concatenate(order))
    # The mean is one clip for all: decode it once.
    sound[used] = representation.decode(features[:1] if constant else features[used])
    return sound


def _strings(y: np.ndarray, clips, order) -> list[np.ndarray]:
    return strings.concatenate(y, clips.length, order=order, gap_seconds=GAP_SECONDS, sr=clips.sr)


def _score(reference: list[np.ndarray], estimate: list[np.ndarray], *, sr: int) -> dict[str, float | None]:
    pairs = list(zip(reference, estimate, strict=True))
    intelligible = [stoi(*pair, sr=sr) for pair in pairs]
    quality: list[float] = []
    # PESQ has no score for silence, which an untrained model may give: the row then has none.
    if has_pesq() and all(np.any(made) for _, made in pairs):
        quality = [pesq_nb(*pair, sr=sr) for pair in pairs]
    scores: dict[str, float | None] = {}
    for metric, values in (("stoi", intelligible), ("pesq_nb", quality)):
        scores[metric], scores[f"{metric}_se"] = mean_and_error(values)
    return scores | {"log_mel_l1": float(np.mean([log_mel_distance(*pair, sr=sr) for pair in pairs]))}


def _protocol(settings: dict[str, Any]) -> str:
    codec_words = "For the codec, the digits of a string go through one file, whose bytes all count. "
    codec_words *= settings["coded"]
    return (
        f"{settings['clips']} held-out digits, one at a time through each system and 32 iterations of "
        f"Griffin-Lim, then joined into {settings['strings']} strings of about {DIGITS_PER_STRING} (each "
        f"digit once where counts allow, {1000 * GAP_SECONDS:.0f} ms of silence between, padding cut off) "
        "and compared with the recordings; PCA and the mean are fitted on the same "
        f"{settings['train_clips']} training clips. {codec_words}Means over strings ± standard error."
    )
