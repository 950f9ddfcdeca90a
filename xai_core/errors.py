"""The errors that the library raises on purpose.

Each message is one or more whole sentences for the person at the screen: what was wrong with which value,
what was expected and, where there is a choice, what the choices are.
"""

import errno
import re
import shlex
import sys
from importlib.util import find_spec
from typing import TextIO

# What looking at a path raises: not there, no leave to look, too long; a zero byte, no text; nobody's home, links in a
# circle.
NO_PATH = (OSError, ValueError, RuntimeError)
# Control characters, and those that turn around what is written behind them, also words of the sentence; not so the
# pairs that programs put around a name of letters from right to left, or around another one among such. Halves of
# letters can be written nowhere.
_CONTROLS = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff"
_SIGN = rf"(?![{_CONTROLS}\r\n])[\W\d_]"
_LEFTWARDS = rf"(?:{_SIGN}|[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc])*"
_RIGHTWARDS = rf"[^{_CONTROLS}\r\n]*"
_STEERING = re.compile(
    rf"((?:\u2066|\u2068(?=(?:{_SIGN})*[A-Za-z])){_RIGHTWARDS}\u2069|[\u2067\u2068]{_LEFTWARDS}\u2069"
    rf"|\u202a{_RIGHTWARDS}\u202c|\u202b{_LEFTWARDS}\u202c)|[{_CONTROLS}]|\r(?!\n)"
)


def refusal(error: OSError) -> str:
    """Why the system refused, in words."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "the disk is full"
    return error.strerror or str(error)


def printable(text: str) -> str:
    """Text that steers neither a terminal nor a page: names are anybody's, and may hold control characters.

    Parameters
    ----------
    text : str

    Returns
    -------
    str
        With the codes of such characters in their place; lines stay lines.

    Examples
    --------
    >>> from xai_core.errors import printable
    >>> print(printable("cat" + chr(27) + "[31m"))
    cat\\x1b[31m
    """
    return _STEERING.sub(lambda found: found[1] or found[0].encode("unicode_escape").decode(), text)


def say(text: object, *, file: TextIO | None = None, end: str = "\n", flush: bool = False) -> None:
    """Print what is `printable` of a text: all that this library prints, whoever gave the names in it.

    Parameters
    ----------
    text : object
    file : TextIO, optional
        The standard output by default.
    end : str
        What comes behind it.
    flush : bool
        Whether it is to be seen at once.

    Examples
    --------
    >>> from xai_core.errors import say
    >>> say("cat" + chr(27) + "[31m")
    cat\\x1b[31m
    """
    print(printable(str(text)), file=file, end=end, flush=flush)


def install(*what: str) -> str:
    """The command that installs packages into the environment that runs this.

    Environments that uv makes, for `uvx` and `uv tool` as well, have no pip.

    Parameters
    ----------
    *what : str
        Packages and options, as pip takes them; they are quoted where a shell would read them otherwise.

    Returns
    -------
    str

    Examples
    --------
    >>> from xai_core.errors import install
    >>> install("xai-core[timm]", "pandas")  # where pip is installed
    "pip install 'xai-core[timm]' pandas"
    """
    how = "pip install" if find_spec("pip") else f"uv pip install --python {shlex.quote(sys.executable)}"
    return " ".join([how, *map(shlex.quote, what)])


class XaiError(ValueError):
    """Anything that the user can put right; the base of all errors below."""

    def __str__(self) -> str:
        return printable(super().__str__())


class PictureError(XaiError):
    """A file or an array that cannot be read as a picture."""


class DataError(XaiError):
    """A data set, a label or a split that is not there or cannot be used."""


class ModelError(XaiError):
    """A model or a checkpoint that cannot be loaded or does not fit."""


class MemoryShortage(ModelError):  # noqa: N818 (it says what there is too little of)
    """A computation for which the memory does not do, even picture by picture."""


class Unanswered(ModelError, TimeoutError):  # noqa: N818 (it says what did not come)
    """A model that was ended since it gave no answer in time."""


class LayerError(XaiError):
    """A layer that the model does not have or that gives no map."""


class TargetError(XaiError):
    """A target class that the model does not have."""


class DownloadError(XaiError):
    """A download that did not succeed."""


class RecordError(XaiError):
    """A recorded training run that cannot be read or written."""


class TrainingError(XaiError):
    """A training that cannot begin, or had to end."""


class MethodError(XaiError):
    """An attribution method that is not there, or that cannot do what was asked of it."""
