"""For a class: what to look at on a page, with a question, and a game: guess where the model looks, then see."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np
import streamlit as st

import xai_core as xai
from app import kept
from app.controls import plain
from app.heads import PAGES
from xai_core import figures, studies
from xai_core.studies import GUESS_GRID, GuessScore
from xai_core.types.counts import number_of

# The browser keeps the marks and reports all of them each time: a quick hand is never behind the server, and none of
# its clicks is lost, as clicks reported one by one are when they come while the page runs.
_JS = """
export default function ({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".markable");
  const mark = (square, on) => {
    square.setAttribute("aria-pressed", on);
    square.classList.toggle("on", on);
  };
  if (root.shown !== data.html) {
    root.innerHTML = root.shown = data.html;
    root.querySelectorAll("[data-pick]").forEach((square) => mark(square, data.marks.includes(square.dataset.pick)));
  }
  root.onclick = (event) => {
    const square = event.target.closest("[data-pick]");
    if (!square) return;
    mark(square, square.getAttribute("aria-pressed") !== "true");
    const marked = [...root.querySelectorAll("[data-pick][aria-pressed=true]")];
    setStateValue("marks", marked.map((one) => one.dataset.pick));
  };
}
"""
_mount = st.components.v2.component("markable", html='<div class="markable"></div>', js=_JS)

_GUIDE, _GAMES = "guide", "guesses"  # session keys: the toggle; picture, model, layer and class -> its game


GUIDES = {one.page: one.guide for one in PAGES}


def offer() -> bool:
    """The switch of the guide, for the sidebar, and whether it is on."""
    return st.toggle(
        "Guide",
        key=_GUIDE,
        bind="query-params",
        help="For a class: what to look at on this page, a question, and its answer when you want it.",
    )


def guided() -> bool:
    """Whether the guide is on; true to the address only after `offer` was drawn."""
    return bool(st.session_state.get(_GUIDE, False))


def show(page: str) -> None:
    """The guide of a page of `GUIDES`, where it is on; the answer stays closed until it is opened."""
    if not guided():
        return
    guide = GUIDES[page]
    with st.container(border=True, key="guide-box"):
        left, right = st.columns([3, 2], gap="large")
        with left:
            st.markdown("## What to look at")
            st.markdown("\n".join(f"{number}. {text}" for number, text in enumerate(guide.look, start=1)))
        with right:
            st.markdown("## A question")
            st.markdown(guide.question)
            with st.expander("Show the answer"):
                st.markdown(guide.answer)


@dataclass
class _Game:
    """One guess: the squares marked, whether the map is shown, and whether it was ever; the first score counts.

    `turn` is counted up whenever the marks are wiped, so that the browser lets go of its own.
    """

    marks: set[int] = field(default_factory=set)
    turn: int = 0
    revealed: bool = False
    skipped: bool = False
    seen: bool = False
    first: GuessScore | None = None

    @property
    def over(self) -> bool:
        return self.revealed or self.skipped

    def mark(self, picks: Iterable[str]) -> None:
        """Take over the marks from the browser, "cell:17" and so on; what is none is passed over."""
        if not self.over:
            squares = {f"cell:{cell}": cell for cell in range(GUESS_GRID**2)}
            self.marks = {squares[pick] for pick in picks if pick in squares}

    def clear(self) -> None:
        self.marks, self.turn = set(), self.turn + 1

    def reveal(self, score: GuessScore) -> None:
        """Show the map; a guess counts only if the map had never been seen."""
        if not self.seen:
            self.first = score
        self.revealed = self.seen = True

    def skip(self) -> None:
        self.skipped = self.seen = True

    def again(self) -> None:
        self.clear()
        self.revealed = self.skipped = False


def _games() -> dict[str, _Game]:
    return kept.of_visitor(_GAMES)


def predict_then_reveal(
    key: str, sample: xai.Sample, heatmap: np.ndarray, overlay: Callable[[], np.ndarray], class_name: str
) -> bool:
    """The guessing game for one picture, and whether its maps may be shown.

    Until then the page must hold its maps back. Marking a square draws only the game again; revealing, skipping and
    beginning again run the whole page. Draw at most one game for a key.

    Parameters
    ----------
    key : says picture, model, layer and class; marks and outcome are kept for each
    sample : the picture as the model sees it, so that the map covers it edge to edge
    heatmap : float32 (h, w), raw and signed
    overlay : makes the map over the picture, uint8 (H, W, 3); called only once it may be seen
    class_name : that the map explains
    """
    _play(key, sample, heatmap, overlay, class_name)
    return _games().setdefault(key, _Game()).over


@st.fragment
def _play(
    key: str, sample: xai.Sample, heatmap: np.ndarray, overlay: Callable[[], np.ndarray], class_name: str
) -> None:
    game = _games().setdefault(key, _Game())
    short = hashlib.sha256(key.encode()).hexdigest()[:12]
    with st.container(border=True, key=f"guess-{short}"):
        st.markdown(f"## Where does the model look for {plain(class_name)}?")
        if game.skipped:
            bar = st.container(horizontal=True, vertical_alignment="center")
            bar.caption("Skipped: the maps are shown without a guess.")
            _offer_again(game, short, bar)
        else:
            left, right = st.columns([3, 2], gap="large")
            with left:
                if game.revealed:
                    _show_map(game, sample, heatmap, overlay)
                else:
                    _show_squares(game, short, sample)
            with right:
                if game.revealed:
                    st.markdown(plain(studies.guess_sentence(_score(game, heatmap))))
                    _offer_again(game, short, st.container(horizontal=True))
                else:
                    _offer_reveal(game, short, heatmap)
        _show_tally(short)


def _score(game: _Game, heatmap: np.ndarray) -> GuessScore:
    return studies.score_guess(heatmap, game.marks, GUESS_GRID)


def _show_squares(game: _Game, short: str, sample: xai.Sample) -> None:
    """The picture with squares to mark."""
    key = f"guess-picture-{short}-{game.turn}"
    html = figures.guess_html(sample.pixels, (), grid=GUESS_GRID, name=sample.name)  # the same whatever is marked
    marks = [f"cell:{cell}" for cell in sorted(game.marks)]
    _mount(
        key=key,
        data={"html": html, "marks": marks},
        on_marks_change=lambda: game.mark(st.session_state[key]["marks"] or ()),
    )


def _show_map(game: _Game, sample: xai.Sample, heatmap: np.ndarray, overlay: Callable[[], np.ndarray]) -> None:
    """The map over the picture, with the viewer's squares and the model's."""
    st.html(
        figures.guess_html(
            sample.pixels,
            game.marks,
            grid=GUESS_GRID,
            overlay=overlay(),
            strongest=_score(game, heatmap).strongest,
            name=sample.name,
        )
    )


def _offer_reveal(game: _Game, short: str, heatmap: np.ndarray) -> None:
    """What to do, and the buttons that do it."""
    st.markdown(
        "Mark the squares that you think speak for it, then reveal the map. The rest of the page comes with it."
    )
    count = len(game.marks)
    st.caption(f"{number_of(count, 'square')} marked. Click a square again to unmark it.")
    bar = st.container(horizontal=True)
    if bar.button(
        "Reveal", key=f"guess-reveal-{short}", type="primary", icon=":material/visibility:", disabled=not game.marks
    ):
        game.reveal(_score(game, heatmap))
        st.rerun()  # the whole page: it held its maps back
    bar.button("Clear", key=f"guess-clear-{short}", on_click=game.clear, disabled=not game.marks)
    if bar.button(
        "Skip", key=f"guess-skip-{short}", type="tertiary", help="Show the maps without a guess; it does not count."
    ):
        game.skip()
        st.rerun()


def _offer_again(game: _Game, short: str, place: st.delta_generator.DeltaGenerator) -> None:
    """Hide the maps and guess once more."""
    if place.button(
        "Again",
        key=f"guess-again-{short}",
        icon=":material/replay:",
        help="Hides the maps and guesses once more. The score keeps what was guessed before the map was first seen.",
    ):
        game.again()
        st.rerun()


def _show_tally(short: str) -> None:
    """The score over all guesses of this session."""
    scores = [game.first for game in _games().values() if game.first is not None]
    if not scores:
        return
    bar = st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute")
    bar.caption(studies.guesses_sentence(scores), width="content")
    if bar.button(
        "Start over",
        key=f"guess-reset-{short}",
        type="tertiary",
        icon=":material/restart_alt:",
        help="Forgets all guesses and the score, for the next player.",
    ):
        # Counted on, or a picture that is still being marked would keep its marks in the browser.
        _games().update({key: _Game(turn=game.turn + 1) for key, game in _games().items()})
        st.rerun()
