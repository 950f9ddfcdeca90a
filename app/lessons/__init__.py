"""Lessons: one claim after another, each with a question before it and with live pieces of the product.

`lesson.py` says what a lesson is, `engine.py` draws one, `sheet.py` prints one, and each lesson is a file of its own: a
fourth is one more, and a line in `LESSONS`.
"""

from app.lessons import evidence, scene, where
from app.lessons.lesson import Lesson

LESSONS: dict[str, Lesson] = {one.key: one for one in (where.LESSON, evidence.LESSON, scene.LESSON)}
