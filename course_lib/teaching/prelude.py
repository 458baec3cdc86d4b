"""The sounds that open a lab, before anything is set up."""

from __future__ import annotations

from course_lib.teaching.errors import LabError
from course_lib.teaching.player import Grid, Player

WORDS = ("three", "seven", "nine")


def prelude(number: str) -> Grid:
    """A target and a failure: words, and the same words as the lab will learn to do better."""
    preludes = {"00": _zero_phase, "01": _two_numbers}
    if number not in preludes:
        raise LabError(f"there is no lab {number!r} yet; expected one of {', '.join(preludes)}")
    return preludes[number]()


def _zero_phase() -> Grid:
    """Lab 00: words, and the same words from their own spectrogram with every phase set to zero."""
    import numpy as np

    from course_lib.audio.stft import istft, stft, window_gain
    from course_lib.data import catalog, splits

    _, test = splits.split(catalog.load("digits"))
    words = test.y[[int(np.flatnonzero(test.label == digit)[0]) for digit in (3, 7, 9)]]
    magnitude = np.abs(stft(words))
    # Both rows show the picture that the failure is made from: it is the original's.
    pictures = 20 * np.log10(np.maximum(magnitude / window_gain(256), 1e-4))
    rebuilt = istft(magnitude.astype(np.complex64))
    rows = {
        "The target: three words of a synthetic voice": words,
        "The failure: the same words, made from exactly this picture": rebuilt,
    }
    return Grid(
        {
            name: [
                Player(y, word, picture=picture)
                for y, word, picture in zip(sounds, WORDS, pictures, strict=True)
            ]
            for name, sounds in rows.items()
        }
    )


def _two_numbers() -> Grid:
    """Lab 01: words, and the same words squeezed through two numbers each."""
    import numpy as np

    from course_lib.audio.log_mel_spectrogram import LogMelSpectrogram
    from course_lib.data import catalog, splits
    from course_lib.evaluation.ceilings import pca_reconstruction

    train, test = splits.split(catalog.load("digits"))
    chosen = [int(np.flatnonzero(test.label == digit)[0]) for digit in (3, 7, 9)]
    representation = LogMelSpectrogram().fit(train.y)
    features = representation.encode(test.y[chosen])
    # A few hundred clips give the same two directions as all of them, in a tenth of the time.
    few = representation.encode(train.y[:: max(1, len(train) // 400)])
    squeezed = pca_reconstruction(few, features, 2)

    def picture(values: np.ndarray) -> np.ndarray:
        return 20 * np.log10(np.maximum(representation.magnitude(values), 1e-4))

    return Grid(
        {
            "The target: three words of a synthetic voice": [
                Player(test.y[i], word, picture=picture(x))
                for word, i, x in zip(WORDS, chosen, features, strict=True)
            ],
            "The failure: the same words, through two numbers each": [
                Player(representation.decode(x), word, picture=picture(x))
                for word, x in zip(WORDS, squeezed, strict=True)
            ],
        }
    )
