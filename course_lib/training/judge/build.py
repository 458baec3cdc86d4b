"""Train the judge, measure it on voices it has not heard, and write weights and card."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from course_lib.data import catalog, splits
from course_lib.data.clips import Clips
from course_lib.models.judge import SHIPPED, Judge
from course_lib.training.devices import versions
from course_lib.training.durable import npz_bytes, sha256, write_bytes, write_json
from course_lib.training.judge import measure
from course_lib.training.judge.fitting import fit
from course_lib.training.judge.material import NO_DIGIT, Examples, examples, no_digits, representation
from course_lib.training.judge.settings import JudgeSettings

# One example in ten holds no digit.
NO_DIGITS = 400


def build(
    folder: Path = SHIPPED,
    *,
    settings: JudgeSettings | None = None,
    seed: int = 0,
    log: Callable[[str], Any] = print,
) -> dict[str, Any]:
    """Write ``judge.npz`` and ``judge.json`` into ``folder``; returns the card.

    Seven trainings: one without each speaker of FSDD, and the one that is kept, on FSDD's official training
    part (takes 5 to 49). All also hear the bundled digits' training voices and sounds that are no digits.

    Raises
    ------
    FileNotFoundError
        FSDD is not there.
    """
    settings = settings or JudgeSettings()
    people, voices = catalog.load("fsdd"), catalog.load("digits")
    train, test = splits.official_fsdd(people)
    voices_train, voices_test = splits.bundled(voices)
    everything, others = examples(people), examples(voices_train) + _no_digits(seed)

    held_out = {}
    for speaker in sorted(set(people.speaker.tolist())):
        without = everything.speaker != speaker
        network = fit(everything.select(without) + others, settings, seed=seed)
        held_out[speaker] = measure.probabilities(network, everything.select(~without))
        log(f"without {speaker}: {_share(held_out[speaker], people, speaker):.1%} of {speaker}")
    unheard = np.concatenate(list(held_out.values()))
    label = np.concatenate([people.label[people.speaker == speaker] for speaker in held_out])
    temperature = measure.fit_temperature(unheard, label)

    network = fit(examples(train) + others, settings, seed=seed)
    arrays = {f"{i:02d}": array.astype(np.float16) for i, array in enumerate(network.get_weights())}
    network.set_weights([array.astype(np.float32) for array in arrays.values()])
    judge = Judge(network, representation(), temperature=temperature)
    weights = npz_bytes(arrays)
    card = {
        "schema": 1,
        "weights_sha256": sha256(weights),
        "classes": list(judge.classes),
        "temperature": temperature,
        "representation": judge.representation.config,
        "network": settings.network,
        "parameters": network.count_params(),
        "measured": _measured(judge, test, voices_test)
        | {
            "held_out_speakers": {
                speaker: measure.score(
                    measure.at_temperature(told, temperature), people.label[people.speaker == speaker]
                )
                for speaker, told in held_out.items()
            },
            "held_out_mean": round(
                float(np.mean([_share(told, people, speaker) for speaker, told in held_out.items()])), 4
            ),
            "held_out_calibration_error": {
                "temperature 1": measure.score(unheard, label)["calibration_error"],
                "fitted": measure.score(measure.at_temperature(unheard, temperature), label)[
                    "calibration_error"
                ],
            },
        },
        "training": settings.config
        | {
            "seed": seed,
            "fsdd": {"sha256": people.sha256, "clips": len(train), "takes": "5 to 49"},
            "digits": {"sha256": voices.sha256, "clips": len(voices_train), "voices": "training"},
            "no_digits": NO_DIGITS,
        },
        "command": "course judge build",
        "versions": versions(),
    }
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    write_bytes(folder / "judge.npz", weights)
    write_json(folder / "judge.json", card)
    return card


def _no_digits(seed: int) -> Examples:
    sounds = no_digits(NO_DIGITS, seed=seed)
    nobody = np.full(len(sounds), "nobody")
    from course_lib.models.judge import prepared

    return Examples(
        representation().encode(prepared(sounds)),
        np.full(len(sounds), NO_DIGIT),
        nobody,
        np.arange(len(sounds)),
    )


def _share(told: np.ndarray, people: Clips, speaker: str) -> float:
    return float(np.mean(told.argmax(axis=1) == people.label[people.speaker == speaker]))


def _measured(judge: Judge, test: Clips, voices: Clips) -> dict[str, Any]:
    """Of the judge as it is kept: half precision, its own preparation, its temperature."""
    from course_lib.audio.log_mel_spectrogram import LogMelSpectrogram

    mel = LogMelSpectrogram()
    again = mel.decode(mel.encode(test.y))
    return {
        "official_test": measure.score(judge.probabilities(test.y), test.label),
        "official_test_after_griffin_lim": measure.score(judge.probabilities(again), test.label),
        "bundled_test_voices": measure.score(judge.probabilities(voices.y), voices.label),
        "confidence_without_digit": measure.on_no_digits(judge, test),
    }
