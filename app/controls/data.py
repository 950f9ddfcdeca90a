"""The pictures to look at: the included ones, a folder, a record, an upload."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import streamlit as st

import xai_core as xai
from app import access, by_hand, cache, defaults, paths, state
from app.controls.downloads import download
from app.controls.edited import leave_out
from app.controls.files import DATA_OF_BOARD, WHOLE_OF_BOARD
from app.controls.files_read import choose_reading, show_reading
from app.controls.listing import show_listing
from app.controls.missing import show_missing, warn_of_missing
from app.controls.running import show_running
from app.controls.text import plain
from app.controls.uploads import uploaded
from xai_core.batch.grid_folder import is_grid
from xai_core.batch.opening import is_record
from xai_core.batch.store import is_study
from xai_core.data import at_places, option_address
from xai_core.questions import get_question
from xai_core.roles import Role
from xai_core.studies.words import listed
from xai_core.types import Setting
from xai_core.types.counts import number_of

FOLDER, UPLOADS = "folder", "uploads"
ONLY = "only"  # places of the pictures that are looked at, where not all are
DEFAULT_PICTURES = 32
_VIEWS = Path(__file__).parents[1] / "views"


def choose_data(
    default: str | None = None, most: int = DEFAULT_PICTURES, split: str | None = None
) -> xai.Dataset | None:
    """The pictures to look at, or None with the reason shown.

    Parameters
    ----------
    default : key of the data set that a page begins with
    most : how many pictures it begins with, at most
    split : the split that it begins with, where there is one of that name
    """
    known = {info.key: info for info in xai.list_datasets()}
    titles = {key: info.title for key, info in known.items()} | {FOLDER: by_hand.FOLDER, UPLOADS: "Upload"}
    warn_of_missing("data", "Pictures", titles.values())
    source = st.selectbox(
        "Pictures",
        list(titles),
        index=list(titles).index(default) if default else 0,
        format_func=titles.__getitem__,
        key="data",
        bind="query-params",
    )
    state.note("data", titles[source])
    state.board().pop(DATA_OF_BOARD, None)
    try:
        if source == UPLOADS:
            found = _from_uploads()
        elif source == FOLDER:
            found = _from_folder()
        elif not known[source].on_disk:
            download(known[source])
            found = None
        else:
            found = _from_list(known[source], split)
        if found is None:
            return None
        state.board()[WHOLE_OF_BOARD] = found
        found = _only(found)
        chosen = found if source == UPLOADS else _choose_some(found, most)  # of uploads all that were dropped
        state.board()[DATA_OF_BOARD] = chosen
        return chosen
    except xai.XaiError as error:
        show_missing(error)
        return None


def data_in_words(data: xai.Dataset) -> str:
    """The title of what is chosen, and its split where it has several: the same model may fare otherwise on another."""
    part = st.session_state.get("part") if data.key in {one.key for one in xai.list_datasets() if one.splits} else ""
    return f"{data.title}, {part} split" if part else data.title


def _from_folder() -> xai.Dataset | None:
    """The pictures of a folder or of a record, or None with the reason shown."""
    path = st.text_input(
        "Path",
        key="path",
        placeholder="/home/me/pictures",
        help="One folder for each class, Tiny ImageNet's own layout, or just pictures; images/ and masks/ side "
        "by side, a VOCdevkit, or a table of labels (CSV) beside its pictures, or the table itself; or the record of a "
        "training, whose test pictures are taken.",
        bind="query-params",
    ).strip()
    if not path:
        st.caption("Type the path of a folder or a table on the computer that runs this page.")
        return None
    state.note("path", path)
    path = str(paths.allowed(path))
    if is_study(path):
        _offer_study(path)
        return None
    if is_grid(path):
        _offer_grid(path)
        return None
    if is_record(path):
        stamp = cache.stamps.run_stamp(path)
        return cache.runs.run_pictures(f"{path}:{stamp}", cache.runs.run(path, stamp))
    try:
        looked = cache.listing.looked(path)
    except cache.listing.Unlisted as waiting:
        _choose_split(())  # what an address asks for stays asked for
        show_listing(waiting.job)
        return None
    part = _choose_split(looked.splits)
    try:
        panel = choose_reading()
        with panel.choices:
            options = _choose_options(looked.options)
        found = cache.listing.dataset(path, part or None, looked.watched.stamp, (*options, *panel.options))
    except cache.listing.Unlisted as waiting:
        show_listing(waiting.job)
        return None
    show_reading(panel, found)
    return found


def _choose_split(there: Sequence[str]) -> str:
    """One of a folder's splits, or nothing for the first; not asked for where there are none and no link names one."""
    if not there and not st.session_state.get("split", st.query_params.get("split")):
        return ""
    part = st.text_input(
        "Split",
        key="split",
        placeholder=there[0] if there else None,
        help=f"This folder has {listed(there)}. Empty takes {there[0]}." if there else "This folder has no splits.",
        bind="query-params",
    ).strip()
    state.note("split", part)
    return part


