"""Lessons: three times ten minutes, one claim after another."""

from __future__ import annotations

import streamlit as st

import xai_core as xai
from app import controls, frame, state
from app.lessons import LESSONS
from app.lessons.engine import show_lesson


def main() -> None:
    frame.begin("lessons")
    state.own("lesson")
    key = st.segmented_control(
        "Lesson",
        list(LESSONS),
        format_func=lambda one: LESSONS[one].title,
        default=next(iter(LESSONS)),
        required=True,
        key="lesson",
        bind="query-params",
        wrap=True,
    )
    try:
        show_lesson(LESSONS[key or next(iter(LESSONS))])  # an address may hold the parameter without a value
    except xai.XaiError as error:
        controls.show_error(error)


main()
