"""What stays chosen across pages: data, model and picture; and the address that restores it.

An address is the one way in: a link, the sidebar's navigation and "Open in" all end as query parameters of the page,
which its widgets read. Widgets of one page are forgotten on the next, so what was chosen is kept here as an address.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from app import by_hand, former
from xai_core.data import data_options, option_address
from xai_core.shipped import RUNS
from xai_core.types.model_settings import MODEL_SETTINGS

Address = dict[str, str | list[str]]
Pictures = Sequence[tuple[str, str]]  # (content id, name)

# Widget keys, which are also parameters of the address, that mean the same on every page.
DATA_KEYS = ("data", "path", "split", "part", *map(option_address, data_options()), "only", "labels")
MODEL_KEYS = ("model", "weights", "arch", "classes", *(one.address for one in MODEL_SETTINGS))
TARGET_KEYS = ("target", "class")
LOOK_KEYS = ("guide", "present", "charts", "study")
SHARED = (*DATA_KEYS, *MODEL_KEYS, *TARGET_KEYS, *LOOK_KEYS)
OWN = ("n", "layer", "method")  # widget keys of several pages that mean something else on each
PICTURE = "picture"
EDITS = "edit"  # of a picture, on every page
START = "start"
EVOLUTION = "training_evolution"  # the page of recorded trainings: it has a run in place of data and model

# Session keys
_PAGE = "page that is shown"
_NEXT = "address to arrive with"
_LEAVING = "page to open"
_ARRIVING = "arriving with an address"
_ASKED = "what the address asked for"
_ADDRESS = "address of this run"
_CARRIED = "address that goes along"
_CHOSEN = "chosen picture"  # (content id or empty, name)
_PICKED = "picture was picked by hand"
_ALSO = "picture that comes along beyond the limit"
_LOOKS = "how pages are looked at"
_MISSING = "picture that is not there, in a sentence"
_LINKED = "a link led here"
_BOARD = "what the page shows"
_GUEST = "picture beyond the number"
_ORDER = "pictures in the order of the page"
_OWNED = "keys that a page made"


def begin(page: str) -> None:
    """First of all on a page, named as its file in views/: arrive with what was chosen elsewhere.

    The address, where it says anything about data or model, has the last word.
    """
    arrived = st.session_state.get(_PAGE) != page
    st.session_state[_PAGE] = page
    if arrived:
        st.session_state.pop(_MISSING, None)
        pending = st.session_state.pop(_NEXT, None)
        linked = pending is None and address_says()
        st.session_state[_LINKED] = linked
        if pending is None and not linked:
            pending = _fit(page, (st.session_state.get(_CARRIED) or {}) | looks())
        said = {key: st.query_params.get_all(key) for key in st.query_params}
        meant = by_hand.spelled_out(former.renamed(said))
        if not pending:  # a parameter without a value would leave a choice empty that must be made
            tidy = {key: values for key, values in meant.items() if any(values)}
            pending = tidy if tidy != said else None
        if pending is not None:  # it may be what a study on disk says, which is anybody's
            st.session_state[_ARRIVING] = True
            st.switch_page(f"views/{page}.py", query_params=by_hand.spelled_out(former.renamed(pending)))
    if st.session_state.pop(_ARRIVING, False) or arrived:
        st.session_state[_ASKED] = {key: st.query_params.get_all(key) for key in st.query_params}
        st.session_state.pop(_ORDER, None)
        # Widgets of the same key on the page before would else speak for this one.
        for key in (*SHARED, *OWN, *st.session_state.pop(_OWNED, ())):
            st.session_state.pop(f"{key} was for", None)
            st.session_state.pop(key, None)
        if asked := st.query_params.get(PICTURE):
            st.session_state[_ALSO] = asked
            if st.session_state.get(_CHOSEN, ("", ""))[1] != asked:
                st.session_state[_CHOSEN] = ("", asked)
    st.session_state[_ADDRESS] = {}
    st.session_state[_GUEST] = ""


def address_says() -> bool:
    """Whether the address says anything of data, model and picture."""
    return any(key in st.query_params for key in (*DATA_KEYS, *MODEL_KEYS, PICTURE))


def is_at(page: str) -> bool:
    """Whether it is this page that is shown."""
    return bool(st.session_state.get(_PAGE) == page)


def arrived_by_link() -> bool:
    """Whether an address led to the page and nobody has asked since: a link says what to show, as *Run* does."""
    return bool(st.session_state.pop(_LINKED, False))


def own(key: str) -> None:
    """Let a widget, whose key is not known beforehand, start from its default on the next page."""
    st.session_state.setdefault(_OWNED, set()).add(key)


def asked(key: str) -> list[str]:
    """What the address asked for on arriving at this page, as text."""
    return list(st.session_state.get(_ASKED, {}).get(key, []))


def looks() -> Address:
    """How the pages are looked at, as in an address: guide, no sidebar, charts as SVG, from a study."""
    return dict(st.session_state.get(_LOOKS, {}))


def note(key: str, value: str | Sequence[str] | None) -> None:
    """What a shared widget says now, as the text that it has in an address."""
    st.session_state[_ADDRESS].pop(key, None)
    if value:
        st.session_state[_ADDRESS][key] = value if isinstance(value, str) else list(value)
    if key in LOOK_KEYS:
        there = looks()
        there.pop(key, None)
        st.session_state[_LOOKS] = there | ({key: st.session_state[_ADDRESS][key]} if value else {})


def keep(defaults: Mapping[str, str]) -> None:
    """Let what is chosen go along to the other pages, once it differs from what this page begins with."""
    now: Address = st.session_state[_ADDRESS]
    before: Address | None = st.session_state.get(_CARRIED)
    chosen = before is not None or st.session_state.get(_PICKED) or asked(PICTURE)
    if not chosen and all(now.get(key) == value for key, value in defaults.items()):
        return
    same_model = before is not None and before.get("model") == now.get("model")
    st.session_state[_CARRIED] = {k: v for k, v in (before or {}).items() if k in TARGET_KEYS and same_model} | now


def keep_as(address: Address | None) -> None:
    """Let what a page without data and model of its own shows go along, once a picture was chosen on it."""
    if address and _CARRIED not in st.session_state and (st.session_state.get(_PICKED) or asked(PICTURE)):
        name = picture_name()
        st.session_state[_CARRIED] = address | ({PICTURE: name} if name else {})


def let_go() -> None:
    """Let every page begin with its own example again."""
    for key in (_CARRIED, _CHOSEN, _PICKED, _ALSO, _LOOKS):
        st.session_state.pop(key, None)


def goes_along() -> bool:
    """Whether something chosen goes along from page to page."""
    return _CARRIED in st.session_state


def address_for(page: str) -> Address | None:
    """What this page shows, as far as another one can show it; None where it cannot."""
    here: Address = dict(st.session_state.get(_CARRIED) or {}) | dict(st.session_state.get(_ADDRESS, {}))
    here.pop(PICTURE, None)  # it is that of the moment when the page opens
    there = _fit(page, here)
    return None if page == EVOLUTION and "run" not in there else there


def _fit(page: str, address: Address) -> Address:
    """An address as a page understands it: the start page takes none, and a training is found by its model."""
    if page == START:
        return {}
    if page != EVOLUTION:
        return address
    looks = {key: value for key, value in address.items() if key in (*LOOK_KEYS, PICTURE)}
    of_a_run = address.get("model") in {title for title, _ in RUNS.values()}
    return looks | ({"run": address["model"]} if of_a_run else {})


def go(page: str, address: Address) -> None:
    """Open another page at an address, with the picture where it names none (a callback: before the page draws)."""
    name = picture_name()
    st.session_state[_NEXT] = ({PICTURE: name} if name else {}) | address
    st.session_state[_LEAVING] = page


def is_leaving() -> bool:
    """Whether `go` said where to go."""
    return bool(st.session_state.get(_LEAVING))


def leave() -> None:
    """Go where `go` said, if it did; before anything is drawn."""
    page = st.session_state.get(_LEAVING)
    if page and page == st.session_state.get(_PAGE):
        # Widgets keep what they say as long as one stays on their page, whatever the address says.
        st.session_state[_PAGE] = START
        st.switch_page(f"views/{START}.py", query_params={})
    if page:
        del st.session_state[_LEAVING]
        st.switch_page(f"views/{page}.py", query_params={})  # without any, it refuses to drop those of widgets


def board() -> dict[str, Any]:
    """What the page shows now, for its report: fragments put it there, and a download, which has no session, reads it.

    The same dictionary for the whole session.
    """
    return st.session_state.setdefault(_BOARD, {})


def link() -> str:
    """The page and its settings as they stand in the address, without the server's name."""
    there = {key: st.query_params.get_all(key) for key in st.query_params}
    return f"{st.session_state.get(_PAGE, '')}?{urlencode(there, doseq=True)}".removesuffix("?")


