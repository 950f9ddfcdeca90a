"""A lesson on a page: its steps one after another, each with its question before its answer."""

from __future__ import annotations

import streamlit as st

import xai_core as xai
from app import controls, kept, state
from app.controls import plain
from app.heads import PAGES
from app.lessons.lesson import Evidence, Lesson, Step
from app.lessons.sheet import sheet_html
from xai_core.types.counts import number_of, part_of

_SAID = "lesson answers"  # session key: (lesson, step) -> the choice that was taken first


def show_lesson(lesson: Lesson) -> None:
    """All of a lesson.

    Parameters
    ----------
    lesson : Lesson
    """
    st.markdown(f"## {lesson.title}")
    st.markdown(lesson.opening)
    hits: list[bool] = []
    for number, step in enumerate(lesson.steps, start=1):
        with st.container(border=True):
            answered = _show_step(lesson, number, step, hits)
        if not answered:
            left = len(lesson.steps) - number
            st.caption(f"{number_of(left, 'more question')} after this one." if left else "This is the last question.")
            break
    _show_end(lesson, hits)


def _show_step(lesson: Lesson, number: int, step: Step, hits: list[bool]) -> bool:
    """A step, and whether it is answered; whether as the numbers say is added to the hits."""
    said: dict[tuple[str, str], str] = kept.of_visitor(_SAID)
    place = (lesson.key, step.key)
    show_question(number, step)
    if place not in said:
        name = f"{lesson.key}-{step.key}"
        choice = st.radio(
            step.question,
            step.choices,
            index=None,
            format_func=plain,
            key=f"lesson-{name}",
            label_visibility="collapsed",
        )
        if not st.button("Answer", key=f"answer-{name}", disabled=choice is None, type="primary"):
            return False
        assert choice is not None
        said[place] = choice
        st.rerun()
    try:
        found = step.evidence()
    except xai.XaiError as error:  # the rest of the lesson stays
        controls.show_error(error)
        return True
    hits.append(said[place] == found.answer)
    show_hit(said[place], found)
    show_evidence(found)
    return True


def show_question(number: int, step: Step) -> None:
    """What is asked, with what is seen before the answer."""
    st.markdown(f"### {number}. {step.title}")
    st.markdown(step.text)
    step.show()
    st.markdown(f"**{step.question}**")


def show_hit(said: str, found: Evidence) -> None:
    """Whether a choice is that of the numbers."""
    if said == found.answer:
        st.success(f"You said: {plain(said)}. So do the numbers.", icon=":material/check:")
    else:
        st.info(f"You said: {plain(said)}. The numbers say: {plain(found.answer)}.", icon=":material/search:")


def show_evidence(found: Evidence) -> None:
    """The claim, what to take from it, and what goes with it."""
    st.markdown(f"**{plain(found.claim)}**")
    st.markdown(found.why)
    found.show()


def _show_end(lesson: Lesson, hits: list[bool]) -> None:
    """How many were right, the sheet, the notes, and where to go on."""
    st.markdown("## Key points")
    if len(hits) < len(lesson.steps):
        st.caption(f"{part_of(len(hits), len(lesson.steps), 'question', 'is', 'are')} answered so far.")
    else:
        st.markdown(f"{part_of(sum(hits), len(hits), 'answer', 'agrees', 'agree')} with the numbers.")
    with st.container(horizontal=True, vertical_alignment="center"):
        target = next(one for one in PAGES if one.page == lesson.page)
        st.button(
            f"Go on with {target.title}",
            on_click=state.go,
            args=(lesson.page, dict(lesson.query)),
            icon=target.icon,
            key="lesson-leads",
        )
        st.button(
            "Ask a class",
            on_click=state.go,
            args=("classroom", {"asked": f"Lesson: {lesson.title}"}),
            icon=":material/groups:",
            key="lesson-class",
            help="The same questions, answered by a whole class on their phones.",
        )
        st.button(
            "Start again",
            on_click=forget,
            args=(lesson,),
            disabled=not hits,
            type="tertiary",
            icon=":material/restart_alt:",
            key="lesson-again",
            help="Forgets the answers to this lesson, for the next visitor.",
        )
    st.caption(lesson.leads)
    controls.offer_files(
        {"Worksheet to print (HTML)": (f"{lesson.key}-sheet.html", "text/html", lambda: sheet_html(lesson))}
    )
    with st.expander("Notes for the teacher, with answers", icon=":material/school:"):
        st.markdown("\n".join(f"- {one}" for one in lesson.teacher))


def forget(lesson: Lesson) -> None:
    """Answers of a lesson, for the next visitor."""
    there = kept.of_visitor(_SAID)
    for place in [place for place in there if place[0] == lesson.key]:
        del there[place]
    for step in lesson.steps:
        st.session_state.pop(f"lesson-{lesson.key}-{step.key}", None)
