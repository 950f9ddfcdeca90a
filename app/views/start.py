"""The start page: what each page answers, with an example to play with, and the way there.

Questions, links and placeholders are drawn before anything heavy is imported; then the examples fill in, the cheapest
first. Each is a fragment, so that its control computes nothing of the others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import streamlit as st

from app import examples, state
from app.clickable import clickable
from xai_core.errors import XaiError
from xai_core.questions import QUESTIONS, Question
from xai_core.questions.evolution.question import EVOLUTION
from xai_core.questions.foreground.question import FOREGROUND
from xai_core.questions.layers.question import LAYERS
from xai_core.questions.misclassified.question import MISCLASSIFIED

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

Draw: TypeAlias = "Callable[[DeltaGenerator], None]"
RUN = examples.HONEST  # the recorded training that two of the examples are about, and the model it ended in
# Session keys of what is chosen.
PHOTO, DIGIT, MISTAKE, EPOCH = "start-photo", "start-digit", "start-mistake", "start-epoch"
STYLE = """<style>
/* A fragment's own container would not stretch, and the links of two cards side by side stand at one height. */
[class*=st-key-start-card-] [data-testid=stLayoutWrapper]{flex-grow:1}
[class*=st-key-start-card-] [data-testid=stPageLink] a{padding:.3rem .75rem;border:1px solid rgba(138,143,152,.5)}
</style>"""


def link(question: Question, query: Mapping[str, str] | None = None) -> None:
    """The way to a question's page, with what its example shows once that is known."""
    place = Path(__file__).with_name(f"{question.page}.py")  # the whole path, wherever the entry point lies
    st.page_link(
        place, label=f"Open {question.title}", icon=":material/arrow_forward:", query_params=query and dict(query)
    )


def example(question: Question) -> Callable[[Draw], Draw]:
    """Make a fragment of what draws an example; where it cannot be computed, the card says why."""

    def fragment(draw: Draw) -> Draw:
        @wraps(draw)
        def draw_or_say(waiting: DeltaGenerator) -> None:
            try:
                draw(waiting)
            except XaiError as error:
                from app.controls import plain

                waiting.empty()
                st.error(plain(str(error)), icon=":material/error:")
                link(question)

        return st.fragment(draw_or_say)

    return fragment


def show(question: Question, found: examples.Example, waiting: DeltaGenerator) -> None:
    """An example in place of what stood for it, and the link at the foot of the card."""
    waiting.empty()
    with st.container(height="stretch"):
        st.html(found.html)
    link(question, found.query)


@example(EVOLUTION)
def show_evolution(waiting: DeltaGenerator) -> None:
    """Which pictures are right after an epoch."""
    epochs = examples.epochs(RUN)
    epoch = st.select_slider("Epoch", epochs, epochs[len(epochs) // 6], key=EPOCH)
    show(EVOLUTION, examples.evolution(RUN, epoch), waiting)


@example(MISCLASSIFIED)
def show_mistakes(waiting: DeltaGenerator) -> None:
    """All mistakes of a model, and what speaks for both classes in one of them."""
    name = st.session_state.setdefault(MISTAKE, examples.mistakes(RUN)[0])
    pick("Click a mistake", examples.mistake_thumbnails(RUN), MISTAKE)
    show(MISCLASSIFIED, examples.mistake(RUN, name), waiting)


@example(FOREGROUND)
def show_background(waiting: DeltaGenerator) -> None:
    """A digit on its background and on another one, for two models."""
    number = st.session_state.setdefault(DIGIT, 0)

    def following() -> None:
        st.session_state[DIGIT] = (number + 1) % examples.DIGITS_SHOWN

    st.button("Next digit", icon=":material/skip_next:", on_click=following, key="start-next")
    show(FOREGROUND, examples.background(number), waiting)


@example(LAYERS)
def show_layers(waiting: DeltaGenerator) -> None:
    """A photo by depth."""
    thumbnails = examples.photo_thumbnails()
    name = st.session_state.setdefault(PHOTO, thumbnails[0][0])
    pick("Click a photo", thumbnails, PHOTO)
    show(LAYERS, examples.layers(name), waiting)


def pick(words: str, thumbnails: list[tuple[str, str, str, str]], key: str) -> None:
    """Small pictures of which one is chosen."""
    st.caption(words)
    clickable(
        examples.strip_html(thumbnails, st.session_state[key]),
        f"{key}-strip",
        lambda name: st.session_state.__setitem__(key, name),
    )


# The cheapest first: the record needs no torch, and the photos' model is the largest.
EXAMPLES = (
    (EVOLUTION, show_evolution),
    (MISCLASSIFIED, show_mistakes),
    (FOREGROUND, show_background),
    (LAYERS, show_layers),
)


def main() -> None:
    state.leave()
    linked = st.query_params.get("study")
    if linked:
        from app import study_link  # what these read studies with, no example needs
        from app.grid.page import show_if_grid

        study_link.open_linked("start")
    state.begin("start")  # so that a page which is come back to arrives anew, with what the link says
    st.title("What the classifier looks at", anchor=False)
    if linked:
        show_if_grid("start")  # which offers the way to its page
        study_link.say_study()
    st.markdown(
        "What does an image classifier look at, and is that the reason for its answer? Try it here, then take your "
        "own pictures and models. All of it works offline."
    )
    st.html(STYLE)
    shown = {question.key for question, _ in EXAMPLES}
    places = {}
    for first in range(0, len(QUESTIONS), 2):
        row = QUESTIONS[first : first + 2]
        left, spare = st.columns(2, gap="small")
        for column, question in zip((left, spare), row, strict=False):
            with column.container(border=True, height="stretch", key=f"start-card-{question.page}"):
                st.header(question.short, anchor=False)
                if question.key not in shown:
                    st.container(height="stretch").markdown(question.question)
                    link(question)
                    continue
                room, waiting = st.container(height="stretch"), st.empty()
            with waiting.container():
                st.skeleton(height=400)  # about what comes, so that little moves
                link(question)
            places[question.key] = (room, waiting)
    with spare if len(row) == 1 else st.container():
        _more_ways()
    for question, draw in EXAMPLES:
        room, waiting = places[question.key]
        with room:
            draw(waiting)


def _more_ways() -> None:
    """Links to one's own pictures and models, and to what one can touch; beside an odd last card, or below."""
    st.page_link(
        Path(__file__).with_name(f"{LAYERS.page}.py"),
        label="Try your own picture",
        icon=":material/add_photo_alternate:",
        query_params={"data": "Upload"},
    )
    st.page_link(
        Path(__file__).with_name("lessons.py"),
        label="Three short lessons: when is a heatmap evidence?",
        icon=":material/school:",
    )
    st.page_link(
        Path(__file__).with_name("edit.py"),
        label="Change a part of a picture, and watch the map",
        icon=":material/brush:",
    )
    st.page_link(
        Path(__file__).with_name("duel.py"),
        label="Which model cheats? Decide, and then see the evidence",
        icon=":material/balance:",
    )
    st.page_link(
        Path(__file__).with_name("model.py"),
        label="Bring a model of your own, and see what was found in it",
        icon=":material/schema:",
    )


main()
