"""Whether addresses may be read: never by the dashboard, since its visitors could then have the server ask any other.

Nor does any process read them where XAI_DATA_ROOTS says what may be opened. It stands in the environment, so that the
processes that a server starts keep to it.
"""

from __future__ import annotations

import os

from xai_core.errors import DataError

VARIABLE = "XAI_ADDRESSES"
OFF = "off"
_SHARED = "XAI_DATA_ROOTS"  # set where others may use the server
REFUSAL = (
    "The address was not opened: pages and shared servers open folders and files of their own computer only. Whoever "
    "starts the dashboard can have a copy made and opened: xai --data ADDRESS or xai --model ADDRESS."
)


def forbid_addresses() -> None:
    """No address is read from here on, in this process and those that it starts."""
    os.environ[VARIABLE] = OFF


def check_addresses() -> None:
    """That addresses may be read.

    Raises
    ------
    DataError
        If they may not, with what can be done instead.
    """
    if os.environ.get(VARIABLE) == OFF or os.environ.get(_SHARED) is not None:
        raise DataError(REFUSAL)
