"""Notes on the scoreboard: by other instruments, and at other pitches."""

from __future__ import annotations

from course_lib.training.lessons.bar import FACTS, Bar
from course_lib.training.lessons.held_out import load_split
from course_lib.training.lessons.lesson import Lesson
from course_lib.training.lessons.metric import Metric

NOTES = 150
SEED = 5


class NotesLesson(Lesson):
    """A conditional VAE converts unheard notes, beside a phase vocoder and real notes of what was asked."""

    name = "notes"
    title = "Notes by other instruments"
    preset = "vae_notes"
    dataset = "notes"
    seconds = 300.0
    scoring_seconds = 150.0
    items = "notes"
    metrics = (
        Metric("pitch_right", "pitch right", share=True),
        Metric("instrument_right", "instrument right", share=True),
        Metric("both_right", "both right", share=True),
        Metric("pitch_cents", "off pitch", digits=1, unit="cents", at_least=False),
    )
    share_words = "from the note as it was given to a real note of what was asked for"
    bars = (
        Bar("pitch_right", 0.90),
        Bar("instrument_right", 0.90),
        Bar("train_seconds", seconds + 2, row=FACTS, at_least=False),
    )

    def evaluate(self, run, *, n=None, on_row=None):
        import numpy as np

        from course_lib.data import catalog
        from course_lib.evaluation import conversion
        from course_lib.training.apply import Converter
        from course_lib.training.tasks.score import Score, pitched

        converter = Converter(run)
        train, test, representation = load_split(run)
        classes = catalog.get(train.dataset).labels
        train, test = (pitched(side, classes) for side in (train, test))
        known = run.config()["conditions"]
        score = Score(tuple(known["instrument"]), tuple(known["pitch"]))
        rng = np.random.default_rng(SEED)
        test = test.select(rng.permutation(len(test))[: n or NOTES])
        asked = _wishes(score.numbers(test, classes), score.sizes, rng)
        played = score.numbers(train, classes)
        real = train.y[_nearest(train, played, test, asked)]
        pitch = np.array(score.pitches)[asked[:, 1]]

        def convert():
            return np.stack(
                [
                    converter(y, instrument=score.instruments[who], pitch=int(midi))
                    for y, who, midi in zip(test.y, asked[:, 0], pitch, strict=True)
                ]
            )

        result = conversion.evaluate(
            {
                "given": lambda: test.y,
                "vocoder": lambda: _shifted(test.y, pitch - test.pitch, train.sr),
                "model": convert,
                "representation": lambda: representation.decode(representation.encode(real)),
                "real": lambda: real,
            },
            instrument=asked[:, 0],
            pitch=pitch,
            real=train.y,
            real_instrument=played[:, 0],
            names=score.instruments,
            sr=train.sr,
            on_row=on_row,
        )
        result["facts"] = {"parameters": int(converter.model.count_params())}
        return result

    def row_title(self, row, result):
        return {
            "given": "the note as it was (floor)",
            "vocoder": "phase vocoder",
            "representation": "real notes through the representation",
            "real": "real notes (ceiling)",
        }.get(row, super().row_title(row, result))


def _wishes(here, sizes, rng):
    """Another instrument, another pitch, or both, by turns: numbers, shape (notes, 2)."""
    asked = here.copy()
    for place in range(len(here)):
        for field in range(2):
            if place % 3 in (field, 2):
                asked[place, field] = (here[place, field] + rng.integers(1, sizes[field])) % sizes[field]
    return asked


def _nearest(real, played, test, asked):
    """For each wish the note in ``real`` that answers it, in tune, played about as hard: shape (notes,)."""
    import numpy as np

    found = []
    for wish, velocity in zip(asked, test.velocity, strict=True):
        unlike = (
            1000.0 * (played != wish).sum(axis=1)
            + np.abs(real.cents)
            + np.abs(real.velocity - velocity) / 128
        )
        found.append(int(np.argmin(unlike)))
    return found


def _shifted(y, semitones, sr):
    """A phase vocoder and resampling: another pitch by the same instrument."""
    import warnings

    import librosa
    import numpy as np

    shift = librosa.effects.pitch_shift
    with warnings.catch_warnings():
        # Its own phase vocoder is called in a way that it announces to drop.
        warnings.simplefilter("ignore")
        return np.stack(
            [
                shift(note, sr=sr, n_steps=float(steps)) if steps else note
                for note, steps in zip(y, semitones, strict=True)
            ]
        )
