"""`xai study`: a page's work for a folder of pictures, without a browser."""

from __future__ import annotations

import json
import sys
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Any

from xai_core.batch.request import AS_JSON, FAIL_IF
from xai_core.command import grid
from xai_core.command.copying import Bar
from xai_core.command.output import errors_only
from xai_core.engines.options import take_options
from xai_core.errors import DataError, XaiError, say
from xai_core.questions import get_question
from xai_core.regular import whole_path
from xai_core.remote import Address, check_address, watching
from xai_core.types.exit_codes import ExitCode


def run(given: dict[str, Any]) -> int:
    """Make a study, or go on with it; the exit code."""
    as_json = given.pop(AS_JSON, False)
    folder = given["out"]
    try:
        if isinstance(folder, Path):
            folder = given["out"] = whole_path(folder)
        chosen = grid.cells_of(given)
        for text in (*given.values(), *(cell.model for cell in chosen)):
            check_address(text)  # before anything of it is printed or written
    except DataError as error:
        return _ended(ExitCode.UNUSABLE, {"error": str(error)}, folder, as_json=as_json)
    with errors_only() if as_json else nullcontext():
        if len(chosen) > 1:
            title = get_question(given["kind"]).title
            code, said = grid.run(chosen, given, title, partial(_outcome, spoken=not as_json), spoken=not as_json)
        else:
            (cell,) = chosen  # what is listed twice is one
            method = {} if cell.method is None else {"method": cell.method}
            code, said = _outcome({**given, **method, "model": cell.model}, spoken=not as_json)
    return _ended(code, said, folder, as_json=as_json)


def _ended(code: ExitCode, said: dict[str, Any], folder: Path | Address, *, as_json: bool) -> ExitCode:
    """Say how it ended, as far as it has not been said."""
    if as_json:
        print(json.dumps({"exit_code": code, "folder": str(folder), **said}, indent=2))
    elif "error" in said:
        say(said["error"], file=sys.stderr)
    return code


def _outcome(given: dict[str, Any], *, spoken: bool) -> tuple[ExitCode, dict[str, Any]]:
    """How it ended, with the summary or what is wrong in a sentence."""
    question, fail_if = get_question(given.pop("kind")), given.pop(FAIL_IF, None)
    out: Path | Address = given.pop("out")
    chosen = take_options(given)
    try:
        # Only now, so that help and mistyped arguments answer at once.
        from xai_core.batch.elsewhere import kept
        from xai_core.batch.progress import workers_of
        from xai_core.batch.run import run_study
        from xai_core.batch.stages import StudyIncomplete
        from xai_core.batch.store import StudyConflict
        from xai_core.batch.writing import StudyWriteError
        from xai_core.engines.kinds import hiring_of

        try:
            work: dict[str, Any] = {
                "hiring": hiring_of(chosen),
                "workers": chosen.workers,
                "threads": chosen.threads,
                "spoken": spoken,
            }
            with watching(Bar(quiet=given["quiet"])), kept(out) as (folder, keeper):
                summary = run_study(question, folder, keeper=keeper, **work, **given)
                workers = workers_of(folder)
            if spoken and isinstance(out, Address):
                say(f"Kept at {out}")
        except StudyConflict as error:
            return ExitCode.TAKEN, {"error": str(error)}
        except (StudyWriteError, StudyIncomplete) as error:
            return ExitCode.FAILED, {"error": str(error)}
        except XaiError as error:
            return ExitCode.UNUSABLE, {"error": str(error)}
        finally:
            _say_plugins()
    except KeyboardInterrupt:
        there = f"Interrupted. The finished batches are kept in {out}; the same command goes on with them."
        return ExitCode.INTERRUPTED, {"error": there if not spoken else f"\n{there}"}
    found = fail_if and summary["counts"][question.fails[fail_if]]
    left_out = ExitCode.INCOMPLETE if summary["left_out"] else ExitCode.DONE
    return ExitCode.FOUND if found else left_out, {"summary": summary, "workers": workers}


def _say_plugins() -> None:
    """What is wrong with plug-ins; whatever does not need them works."""
    from xai_core import plugins

    for problem in plugins.problems():
        say(problem, file=sys.stderr)
