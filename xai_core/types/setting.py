"""A choice that a method, or a kind of data, leaves to its user."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from xai_core.errors import MethodError

if TYPE_CHECKING:
    from xai_core.types.classifier import Classifier


@dataclass(frozen=True)
class Setting:
    """A choice that a method leaves to its user: a control of the pages, an option of the command.

    Attributes
    ----------
    key : str
        The keyword argument of the method's function.
    title : str
        Its name for people.
    default : object
        The value without a choice.
    choices : tuple
        The values that are offered, in order; empty for a number from `low` to `high`.
    titles : Mapping
        Value -> its name for people, where that is not the value itself.
    low, high, step : float
        Bounds of a number, and the distance between two values on a slider.
    help : str
        What it changes, in a sentence or two.
    address : str
        Its parameter in the address of a page; empty for the method's key and its own.
    suited : callable, optional
        Gives the default for a model, where that depends on it.
    offered : callable, optional
        Whether it is a choice at all for a model; without it, always.
    normal : callable, optional
        ``normal(value)`` gives a value, or its text, in the one form that is kept, or raises with the reason; of a
        setting that is neither a number nor one of `choices`.
    units : Mapping
        Value -> what maps are measured in with it, where that is not the method's own unit.

    Examples
    --------
    >>> import xai_core as xai
    >>> pairs = xai.Setting("pairs", "Pairs of pictures", 50, low=1, high=500)
    >>> pairs.parsed("20"), pairs.name_of(20)
    (20, '20')
    """

    key: str
    title: str
    default: Any
    choices: tuple[Any, ...] = ()
    titles: Mapping[Any, str] = field(default_factory=dict)
    low: float = 0.0
    high: float = 1.0
    step: float = 0.0
    help: str = ""
    address: str = ""
    suited: Callable[[Classifier], Any] | None = None
    offered: Callable[[Classifier], bool] | None = None
    normal: Callable[[Any], Any] | None = None
    units: Mapping[Any, str] = field(default_factory=dict)

    def default_for(self, model: Classifier) -> Any:
        """The value without a choice, for a model."""
        return self.suited(model) if self.suited is not None else self.default

    def name_of(self, value: Any) -> str:
        """A value as people read it."""
        return self.titles.get(value, str(value))

    def parsed(self, text: str) -> Any:
        """A value from its text, as the command line and addresses have it.

        Raises
        ------
        MethodError
            If it is not among the choices, or out of bounds.
        """
        if self.normal is not None:
            return self.normal(text)
        for value in self.choices:
            if text in (str(value), self.name_of(value)):
                return value
        if self.choices:
            raise MethodError(
                f"{self.title}: {text!r} is not a choice. Choose one of: {', '.join(map(str, self.choices))}."
            )
        kind = type(self.default)
        try:
            number = kind(text)
        except ValueError as error:
            raise MethodError(f"{self.title}: {text!r} is not a number.") from error
        if not self.low <= number <= self.high:
            raise MethodError(f"{self.title}: {text} is not between {self.low:g} and {self.high:g}.")
        return number
