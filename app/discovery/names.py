"""Names that are given to groups: they stay for the session, and with a study that is open in its folder."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

import xai_core as xai
from app import access, cache
from app.controls import plain
from xai_core.questions.discovery.names import LONGEST, read_names, write_names
from xai_core.roles import Role
from xai_core.studies import uncapitalised

_NAMES = "names of groups"  # session key: what was asked -> group -> name


class Names:
    """The names of the groups of one answer.

    Parameters
    ----------
    of : str
        Stands for what was asked: pictures, model and choices.
    """

    def __init__(self, of: str) -> None:
        self._of, self._study = of, cache.study_folders.opened_study()
        known = st.session_state.setdefault(_NAMES, {})
        if of not in known:
            known[of] = read_names(self._study) if self._study is not None else {}
        self._known: dict[str, str] = known[of]

    def of(self, strategy: xai.Strategy) -> str:
        """What a group is called; empty where it was not named."""
        return self._known.get(strategy.name, "")

    def offer(self, strategy: xai.Strategy) -> None:
        """A field for a group's name.

        Parameters
        ----------
        strategy : Strategy
        """
        st.text_input(
            f"Name this group ({uncapitalised(strategy.title)})",
            self.of(strategy),
            max_chars=LONGEST,
            key=f"name-{self._of}-{strategy.name}",
            on_change=self._setter(strategy.name),
            placeholder="what they share",
            help="It stands on the card, in the tables and in the report; of an open study it stays in its folder.",
        )

    def _setter(self, group: str) -> Callable[[], None]:
        def keep() -> None:
            self._known[group] = str(st.session_state[f"name-{self._of}-{group}"]).strip()
            if self._study is None:
                return
            try:
                access.require(Role.COMPUTE, "Naming the groups of a study")
                write_names(self._study, self._known)
            except xai.XaiError as error:
                st.toast(plain(str(error)), icon=":material/error:")

        return keep

    @property
    def given(self) -> dict[str, str]:
        """Group -> name, of those that have one."""
        return {group: name for group, name in self._known.items() if name}
