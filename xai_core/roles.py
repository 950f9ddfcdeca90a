"""Who may do what on a server where people log in: the file that whoever runs it writes, and the role that it gives.

The file is named by XAI_ROLES. Without that variable nobody is asked who they are, and everybody may do everything.
"""

from __future__ import annotations

import functools
import math
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any

from xai_core.errors import XaiError

VARIABLE = "XAI_ROLES"
EMAILS, DOMAINS, CLAIMS = "emails", "domains", "claims"
_ASK, _HOURS, _PHONES = "ask", "hours", "classes_without_login"
_DEFAULT_HOURS, _MOST_HOURS = 12.0, 30 * 24.0  # after a month Streamlit forgets a log-in by itself


class Role(IntEnum):
    """What an account may do; each role includes those before it."""

    LOOK = 1
    COMPUTE = 2
    TRAIN = 3

    @property
    def key(self) -> str:
        """As the file has it."""
        return self.name.lower()


@dataclass(frozen=True)
class Rule:
    """Who gets a role: each value is enough by itself.

    Attributes
    ----------
    emails, domains : frozenset of str
        In small letters.
    claims : tuple of (str, frozenset of str)
        What the provider says of an account, by name, and the values that are enough.
    """

    emails: frozenset[str] = frozenset()
    domains: frozenset[str] = frozenset()
    claims: tuple[tuple[str, frozenset[str]], ...] = ()

    def holds(self, claims: Mapping[str, Any]) -> bool:
        """Whether an account is meant.

        Parameters
        ----------
        claims : mapping
            What the provider says of it.

        Returns
        -------
        bool
        """
        email = verified_email(claims)
        if email and (email in self.emails or email.rpartition("@")[2] in self.domains):
            return True
        return any(_said(claims.get(name)) & values for name, values in self.claims)


@dataclass(frozen=True)
class Roles:
    """What the file says.

    Attributes
    ----------
    ask : str
        Whom to ask for a role.
    rules : mapping of Role to Rule
    hours : float
        For which a log-in holds.
    classes_without_login : bool
        Whether phones join a class without one.
    """

    ask: str
    rules: Mapping[Role, Rule]
    hours: float = _DEFAULT_HOURS
    classes_without_login: bool = False

    def role(self, claims: Mapping[str, Any]) -> Role | None:
        """The highest role that a rule gives to an account, or None.

        Parameters
        ----------
        claims : mapping
            What the provider says of it.

        Returns
        -------
        Role or None

        Examples
        --------
        >>> from xai_core.roles import Role, Roles, Rule
        >>> roles = Roles("ada@example.org", {Role.LOOK: Rule(domains=frozenset({"example.org"}))})
        >>> roles.role({"email": "eve@example.org", "email_verified": True})
        <Role.LOOK: 1>
        >>> roles.role({"email": "eve@example.org"}) is None  # nobody says that it is hers
        True
        """
        return max((role for role, rule in self.rules.items() if rule.holds(claims)), default=None)


def verified_email(claims: Mapping[str, Any]) -> str:
    """The e-mail address of an account in small letters, where the provider says that it belongs to it; else nothing.

    Parameters
    ----------
    claims : mapping
        What the provider says of the account.

    Returns
    -------
    str
    """
    verified = str(claims.get("email_verified", "")).lower() == "true"  # some providers send it as text
    return str(claims.get("email") or "").strip().lower() if verified else ""


def roles() -> Roles | None:
    """What the file says, read once; None where there is no log-in.

    Returns
    -------
    Roles or None

    Raises
    ------
    XaiError
        If the file cannot be read, or says what nobody understands.
    """
    place = os.environ.get(VARIABLE)
    return None if place is None else read_roles(place)


