"""The start page: what each page answers, with an example to play with, and the way there.

Questions, links and placeholders are drawn before anything heavy is imported; then the examples fill in, the cheapest
first. Each is a fragment, so that its control computes nothing of the others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import streamlit as st

from app import examples, state
from app.clickable import clickable
from xai_core.errors import XaiError

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


@dataclass(frozen=True)
class Card:
    """A page, and the question that it answers."""

    question: str
    page: str
    title: str

    @property
    def key(self) -> str:
        return f"start-card-{Path(self.page).stem}"

    def link(self, query: Mapping[str, str] | None = None) -> None:
        """The way to the page, with what the example shows once that is known."""
        place = Path(__file__).with_name(self.page)  # the whole path, wherever the entry point lies
        st.page_link(
            place, label=f"Open {self.title}", icon=":material/arrow_forward:", query_params=query and dict(query)
        )


LAYERS = Card("Where does each layer look?", "layer_explorer.py", "Layer Explorer")
BACKGROUND = Card("Is it the object, or what stands behind it?", "foreground.py", "Foreground vs Background")
MISTAKES = Card("What does it mix up, and why?", "misclassifications.py", "Misclassifications")
EVOLUTION = Card("When did it learn what it knows?", "training_evolution.py", "Training Evolution")
ROWS = ((LAYERS, BACKGROUND), (MISTAKES, EVOLUTION))


def example(card: Card) -> Callable[[Draw], Draw]:
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
                card.link()

        return st.fragment(draw_or_say)

    return fragment


def show(card: Card, found: examples.Example, waiting: DeltaGenerator) -> None:
    """An example in place of what stood for it, and the link at the foot of the card."""
    waiting.empty()
    with st.container(height="stretch"):
        st.html(found.html)
    card.link(found.query)


@example(EVOLUTION)
def show_evolution(waiting: DeltaGenerator) -> None:
    """Which pictures are right after an epoch."""
    epochs = examples.epochs(RUN)
    epoch = st.select_slider("Epoch", epochs, epochs[len(epochs) // 6], key=EPOCH)
    show(EVOLUTION, examples.evolution(RUN, epoch), waiting)


@example(MISTAKES)
def show_mistakes(waiting: DeltaGenerator) -> None:
    """All mistakes of a model, and what speaks for both classes in one of them."""
    name = st.session_state.setdefault(MISTAKE, examples.mistakes(RUN)[0])
    pick("Click a mistake", examples.mistake_thumbnails(RUN), MISTAKE)
    show(MISTAKES, examples.mistake(RUN, name), waiting)


@example(BACKGROUND)
def show_background(waiting: DeltaGenerator) -> None:
    """A digit on its background and on another one, for two models."""
    number = st.session_state.setdefault(DIGIT, 0)

    def following() -> None:
        st.session_state[DIGIT] = (number + 1) % examples.DIGITS_SHOWN

    st.button("Next digit", icon=":material/skip_next:", on_click=following, key="start-next")
    show(BACKGROUND, examples.background(number), waiting)


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
    (MISTAKES, show_mistakes),
    (BACKGROUND, show_background),
    (LAYERS, show_layers),
)


def main() -> None:
    state.leave()
    state.begin("start")  # so that a page which is come back to arrives anew, with what the link says
    st.title("What the classifier looks at", anchor=False)
    st.markdown(
        "Four pages show what an image classifier looks at, and whether that is evidence: on your own pictures and "
        "models, offline. Try each of them here."
    )
    st.html(STYLE)
    places = {}
    for row in ROWS:
        for column, card in zip(st.columns(2, gap="small"), row, strict=True):
            with column.container(border=True, height="stretch", key=card.key):
                st.subheader(card.question, anchor=False)
                room, waiting = st.container(height="stretch"), st.empty()
            with waiting.container():
                st.skeleton(height=400)  # about what comes, so that little moves
                card.link()
            places[card] = (room, waiting)
    for card, draw in EXAMPLES:
        room, waiting = places[card]
        with room:
            draw(waiting)


main()
