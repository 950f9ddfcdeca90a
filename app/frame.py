"""What stands around every page: its title, the picture that goes along, where else to see it, link, help, guide."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from functools import partial
from types import MappingProxyType
from typing import Any, TypeVarTuple

import streamlit as st

import xai_core as xai
from app import charts, controls, kept, notices, state, teaching
from app.contents import show_contents
from app.controls import plain
from app.copied import LINK
from app.glossary import SHORTCUTS, TERMS, show_glossary
from app.grid.page import show_if_grid
from app.heads import HEADS, OPENED
from app.study_link import open_linked, say_study
from xai_core import reports
from xai_core.questions import QUESTIONS
from xai_core.studies.words import listed
from xai_core.types.counts import number_of

Given = TypeVarTuple("Given")
PAGES = {question.page: question for question in QUESTIONS}
_HEADS = {head.page: head for head in HEADS}
_DRAWN = "picture in the bar"  # session key
_GLOSSARY = "glossary tab"  # session key
_NAMED = 3  # labels in the head of a report; of more, their number
# Larger type and nothing beside the page; the tools stay, so that one finds back. On a narrow window the words of a
# chart keep their size: larger, they would lie over one another.
_PRESENT = """<style>
[data-testid="stSidebar"],[data-testid="stExpandSidebarButton"],[data-testid="stSidebarCollapsedControl"],
[data-testid="stToolbar"]{display:none!important}
html{font-size:19px}.stApp{--card:180px}
@media (min-width:1000px){
.js-plotly-plot text:not(.legendtext){font-size:16px!important}
.js-plotly-plot .main-svg{overflow:visible!important}
.stMainBlockContainer{padding:1.5rem 3rem 3rem!important}
}
</style>"""


def begin(page: str, *, tools: bool = True) -> None:
    """Title and tools of a page.

    Parameters
    ----------
    page : its file in views/, without its ending
    tools : whether it has *Present*, the guide, its link and its shortcuts; a phone that votes needs none of them
    """
    state.leave()
    open_linked(page)
    state.begin(page)
    st.session_state[_DRAWN] = None  # the bar is still to be drawn
    for key in (
        controls.ABSENT_OF_BOARD,
        controls.DATA_OF_BOARD,
        controls.MODEL_OF_BOARD,
        controls.EDITED_OF_BOARD,
        controls.MISSING_OF_BOARD,
        controls.CHOOSE_OF_BOARD,
        controls.UPLOADER_OF_BOARD,
        controls.WAITS_OF_BOARD,
        controls.NAMELESS_OF_BOARD,
    ):  # of another page, or of what was chosen before
        state.board().pop(key, None)
    question = PAGES.get(page) or _HEADS[page]
    head = st.container(horizontal=True, vertical_alignment="center", gap="small")
    head.title(question.title, anchor=False, width="content")
    if not tools:
        return
    head.space("stretch")
    with head.container(horizontal=True, vertical_alignment="center", gap="small", width="content"):
        _offer_tools(page)
    if presenting():
        st.html(_PRESENT)
    st.markdown(question.question)
    if opened := st.session_state.pop(_GLOSSARY, ""):
        show_glossary(opened)
    notices.of_plugins()
    if show_if_grid(page):
        st.stop()
    say_study()
    teaching.show(page)
    state.board()[controls.UPLOADER_OF_BOARD] = st.empty()


def _offer_tools(page: str) -> None:
    """How the page is looked at, its link, and what terms mean and keys do."""
    st.toggle("Present", key="present", bind="query-params", help="Larger, and without the sidebar: for a projector.")
    guided = teaching.offer()
    LINK(key=f"link-{page}", on_help_change=partial(_ask, SHORTCUTS), height="content", width="content")
    st.button("Glossary", on_click=_ask, args=(TERMS,), icon=":material/menu_book:", key="help", type="tertiary")
    for key, on in (("present", presenting()), ("guide", guided)):
        state.note(key, "true" if on else None)


def place_of_bar() -> st.delta_generator.DeltaGenerator:
    """The place for `picture_bar`, which is filled when the pictures are known."""
    return st.container(key="bar")


@st.fragment
def show_body(show: Callable[[st.delta_generator.DeltaGenerator, *Given], None], *args: *Given) -> None:
    """All of a page that follows from what its sidebar says: to go from picture to picture draws no more than this.

    A click within a fragment waits for the run that is under way, where one on the page ends it: a page with bars of
    progress among its sections is drawn as a whole.

    Parameters
    ----------
    show : draws it; gets the place for `picture_bar`, and `args`
    """
    if state.is_leaving():
        st.rerun()  # of the whole page: widgets hold on to the address until it begins anew
    show(place_of_bar(), *args)


def presenting() -> bool:
    """Whether the page is shown to a room: it begins with its pictures then, before the sentences and the controls."""
    return bool(st.session_state.get("present"))


def _ask(tab: str) -> None:
    st.session_state[_GLOSSARY] = tab


def picture_bar(
    place: st.delta_generator.DeltaGenerator, page: str, opens: Callable[[str], state.Address | None] | None = None
) -> None:
    """The picture that stands out, the one before and the next, and where else it can be seen.

    Parameters
    ----------
    opens : page -> its address, where it is not simply that of this page; None where it cannot be shown there
    """
    pictures = state.order()
    st.session_state[_DRAWN] = _in_the_bar()
    with place.container(horizontal=True, vertical_alignment="center", gap="small", key="picture-bar"):
        if pictures:
            st.button(
                "Previous",
                on_click=state.step,
                args=(-1,),
                icon=":material/chevron_left:",
                key="previous",
                shortcut="P",
            )
            st.button("Next", on_click=state.step, args=(1,), icon=":material/chevron_right:", key="next", shortcut="N")
            at = next((i for i, one in enumerate(pictures) if one[0] == state.picture()), None)
            said = number_of(len(pictures), "picture") if at is None else f"{at + 1:,} of {len(pictures):,}"
            name = f"**{plain(known)}** · " if (known := state.picture_name()) else ""
            st.markdown(name + said, width="content")
        _open_in(page, opens)
        if state.goes_along():
            st.button(
                "Reset",
                on_click=_anew,
                icon=":material/restart_alt:",
                key="anew",
                type="tertiary",
                help="Back to the start: every page begins with its own example again, and answers, rounds, guesses "
                "and edits are forgotten. Uploads stay, and so do names of groups.",
            )
        show_contents()  # last: where the row is too narrow for all, its words go into one of their own
    absent = state.board().get(controls.ABSENT_OF_BOARD, {})
    with place:  # the sidebar, which says it, too, is closed on a phone
        for said in absent.values():
            controls.show_absent(said)
        controls.offer_names()
    if edited := state.board().get(controls.EDITED_OF_BOARD):
        place.info(plain(edited), icon=":material/brush:")


def _open_in(page: str, opens: Callable[[str], state.Address | None] | None) -> None:
    """The other pages, with what is shown on this one."""
    with st.popover("Open in", icon=":material/open_in_new:"):
        st.caption("With this picture, these pictures and this model.")
        for other, question in OPENED.items():
            if other == page:
                continue
            address = (opens or state.address_for)(other)
            st.button(
                question.title,
                on_click=_go,
                args=(other, opens or state.address_for),
                icon=question.icon,
                key=f"open-{other}",
                type="tertiary",
                disabled=address is None,
                help=None
                if address is not None
                else "There is no recorded training of this model."
                if opens is None
                else "This record keeps no weights.",
            )


def offer_export(
    name: str,
    make: Callable[[dict[str, Any]], reports.Report],
    files: Mapping[str, controls.File] = MappingProxyType({}),
    charted: bool = True,
) -> None:
    """The page as a report that opens without a network, that with all its numbers, and other files of it.

    Parameters
    ----------
    name : begins the names of the report's files
    make : gets `state.board()`, since there is no session where it runs
    files : what else can be taken from the page, as for `controls.offer_files`
    charted : whether the page has charts, whose format can be chosen
    """
    with st.container(horizontal=True, vertical_alignment="center"):
        st.header("Export", anchor=False, width="content")
        if charted:
            charts.offer_format()
    board = state.board()
    board["address"] = state.link()
    labels = st.query_params.get_all("labels")
    of = listed(labels) if 0 < len(labels) <= _NAMED else number_of(len(labels), "label") if labels else ""

    def made() -> reports.Report:
        data: xai.Dataset | None = board.get(controls.DATA_OF_BOARD)
        report = make(board)
        about = (report.subject, of) if data is None else (data.title, of)
        subject = " · ".join(filter(None, (*about, f"{date.today():%d %B %Y}")))
        return replace(report, reading=() if data is None else data.how_read, subject=subject)

    controls.offer_files(
        {
            "Report (HTML)": (f"{name}-report.html", "text/html", lambda: reports.to_html(made())),
            "Report and numbers (ZIP)": (f"{name}.zip", "application/zip", lambda: reports.to_zip(made())),
            **files,
        }
    )


def follow() -> None:
    """Within a fragment: run the whole page again when picture or order are others now, so that all of it follows."""
    drawn = st.session_state.get(_DRAWN)
    if drawn is not None and drawn != _in_the_bar():
        st.rerun()


def _in_the_bar() -> tuple[str, int]:
    """The picture that stands out, and what tells one order from another."""
    return state.picture_name() or "", hash(tuple(state.order()))


def _go(page: str, opens: Callable[[str], state.Address | None]) -> None:
    """Open a page with what is shown at that moment: fragments change it, and do not draw the bar again."""
    state.go(page, (opens(page) or {}) | state.looks())


def _anew() -> None:
    state.let_go()
    kept.forget()
    state.go(state.START, {})
