"""The attribution method and its settings, as its record describes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

import numpy as np
import streamlit as st

import xai_core as xai
from app import state
from app.controls.missing import warn_of_missing
from app.controls.text import plain
from xai_core.methods import DEFAULT, method_groups, usable_methods
from xai_core.questions.choices import METHOD
from xai_core.questions.question import Question
from xai_core.studies import uncapitalised
from xai_core.types import Method, Setting
from xai_core.types.counts import number_of

_FEW = 4  # choices that stand side by side
_MANY = 6  # methods in one list


def choose_method(
    question: Question, model: xai.Classifier, key: str = METHOD.address, given: Method | None = None
) -> Method | None:
    """One of the methods whose maps can answer a question, the default first; None where there is none.

    Parameters
    ----------
    question : Question
    model : Classifier
    key : str
        Of the control; a page that asks for one method has it in its address.
    given : Method, optional
        Maps that were made elsewhere, which are offered as well.
    """
    suits = question.suits or (lambda method: True)
    there = usable_methods(model) if given is None else (*usable_methods(model), given)
    offered = [method for method in there if suits(method)]
    if not offered:
        return None
    known = {method.key: method for method in offered}
    default = DEFAULT if DEFAULT in known else next(iter(known))
    titles = {key: method.title for key, method in known.items()}
    in_address = key == METHOD.address
    if in_address:
        warn_of_missing(METHOD.address, METHOD.title, titles.values())
    if st.session_state.get(key) not in (None, *known):  # one that cannot explain this model
        st.session_state[key] = default
    if st.session_state.get(key, default) is None:  # it was cleared
        del st.session_state[key]
    listed = _of_a_kind(offered, known, default, key)
    chosen = st.selectbox(
        METHOD.title,
        listed,
        index=listed.index(default) if default in listed else None,  # a value that is the index is in no address
        key=key,
        format_func=titles.__getitem__,
        bind="query-params" if in_address else None,
        help=METHOD.help,
    )
    method = known[str(chosen)]
    if method.caution:
        st.caption(about_method(method))
    return method


def about_method(method: Method) -> str:
    """Whose it is, with a link to the paper, what it equals, and what is known against it, as Markdown."""
    paper = f"[{plain(method.paper)}]({method.link})" if method.link else plain(method.paper)
    equal = f" Equal to {method.reference}." if method.reference else ""
    return f"{plain(method.title)} ({paper}): {plain(method.caution)}{plain(equal)}"


def _of_a_kind(offered: Sequence[Method], known: Mapping[str, Method], default: str, key: str) -> list[str]:
    """Keys of the methods of the chosen kind, where there are so many that a list of all is hard to read.

    The method alone stands in the address: it says which kind is shown.
    """
    groups, kind_key = {group.key: group for group in method_groups(offered)}, f"{key}-kind"
    if len(offered) <= _MANY or len(groups) < 2:
        return list(known)
    asked = {known[key].title: key for key in known}.get(str(st.query_params.get(key)))
    chosen = st.session_state.get(key) or asked or default
    st.session_state[kind_key] = next(key for key, group in groups.items() if known[chosen] in group.methods)

    def follow() -> None:
        methods = groups[st.session_state[kind_key]].methods
        st.session_state[key] = methods[0].key

    kind = st.selectbox(
        "Kind of method",
        list(groups),
        key=kind_key,
        format_func=lambda key: groups[key].title,
        on_change=follow,
        help=" ".join(f"{group.title}: {group.help}" for group in groups.values()),
    )
    listed = [one.key for one in groups[kind].methods]
    if default not in listed and st.session_state.get(key) is None:
        st.session_state[key] = chosen if chosen in listed else listed[0]
    return listed


def choose_settings(method: Method, model: xai.Classifier, start: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A control for each setting of a method; gives those that differ from its defaults.

    Parameters
    ----------
    method : Method
    model : Classifier
        Some defaults depend on it.
    start : Mapping[str, object], optional
        The values that the controls begin with, where they are not the defaults.
    """
    shown = offered_settings(method, model)
    if not shown:
        return {}
    st.caption(f"**{plain(method.title)}**")
    defaults = method.defaults(model)
    begin = defaults | dict(start or {})
    chosen = {one.key: _choose(method, one, begin[one.key]) for one in shown}
    return {key: value for key, value in chosen.items() if value != defaults[key]}


def offered_settings(method: Method, model: xai.Classifier) -> list[Setting]:
    """Settings of a method that are a choice for a model, on the machine that it runs on."""
    return [one for one in method.settings if one.offered is None or one.offered(model)]


def quality_in_words(heatmaps: xai.Heatmaps) -> str:
    """Numbers that tell how good the maps are, where a method gives any, for captions: means over pictures."""
    said = []
    for name, values in (heatmaps.quality or {}).items():
        known = values[np.isfinite(values)]
        if len(known):
            said.append(f" · {name} {known.mean():.3f} on average over {number_of(len(known), 'picture')}")
    return "".join(said)


def settings_in_words(method: Method, settings: Mapping[str, Any]) -> str:
    """Settings that differ from the defaults, for captions; empty where none does."""
    return ", ".join(
        f"{uncapitalised(one.title)} {one.name_of(settings[one.key])}" for one in method.settings if one.key in settings
    )


def _choose(method: Method, setting: Setting, value: Any) -> Any:
    key = setting.address or f"{method.key}-{setting.key}"
    state.own(key)
    help_ = setting.help or None
    if not setting.choices:
        return _choose_number(setting, value, key)
    numbers = all(isinstance(one, int | float) and not isinstance(one, bool) for one in setting.choices)
    if numbers:
        return st.select_slider(
            setting.title,
            sorted({*setting.choices, value}),
            value,
            key=key,
            bind="query-params",
            format_func=setting.name_of,
            help=help_,
        )
    if len(setting.choices) <= _FEW:
        return st.segmented_control(
            setting.title,
            setting.choices,
            default=cast(Any, [value]),  # of a tuple, Streamlit would take each part for an option
            required=True,
            wrap=True,
            key=key,
            bind="query-params",
            format_func=setting.name_of,
            help=help_,
        )
    return st.selectbox(
        setting.title,
        setting.choices,
        index=setting.choices.index(value),
        key=key,
        bind="query-params",
        format_func=setting.name_of,
        help=help_,
    )


def _choose_number(setting: Setting, value: Any, key: str) -> Any:
    """A whole number or another one, between the setting's bounds."""
    kind = type(value)
    return kind(
        st.number_input(
            setting.title,
            kind(setting.low),
            kind(setting.high),
            value,
            kind(setting.step) or None,
            key=key,
            bind="query-params",
            help=setting.help or None,
        )
    )
