"""`xai card`: what studies found of a model, as a section of its model card."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from xai_core.errors import XaiError, say
from xai_core.regular import named_path
from xai_core.types.exit_codes import ExitCode, listed_codes


def add_options(commands: Any) -> None:
    """The command, added to a parser's."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "card",
        help="a section of a model card from finished studies",
        description="What finished studies found of a model, as a section of its model card, in Markdown.",
        epilog=listed_codes("xai card"),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("studies", nargs="+", type=Path, metavar="STUDY", help="the folder of a finished study")
    parser.add_argument("--out", type=Path, metavar="FILE", help="where to write it; else it is printed")
    parser.add_argument("--json", action="store_true", help="for programs: one object on the standard output")


def run(given: dict[str, Any]) -> int:
    """Print or write the section; the exit code."""
    from xai_core.command.model_card import model_card

    out: Path | None = given["out"]
    try:
        text = model_card(given["studies"])
        if out is not None:
            named_path(out).write_text(text, encoding="utf-8")
    except (XaiError, OSError) as error:
        return _end(ExitCode.UNUSABLE, {"error": str(error)}, given["json"])
    said = {"card": text} if out is None else {"file": str(out)}
    return _end(ExitCode.DONE, said, given["json"])


def _end(code: ExitCode, said: dict[str, str], as_json: bool) -> int:
    if as_json:
        print(json.dumps({"exit_code": code, **said}, indent=2))
    elif "error" in said:
        say(said["error"], file=sys.stderr)
    else:
        say(said.get("card", said.get("file", "")), end="" if "card" in said else "\n")
    return code
