"""Every lesson by its name."""

from __future__ import annotations

from course_lib.training.lessons.autoencoder import AutoencoderLesson
from course_lib.training.lessons.conditional import ConditionalLesson
from course_lib.training.lessons.conditional_notes import ConditionalNotesLesson
from course_lib.training.lessons.denoising import DenoisingLesson
from course_lib.training.lessons.denoising_lstm import DenoisingLSTMLesson
from course_lib.training.lessons.enhancement import EnhancementLesson
from course_lib.training.lessons.generation import GenerationLesson
from course_lib.training.lessons.inpainting import InpaintingLesson
from course_lib.training.lessons.lesson import Lesson
from course_lib.training.lessons.notes import NotesLesson
from course_lib.training.lessons.vae import VAELesson

LESSONS: dict[str, Lesson] = {
    lesson.name: lesson
    for lesson in (
        AutoencoderLesson(),
        DenoisingLesson(),
        DenoisingLSTMLesson(),
        InpaintingLesson(),
        EnhancementLesson(),
        ConditionalLesson(),
        ConditionalNotesLesson(),
        VAELesson(),
        NotesLesson(),
        GenerationLesson(),
    )
}


def get_lesson(name: str) -> Lesson:
    """The lesson of that name, or an error that lists them."""
    if name not in LESSONS:
        raise ValueError(f"unknown lesson {name!r}; expected one of {', '.join(LESSONS)}")
    return LESSONS[name]


def lesson_of(preset: str) -> Lesson:
    """The lesson that scores runs of ``preset``: the one of its name, else the first that trains it.

    What is only a rival in a lesson, or like its preset, is scored by that one.
    """
    found = [lesson for lesson in LESSONS.values() if lesson.preset == preset]
    found = found or [lesson for lesson in LESSONS.values() if preset in (*lesson.rivals, *lesson.also)]
    for lesson in found:
        if lesson.name == preset:
            return lesson
    if not found:
        known = ", ".join(
            sorted({name for one in LESSONS.values() for name in (one.preset, *one.rivals, *one.also)})
        )
        raise ValueError(f"no lesson scores runs of {preset!r}; there are lessons of {known}")
    return found[0]
