"""What a study is asked to do: the arguments of the command line and the record that they become. Nothing heavy."""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

# Tests hold these against what the studies themselves know: importing those would take seconds.
KINDS = {
    "layers": "do deeper layers focus more? Grad-CAM at every layer (the page Layer Explorer)",
    "foreground": "does it look at the object? Maps and interventions by mask (Foreground vs Background)",
    "misclassified": "what is mixed up, and is confidence a warning? (Misclassifications)",
}
LAYER_MEASURES = ("share", "gini", "energy_inside")
FOREGROUND_MEASURES = ("mean", "energy", "rank", "auc")
FILLS = ("blur", "mean", "noise")
OTHERS = ("background", "ignore")
MODEL = "efficientnet_lite0"
THRESHOLD = 0.85
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
    kind : of KINDS
    data : key of a data set, or a folder; also that of a training's record
    split, labels, limit, others : which of its pictures; see `xai.load_dataset`
    model, architecture, classes, device : see `xai.load_model`
    choices : what this kind of study asks besides
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


def _threshold(text: str) -> float:
    """The thresholds of the page's slider, for which a study has every number."""
    if re.fullmatch(r"0?\.\d+", text) and (value := float(text)) == round(value, 2) and 0.5 <= value <= 0.95:
        return value
    raise argparse.ArgumentTypeError(f"{text!r} is none of 0.50, 0.51, ... 0.95")


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _layers(text: str) -> str | tuple[str, ...]:
    return text if text in ("stages", "blocks") else _listed(text)


def add_study(commands: Any) -> None:
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
    kinds = study.add_subparsers(dest="kind", required=True, metavar="|".join(KINDS))
    parsers = {}
    for kind, about in KINDS.items():
        one = parsers[kind] = kinds.add_parser(
            kind, help=about, description=about, epilog=EXIT_CODES, formatter_class=how
        )
        one.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="where the study is kept")
        one.add_argument(
            "--data",
            required=True,
            metavar="KEY_OR_FOLDER",
            help="a data set by its key, a folder of pictures, or the record of a training",
        )
        one.add_argument("--split", help="train, val, test, ...; default: the data set's own")
        one.add_argument("--labels", type=_listed, default=(), metavar="A,B", help="these labels only")
        one.add_argument("--limit", type=_count, metavar="N", help="at most so many pictures, the labels taking turns")
        one.add_argument(
            "--others", choices=OTHERS, default=OTHERS[0], help="what VOC's other classes count as in a mask"
        )
        one.add_argument("--model", default=MODEL, metavar="KEY_OR_CHECKPOINT", help=f"default: {MODEL}")
        one.add_argument("--architecture", metavar="KEY", help="of a checkpoint that does not say its own")
        one.add_argument(
            "--classes", metavar="FILE", help="class names of a checkpoint, one a line; or the word imagenet"
        )
        one.add_argument("--device", help="cpu, cuda, ...; default: an accelerator where there is one")
        one.add_argument("--overwrite", action="store_true", help="begin anew where the folder holds another study")
        one.add_argument("--quiet", action="store_true", help="no bar")
        if kind != "misclassified":
            one.add_argument(
                "--target",
                default="label",
                metavar="label|prediction|CLASS",
                help="the class that the maps explain; a label that the model does not know gives way to "
                "the prediction (default: label)",
            )
    layers, foreground = parsers["layers"], parsers["foreground"]
    layers.add_argument("--layers", type=_layers, default="stages", metavar="stages|blocks|NAME,NAME")
    layers.add_argument("--measure", choices=LAYER_MEASURES, default=LAYER_MEASURES[0])
    layers.add_argument("--threshold", type=_threshold, default=THRESHOLD, help=f"of the share; default {THRESHOLD}")
    foreground.add_argument("--layer", metavar="NAME", help="default: the last stage")
    foreground.add_argument("--measure", choices=FOREGROUND_MEASURES, default=FOREGROUND_MEASURES[0])
    foreground.add_argument("--fill", choices=FILLS, default=FILLS[0], help="what stands in for what is hidden")
    foreground.add_argument("--no-interventions", dest="interventions", action="store_false", help="maps alone")