def picture() -> str | None:
    """The content id of the picture that stands out, if it is known."""
    return st.session_state.get(_CHOSEN, ("", ""))[0] or None


def picture_name() -> str | None:
    """Its name."""
    return st.session_state.get(_CHOSEN, ("", ""))[1] or None


def guest(beyond: int) -> str:
    """The name of the picture that was brought along, where `beyond` says that it is one more than was asked for."""
    st.session_state[_GUEST] = (also() or "") if beyond > 0 else ""
    return str(st.session_state[_GUEST])


def brought() -> str:
    """The picture that is among the page's only since somebody brought it along, or nothing."""
    return str(st.session_state.get(_GUEST, ""))


def also() -> str | None:
    """The name of a picture that belongs to the page's pictures although it comes after the last of them."""
    return st.session_state.get(_ALSO)


def choose_picture(sample_id: str | None, name: str | None = None, *, by_hand: bool = True) -> None:
    """Let a picture stand out, or none; its name, where it is not given, is that among the page's pictures."""
    if sample_id is None:
        st.session_state.pop(_CHOSEN, None)
        st.query_params.pop(PICTURE, None)
        return
    if name is None:
        name = next((known for found, known in order() if found == sample_id), "")
    st.session_state[_CHOSEN] = (sample_id, name)
    st.session_state[_PICKED] = st.session_state.get(_PICKED, False) or by_hand
    if by_hand:
        st.session_state.pop(_MISSING, None)
    if name:
        if st.query_params.get(PICTURE) != name:  # what is there already would be sent and reach the next page
            st.query_params[PICTURE] = name
        carried = st.session_state.get(_CARRIED)
        if carried is not None and (by_hand or name in asked(PICTURE)):  # not one that a page begins with
            carried[PICTURE] = name