@functools.lru_cache(maxsize=8)
def read_roles(place: str) -> Roles:
    """What a file says of roles.

    Parameters
    ----------
    place : str
        Its path.

    Returns
    -------
    Roles

    Raises
    ------
    XaiError
        If it cannot be read, or says what nobody understands: nothing in it is passed over.
    """
    try:
        said = tomllib.loads(Path(place).expanduser().read_text(encoding="utf-8"))
    except OSError as error:
        raise XaiError(f"{VARIABLE} names {place!r}, which cannot be read: {error.strerror or error}.") from error
    except ValueError as error:  # no TOML, or no UTF-8
        raise XaiError(f"{place} is no TOML file: {error}.") from error
    try:
        return _roles(said)
    except ValueError as error:
        raise XaiError(f"{place} cannot be used: {error}") from error


def _roles(said: dict[str, Any]) -> Roles:
    keys = {role.key: role for role in Role}
    _check_names(said, {_ASK, _HOURS, _PHONES, *keys}, "at its top")
    ask, hours, phones = said.get(_ASK), said.get(_HOURS, _DEFAULT_HOURS), said.get(_PHONES, False)
    if not isinstance(ask, str) or not ask.strip():
        raise ValueError(f"{_ASK!r} must say, as text, whom people can ask for a role.")
    if not _is_number(hours) or not 0 < hours <= _MOST_HOURS:
        raise ValueError(f"{_HOURS!r} must be a number above 0, up to {_MOST_HOURS:g}; it is {hours!r}.")
    if not isinstance(phones, bool):
        raise ValueError(f"{_PHONES!r} must be true or false; it is {phones!r}.")
    rules = {role: _rule(said[key], key) for key, role in keys.items() if key in said}
    if not rules:
        raise ValueError(f"none of the tables {', '.join(f'[{key}]' for key in keys)} is in it, so nobody has a role.")
    return Roles(ask.strip(), rules, float(hours), phones)


def _rule(said: Any, key: str) -> Rule:
    if not isinstance(said, dict):
        raise ValueError(f"{key!r} must be a table, [{key}].")
    _check_names(said, {EMAILS, DOMAINS, CLAIMS}, f"in [{key}]")
    emails = _texts(said.get(EMAILS, []), f"{EMAILS!r} in [{key}]")
    domains = _texts(said.get(DOMAINS, []), f"{DOMAINS!r} in [{key}]")
    if wrong := sorted(one for one in emails if one.count("@") != 1 or one.startswith("@")):
        raise ValueError(f"{wrong[0]!r} in [{key}] is no e-mail address.")
    if wrong := sorted(one for one in domains if "@" in one or "*" in one or "." not in one.strip(".")):
        raise ValueError(f"{wrong[0]!r} in [{key}] is no domain such as 'example.org', which holds for it alone.")
    claims = said.get(CLAIMS, {})
    if not isinstance(claims, dict):
        raise ValueError(f"{CLAIMS!r} in [{key}] must be a table of names and lists of values.")
    needed = tuple((name, _texts(values, f"the claim {name!r} in [{key}]")) for name, values in claims.items())
    if not emails and not domains and not needed:
        raise ValueError(f"[{key}] names nobody: it may have {EMAILS}, {DOMAINS} and {CLAIMS}.")
    return Rule(frozenset(map(str.lower, emails)), frozenset(map(str.lower, domains)), needed)


def _check_names(said: Mapping[str, Any], known: set[str], where: str) -> None:
    if unknown := sorted(set(said) - known):
        raise ValueError(f"{unknown[0]!r} is not known {where}; known are {', '.join(sorted(known))}.")


def _texts(said: Any, what: str) -> frozenset[str]:
    if not isinstance(said, list) or not all(isinstance(one, str) and one.strip() for one in said):
        raise ValueError(f"{what} must be a list of texts.")
    return frozenset(one.strip() for one in said)


def _is_number(said: Any) -> bool:
    return isinstance(said, int | float) and not isinstance(said, bool) and math.isfinite(said)


def _said(claim: Any) -> frozenset[str]:
    """The values of a claim, which may be one or a list."""
    return frozenset(str(one) for one in (claim if isinstance(claim, list) else [claim]) if isinstance(one, str))
