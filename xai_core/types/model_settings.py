"""What a user may state of a model, as text: page, address, command and study read these records."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from xai_core.types.geometry import FILTERS, FITS
from xai_core.types.model_texts import (
    as_text,
    layers_text,
    numbers_text,
    parse_channels,
    parse_entry,
    parse_layers,
    parse_numbers,
    parse_size,
    parse_white,
    size_text,
)
from xai_core.types.outputs import OUTPUTS

_CROP = "crop"  # the field of the preprocessing that the input size is


@dataclass(frozen=True)
class ModelSetting:
    """One thing that a user may state of a model; left empty, it is the model's own.

    Attributes
    ----------
    key : str
        Its name in studies' records and, with dashes in front, on the command line.
    title : str
        What the page's control is called.
    about : str
        What it is, for the command's help and the control.
    parse : callable
        Text to value; raises ValueError with a sentence.
    write : callable
        Value to text, the same for equal values.
    address : str
        Its parameter in the pages' address.
    part : {"pictures", "network"}
        Whether it says how pictures are prepared, or what the network is.
    argument : str
        The argument of `load_model`, or the field of the preprocessing, that it is.
    direct : bool
        Whether it is an argument of `load_model`.
    choices : Mapping of str to str
        Texts and their titles, where not every text may be stated.
    placeholder : str
        An example, for the control.
    unstated : str
        What stands in the control among the choices where none is stated.
    repeated : bool
        Whether it is a line each time it is given.
    """

    key: str
    title: str
    about: str
    parse: Callable[[str], Any]
    write: Callable[[Any], str]
    address: str
    part: Literal["pictures", "network"]
    argument: str
    direct: bool = False
    choices: Mapping[str, str] = field(default_factory=dict)
    placeholder: str = ""
    unstated: str = "The model's own"
    repeated: bool = False

    @property
    def metavar(self) -> str:
        """What stands for its value in the command's help."""
        return self.key.rpartition("-")[2].upper()

    def canonical(self, text: str) -> str:
        """The text that equal values share.

        Raises
        ------
        ValueError
            If it says nothing of the kind.
        """
        value = self.parse(text)
        written = self.write(value)
        if self.choices and written not in self.choices:
            raise ValueError(f"{self.title} is one of {', '.join(self.choices)}; got {text!r}.")
        return written

    def in_address(self, text: str) -> str:
        """How a canonical text stands in an address: a choice by its title."""
        return self.choices.get(text, text)


_NUMBERS = {"parse": parse_numbers, "write": numbers_text, "part": "pictures", "direct": True}
_SIZE = {"parse": parse_size, "write": size_text, "part": "pictures"}
_TEXT = {"parse": as_text, "write": as_text}
MODEL_SETTINGS: tuple[ModelSetting, ...] = (
    ModelSetting(
        key="input-size",
        title="Input size",
        about="pixels of the network's input: a side, or height x width",
        address="size",
        argument=_CROP,
        placeholder="224 or 224x112",
        **_SIZE,  # type: ignore[arg-type]
    ),
    ModelSetting(
        key="resize",
        title="Scaled to",
        about="pixels to which a picture is scaled before the crop; left empty, the input size where that is stated",
        address="resize",
        argument="resize",
        placeholder="256",
        **_SIZE,  # type: ignore[arg-type]
    ),
    ModelSetting(
        key="fit",
        title="Fit",
        about="how a picture of other proportions becomes the input",
        address="fit",
        part="pictures",
        argument="fit",
        choices={str(fit): title for fit, title in FITS.items()},
        **_TEXT,  # type: ignore[arg-type]
    ),
    ModelSetting(
        key="interpolation",
        title="Interpolation",
        about="of the scaling, antialiased",
        address="interpolation",
        part="pictures",
        argument="interpolation",
        choices={name: name.capitalize() for name in FILTERS},
        **_TEXT,  # type: ignore[arg-type]
    ),
    ModelSetting(
        key="mean",
        title="Mean",
        about="subtracted from each channel, in the units of white",
        address="mean",
        argument="mean",
        placeholder="0.485, 0.456, 0.406",
        **_NUMBERS,  # type: ignore[arg-type]
    ),
    ModelSetting(
        key="std",
        title="Standard deviation",
        about="what each channel is divided by, in the units of white",
        address="std",
        argument="std",
        placeholder="0.229, 0.224, 0.225",
        **_NUMBERS,  # type: ignore[arg-type]
    ),
    ModelSetting(
        key="white",
        title="Range",
        about="the value of white before the mean is subtracted",
        address="white",
        parse=parse_white,
        write=lambda value: f"{value:g}",
        part="pictures",
        argument="white",
        choices={"1": "0 to 1", "255": "0 to 255"},
    ),
    ModelSetting(
        key="channels",
        title="Channels",
        about="what goes into each channel of the input: R red, G green, B blue, L grey",
        address="channels",
        parse=parse_channels,
        write=as_text,
        part="pictures",
        argument="channels",
        placeholder="RGB, BGR or L",
    ),
    ModelSetting(
        key="outputs",
        title="Outputs",
        about="what the network's numbers mean; left out, it is found out",
        address="outputs",
        part="network",
        argument="outputs",
        direct=True,
        choices={key: one.title for key, one in OUTPUTS.items()},
        unstated="Found out",
        **_TEXT,  # type: ignore[arg-type]
    ),
    ModelSetting(
        key="entry",
        title="Entry of the answer",
        about="of a network that answers with several tensors, the name or the number of the one with the outputs",
        address="entry",
        parse=parse_entry,
        write=str,
        part="network",
        argument="entry",
        direct=True,
        placeholder="logits, or 0",
    ),
    ModelSetting(
        key="axes",
        title="Axes of layers, one a line",
        about="a layer's name and where its axes stand: NCHW, NHWC, NTC (tokens), NTC+1 (one token in front), "
        "NTC+1 14x16 (and their grid)",
        address="axes",
        parse=parse_layers,
        write=layers_text,
        part="network",
        argument="layers",
        direct=True,
        placeholder="blocks.3 = NTC+1",
        repeated=True,
    ),
)


def stated_arguments(texts: Mapping[str, str]) -> dict[str, Any]:
    """The arguments of `load_model` that texts by the settings' keys state.

    Parameters
    ----------
    texts : Mapping of str to str
        Key of a setting -> text; the empty ones are left out.

    Returns
    -------
    dict of str to object
        Keyword arguments.

    Raises
    ------
    ValueError
        With a sentence that says what a text should be.

    Examples
    --------
    >>> from xai_core.types.model_settings import stated_arguments
    >>> stated_arguments({"input-size": "224x112", "fit": "stretch", "mean": "0.5 0.5 0.5"})
    {'mean': (0.5, 0.5, 0.5), 'preprocessing': {'fit': 'stretch'}, 'input_size': (224, 112)}
    """
    values = {
        one.key: one.parse(one.canonical(texts[one.key])) for one in MODEL_SETTINGS if texts.get(one.key, "").strip()
    }
    direct = {one.argument: values[one.key] for one in MODEL_SETTINGS if one.direct and one.key in values}
    changes = {one.argument: values[one.key] for one in MODEL_SETTINGS if not one.direct and one.key in values}
    size = changes.pop(_CROP, None) if "resize" not in changes else None  # without a crop: scaled to the input's size
    found = direct | ({"preprocessing": changes} if changes else {})
    return found | ({"input_size": size} if size is not None else {})