def _from_uploads() -> xai.Dataset | None:
    """The pictures that were dropped, or None where there are none."""
    files = uploaded()
    if not files:
        return None
    panel = choose_reading()
    found = xai.from_uploads(files, **dict(panel.options))
    show_reading(panel, found)
    return found


def _choose_options(offered: Sequence[Setting]) -> tuple[tuple[str, Any], ...]:
    """The options of a data set's kind, as (key, value)."""
    chosen = []
    for option in offered:
        place = option_address(option)
        if option.choices:
            warn_of_missing(place, option.title, map(option.name_of, option.choices))
            value = st.segmented_control(
                option.title,
                list(option.choices),
                format_func=option.name_of,
                default=option.default,
                required=True,
                wrap=True,
                key=place,
                bind="query-params",
                help=option.help or None,
            )
        else:
            kind = type(option.default)
            value = st.number_input(
                option.title,
                kind(option.low),
                kind(option.high),
                option.default,
                kind(option.step) or None,
                key=place,
                bind="query-params",
                help=option.help or None,
            )
        state.note(place, option.name_of(value))
        chosen.append((option.key, value))
    return tuple(chosen)


def _from_list(info: xai.DatasetInfo, split: str | None) -> xai.Dataset:
    """A data set that is known, and its split."""
    chosen = None
    if info.splits:
        warn_of_missing("part", "Split", info.splits)
        chosen = st.segmented_control(
            "Split",
            info.splits,
            default=split if split in info.splits else info.splits[0],
            required=True,
            wrap=True,
            key="part",
            bind="query-params",
        )
        state.note("part", chosen)
    options = _choose_options(info.options)
    panel = choose_reading(())
    found = cache.data.dataset(info.key, chosen, options)
    show_reading(panel, found)
    return found


def _only(found: xai.Dataset) -> xai.Dataset:
    """The pictures that an address names by their places, such as a group of Discovery; else all of them."""
    if not st.session_state.get(ONLY, st.query_params.get(ONLY)):
        return found
    text = st.text_input(
        "Only these pictures",
        key=ONLY,
        bind="query-params",
        help="Places in the data set, such as 0-9,12: a group that was opened from Discovery, or your own choice. "
        "Empty takes all pictures.",
    ).strip()
    if not text:
        return found
    state.note(ONLY, text)
    st.button("All pictures", on_click=_all_pictures, icon=":material/select_all:", type="tertiary")
    some = at_places(found, text)
    st.caption(f"{len(some):,} of the {number_of(len(found), 'picture')} of this data set.")
    return some


def _all_pictures() -> None:
    st.session_state[ONLY] = ""
    leave_out()  # the edits are of one picture


def _choose_some(found: xai.Dataset, most: int) -> xai.Dataset:
    """The labels and the number of pictures wanted."""
    labels: list[str] = []
    also = [name] if (name := state.also()) else []
    if len(found.labels) > 1:
        warn_of_missing("labels", "Labels", found.labels)
        labels = st.multiselect(
            "Labels", found.labels, key="labels", placeholder=f"all {len(found.labels)}", bind="query-params"
        )
        state.note("labels", labels)
    there = found.choose(labels or None, also=also)
    if len(there) > 1:
        defaults.reset_on_change("n", found.key, min(most, len(there)))
        at_first = min(most, len(there))
        more = f"Looking at more than {number_of(at_first, 'picture')}"
        sentence = access.refusal(Role.COMPUTE, more) if at_first < len(there) else ""
        limit = st.number_input(
            f"How many of {len(there):,}",
            1,
            at_first if sentence else len(there),
            at_first,
            key="n",
            help=f"Labels take turns, so that each has its share. This page begins with {most:,} at most, so that you "
            "need not wait long for its answer; more pictures take longer and make the intervals narrower.",
            bind="query-params",
        )
        if sentence:
            limit = min(limit, at_first)  # a browser can send any number
            st.caption(plain(sentence))
        some = found.choose(labels or None, int(limit), also)
        if guest := state.guest(len(some) - int(limit)):
            st.caption(f"and {plain(guest)}, which you brought along")
        return some
    return there


def _offer_study(path: str) -> None:
    """Open a batch study in place of its folder: the page and all choices that it was made with."""
    found = cache.study_folders.study(path)
    page, address = found.address
    if not page:
        show_running(path)
        return
    if not (page.isidentifier() and (_VIEWS / f"{page}.py").is_file()):
        st.caption("This folder holds a batch study, but the page that it names is none of these.")
        return
    st.caption("This folder holds a batch study. Its page opens with its results.")
    st.button(
        "Open the study", on_click=state.go, args=(page, {**address, "study": path}), type="primary", width="stretch"
    )


def _offer_grid(path: str) -> None:
    """Open a grid of studies in place of its folder."""
    question = get_question(cache.study_folders.grid(path).kind)
    st.caption("This folder holds a grid of studies. Its page compares them.")
    st.button(
        "Open the grid", on_click=state.go, args=(question.page, {"study": path}), type="primary", width="stretch"
    )
