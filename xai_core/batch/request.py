"""What a study is asked to do: the arguments of the command line and the record that they become. Nothing heavy."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from xai_core.questions.question import Choice, Question, listed_texts

# Tests hold these against what data and models themselves know: importing those would take seconds.
OTHERS = ("background", "ignore")
MODEL = "efficientnet_lite0"
EXIT_CODES = """exit codes:
  0    done
  1    an unexpected error, or the results cannot be written
  2    arguments, model or data cannot be used; a sentence says why
  3    done, but some pictures were left out; they are named in summary.json
  4    the folder holds another study, or another process works in it
  130  interrupted; finished batches are kept, and the same command goes on with them"""


@dataclass(frozen=True)
class Request:
    """A study as it was asked for.

    Attributes
    ----------
    kind : key of a question
    data : key of a data set, or a folder; also that of a training's record
    split, labels, limit, others : which of its pictures; see `xai.load_dataset`
    model, architecture, classes, device : see `xai.load_model`
    choices : what the question asks besides, by the keys of its choices
    """

    kind: str
    data: str
    split: str | None = None
    labels: tuple[str, ...] = ()
    limit: int | None = None
    others: str = OTHERS[0]
    model: str = MODEL
    architecture: str | None = None
    classes: str | tuple[str, ...] | None = None
    device: str | None = None
    choices: Mapping[str, Any] = field(default_factory=dict)

    def plain(self) -> dict[str, Any]:
        """Every argument by its name on the command line, as plain values for JSON."""
        common = {
            "data": self.data,
            "split": self.split,
            "labels": list(self.labels),
            "limit": self.limit,
            "others": self.others,
            "model": self.model,
            "architecture": self.architecture,
            "classes": list(self.classes) if isinstance(self.classes, tuple) else self.classes,
            "device": self.device,
        }
        return common | {k: list(v) if isinstance(v, tuple) else v for k, v in self.choices.items()}


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


def add_study(commands: Any, questions: Sequence[Question]) -> None:
    """The command `study` with its kinds, added to an argparse parser's commands."""
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
        for choice in question.choices:
            _add_choice(parser, choice)


def _add_common(parser: argparse.ArgumentParser) -> None:
    """What every study is asked: where, of which pictures, of which model."""
    add = parser.add_argument
    add("--out", type=Path, required=True, metavar="FOLDER", help="where the study is kept")
    add(
        "--data",
        required=True,
        metavar="KEY_OR_FOLDER",
        help="a data set by its key, a folder of pictures, or the record of a training",
    )
    add("--split", help="train, val, test, ...; default: the data set's own")
    add("--labels", type=listed_texts, default=(), metavar="A,B", help="these labels only")
    add("--limit", type=_count, metavar="N", help="at most so many pictures, the labels taking turns")
    add("--others", choices=OTHERS, default=OTHERS[0], help="what VOC's other classes count as in a mask")
    add("--model", default=MODEL, metavar="KEY_OR_CHECKPOINT", help=f"default: {MODEL}")
    add("--architecture", metavar="KEY", help="of a checkpoint that does not say its own")
    add("--classes", metavar="FILE", help="class names of a checkpoint, one a line; or the word imagenet")
    add("--device", help="cpu, cuda, ...; default: an accelerator where there is one")
    add("--overwrite", action="store_true", help="begin anew where the folder holds another study")
    add("--quiet", action="store_true", help="no bar")
