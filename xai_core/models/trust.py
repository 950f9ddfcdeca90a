"""Whether models may be loaded that are code: functions by name, and programs in files.

The dashboard never loads them, since what it opens may come from an address that somebody sent; nor does any process
where XAI_DATA_ROOTS says that others use it, too. It stands in the environment, so that its processes keep to it.
"""

from __future__ import annotations

import os

from xai_core.errors import ModelError

VARIABLE = "XAI_MODEL_CODE"
OFF = "off"
_SHARED = "XAI_DATA_ROOTS"  # set where others may use the server


def forbid_code() -> None:
    """No code of models from here on, in this process and those that it starts."""
    os.environ[VARIABLE] = OFF


def check_code(what: str) -> None:
    """That a model which is code may be loaded.

    Parameters
    ----------
    what : str
        What messages call it.

    Raises
    ------
    ModelError
        If it may not, with what can be loaded instead.
    """
    if os.environ.get(VARIABLE) == OFF or os.environ.get(_SHARED) is not None:
        raise ModelError(
            f"{what} was not loaded, since that would run its code, which pages and shared servers do not do. Give its "
            "weights (a state dict or safetensors, with the architecture), a Hugging Face folder or an ONNX file; load "
            "it in Python or on the command line; or start with a file that registers it: xai --plugin FILE."
        )
