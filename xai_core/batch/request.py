"""What a study is asked to do: the arguments of the command line and the record that they become. Nothing heavy."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from xai_core.errors import DataError
from xai_core.questions.question import Choice, Question, listed_texts
from xai_core.remote.address import Address, is_address
from xai_core.types.exit_codes import ExitCode, listed_codes
from xai_core.types.model_settings import MODEL_SETTINGS

_OPTION = "option of data: "  # begins the names under which the parser keeps them
_STATED = "stated of the model: "  # likewise
# Options that a study's record has always held, at their default as well, and that the command has by name. Others
# stand there where they are chosen, by --option.
RECORDED = {"others": "background"}
LABELS_FILE = "labels-file"
FAIL_IF, AS_JSON = "fail-if", "json"  # no part of what makes one study another
SEVERAL = "several with commas between them make a study each, in folders below --out, and a table of all"
# Tests hold these against what data and models themselves know: importing those would take seconds.
MODEL = "efficientnet_lite0"
EXIT_CODES = listed_codes("xai study")


@dataclass(frozen=True)
class Request:
    """A study as it was asked for.

    Attributes
    ----------
    kind : str
        Key of a question.
    data : str
        Key of a data set, or a folder; also that of a training's record.
    split : str, optional
        None takes the data set's default; see `xai.load_dataset`.
    labels : tuple of str
        Which of its pictures; empty takes all.
    limit : int, optional
        At most so many pictures.
    options : Mapping of str to object
        Of the data set's kind; those at their default are left out.
    model : str
        As `xai.load_model` takes it, as are the next three.
    architecture : str, optional
        Of a checkpoint.
    classes : str or tuple of str, optional
        Names of the classes.
    device : str, optional
        None takes an accelerator where there is one.
    stated : Mapping of str to str
        What is stated of the model, by the keys of `MODEL_SETTINGS`; what is the model's own is left out.
    choices : Mapping of str to object
        What the question asks besides, by the keys of its choices.
    label_map : Mapping of str to str, optional
        What labels stand for among the model's classes; see `xai.load_dataset`.
    """

    kind: str
    data: str
    split: str | None = None
    labels: tuple[str, ...] = ()
    limit: int | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    model: str = MODEL
    architecture: str | None = None
    classes: str | tuple[str, ...] | None = None
    device: str | None = None
    stated: Mapping[str, str] = field(default_factory=dict)
    choices: Mapping[str, Any] = field(default_factory=dict)
    label_map: Mapping[str, str] | None = None

    def plain(self) -> dict[str, Any]:
        """Every argument by its name on the command line, as plain values for JSON."""
        common: dict[str, Any] = {
            "data": self.data,
            "split": self.split,
            "labels": list(self.labels),
            "limit": self.limit,
            "model": self.model,
            "architecture": self.architecture,
            "classes": list(self.classes) if isinstance(self.classes, tuple) else self.classes,
            "device": self.device,
        }
        common |= RECORDED | dict(self.options) | dict(self.stated)
        common |= {LABELS_FILE: dict(self.label_map)} if self.label_map else {}
        return common | {k: list(v) if isinstance(v, tuple) else v for k, v in self.choices.items()}


def _place(text: str) -> str:
    if not text.strip():
        raise argparse.ArgumentTypeError("it is empty: the folder where the command was started is called .")
    return text


def _out(text: str) -> Path | Address:
    if not is_address(text):
        return Path(_place(text))
    try:
        return Address.parse(text)
    except DataError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 1")
    return int(text)


def _said(parse: Callable[[str], Any]) -> Callable[[str], Any]:
    """A choice's parser, whose own sentence argparse then prints."""

    def parsed(text: str) -> Any:
        try:
            return parse(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from error

    return parsed


def _add_choice(parser: argparse.ArgumentParser, choice: Choice) -> None:
    """The option of a choice."""
    option = choice.option or f"--{choice.key}"
    common: dict[str, Any] = {"dest": choice.key, "help": choice.about or None}
    if isinstance(choice.default, bool):
        parser.add_argument(option, action="store_false" if choice.default else "store_true", **common)
    elif choice.parse is None:
        parser.add_argument(option, choices=tuple(choice.options), default=choice.default, **common)
    else:
        parser.add_argument(
            option,
            type=_said(choice.parse),
            default=None if choice.repeated else choice.default,
            metavar=choice.metavar or None,
            action="append" if choice.repeated else "store",
            **common,
        )


def data_choices(arguments: dict[str, Any]) -> dict[str, Any]:
    """Take from the arguments what was chosen among the options of the data set's kind.

    Parameters
    ----------
    arguments : dict[str, object]
        Of the command by their names; those of data are removed.

    Returns
    -------
    dict[str, object]
        Options away from their default.

    Raises
    ------
    DataError
        If there is no such option, or it cannot have that value.
    """
    given: dict[str, Any] = {}
    for text in arguments.pop("option", None) or ():
        key, _, value = text.partition("=")
        given[key] = value
    for name in [name for name in arguments if name.startswith(_OPTION)]:
        if (value := arguments.pop(name)) is not None:
            given[name.removeprefix(_OPTION)] = value
    from xai_core.data import check_options

    return check_options(given)


def model_settings(arguments: dict[str, Any]) -> dict[str, str]:
    """Take from the arguments what was stated of the model.

    Parameters
    ----------
    arguments : dict[str, object]
        Of the command by their names; those of the model's settings are removed.

    Returns
    -------
    dict of str to str
        Key of a setting -> its text.
    """
    given = {one.key: arguments.pop(_STATED + one.key, None) for one in MODEL_SETTINGS}
    return {key: "\n".join(text) if isinstance(text, list) else text for key, text in given.items() if text}


def add_study(
    commands: Any, questions: Sequence[Question], more: Callable[[argparse.ArgumentParser], None] = lambda _: None
) -> None:
    """The command `study` with its kinds, added to an argparse parser's commands; `more` adds options to each kind."""
    how = argparse.RawDescriptionHelpFormatter
    study = commands.add_parser(
        "study",
        help="a page's work for a whole folder of pictures",
        epilog=EXIT_CODES,
        formatter_class=how,
        description="A page's work for a whole folder of pictures: tables, tests and a report in the folder --out. "
        "Interrupted or killed, the same command goes on where it was.",
    )
    asked = [question for question in questions if question.study]
    kinds = study.add_subparsers(dest="kind", required=True, metavar="|".join(one.key for one in asked))
    for question in asked:
        about = question.about
        parser = kinds.add_parser(question.key, help=about, description=about, epilog=EXIT_CODES, formatter_class=how)
        _add_common(parser)
        more(parser)
        for choice in question.choices:
            _add_choice(parser, choice)
        if question.fails:
            about = f"end with exit code {ExitCode.FOUND:d} where this is found, as for continuous integration"
            parser.add_argument(f"--{FAIL_IF}", dest=FAIL_IF, choices=tuple(question.fails), help=about)


def _add_common(parser: argparse.ArgumentParser) -> None:
    """What every study is asked: where, of which pictures, of which model."""
    add = parser.add_argument
    add("--out", type=_out, required=True, metavar="FOLDER", help="where the study is kept: a folder or an address")
    add(
        "--data",
        type=_place,
        required=True,
        metavar="KEY_OR_FOLDER",
        help="a data set by its key, a folder of pictures or its address, or the record of a training",
    )
    add("--split", help="train, val, test, ...; default: the data set's own")
    add("--labels", type=listed_texts, default=(), metavar="A,B", help="these labels only")
    add(
        f"--{LABELS_FILE}",
        dest=LABELS_FILE,
        metavar="FILE",
        help="what labels stand for among the model's classes: a CSV file of two columns, or JSON",
    )
    add("--limit", type=_count, metavar="N", help="at most so many pictures, the labels taking turns")
    for key in RECORDED:
        add(f"--{key}", dest=f"{_OPTION}{key}", metavar="VALUE", help=f"short for --option {key}=VALUE")
    add(
        "--option",
        action="append",
        metavar="NAME=VALUE",
        help="a choice that the data set or layout of folders offers; may be repeated",
    )
    add(
        "--model",
        type=_place,
        default=MODEL,
        metavar="KEY_OR_FILE",
        help=f"what xai.load_model takes; default: {MODEL}; {SEVERAL}",
    )
    add("--architecture", metavar="KEY", help="of a checkpoint whose tensors do not tell which one it has")
    add("--classes", metavar="FILE", help="class names of a checkpoint, one a line; or the word imagenet")
    _add_model_settings(parser)
    add("--device", help="cpu, cuda, ...; default: an accelerator where there is one")
    add("--overwrite", action="store_true", help="start over where the folder holds another study")
    add("--quiet", action="store_true", help="no bar")
    add("--json", dest=AS_JSON, action="store_true", help="for programs: one object on the standard output")


def _add_model_settings(parser: argparse.ArgumentParser) -> None:
    """What may be stated of the model, one option each."""
    group = parser.add_argument_group("of the model", "What is left out is the model's own.")
    for one in MODEL_SETTINGS:
        choices = f"; one of {', '.join(one.choices)}" if one.choices else ""
        group.add_argument(
            f"--{one.key}",
            dest=_STATED + one.key,
            type=_said(one.canonical),
            action="append" if one.repeated else "store",
            metavar=one.metavar,
            help=f"{one.about}{choices}",
        )