def settle(pictures: Pictures) -> str:
    """Find the picture of the address among those of the page; says in a sentence if it is not there.

    The sentence stays until another picture is chosen by hand. A content id may stand for the name.
    """
    st.session_state[_ORDER] = list(pictures)
    sample_id, name = st.session_state.get(_CHOSEN, ("", ""))
    if name or sample_id:
        found = next((one for one in pictures if one[0] == sample_id), None)
        found = found or next((one for one in pictures if name in (one[1], one[0])), None)
        if found:
            choose_picture(*found, by_hand=False)
        else:
            choose_picture(None)
            if name in asked(PICTURE):
                st.session_state[_MISSING] = f"The picture {name} is not among these pictures."
    return st.session_state.get(_MISSING, "")


def set_order(pictures: Pictures) -> None:
    """The pictures that Previous and Next walk through."""
    st.session_state[_ORDER] = list(pictures)


def order() -> list[tuple[str, str]]:
    """The pictures of the page in its order, as (content id, name)."""
    return list(st.session_state.get(_ORDER, []))


def step(by: int) -> None:
    """The next picture, or the one before; round and round."""
    pictures = order()
    if not pictures:
        return
    at = next((i for i, one in enumerate(pictures) if one[0] == picture()), -1 if by > 0 else 0)
    choose_picture(*pictures[(at + by) % len(pictures)])
