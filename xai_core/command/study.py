"""`xai study`: a page's work for a folder of pictures, without a browser."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from xai_core.batch.request import FAIL_IF
from xai_core.errors import XaiError
from xai_core.questions import get_question

DONE, UNUSABLE, LEFT_OUT, TAKEN, FOUND, INTERRUPTED = 0, 2, 3, 4, 5, 130


def run(given: dict[str, Any]) -> int:
    """Make a study, or go on with it; the exit code."""
    question, fail_if = get_question(given.pop("kind")), given.pop(FAIL_IF, None)
    folder: Path = given.pop("out").expanduser().absolute()
    try:
        # Only now, so that help and mistyped arguments answer at once.
        from xai_core.batch.run import run_study
        from xai_core.batch.store import StudyConflict, StudyWriteError

        try:
            summary = run_study(question, folder, **given)
        except StudyConflict as error:
            print(error, file=sys.stderr)
            return TAKEN
        except StudyWriteError as error:
            print(error, file=sys.stderr)
            return 1
        except XaiError as error:
            print(error, file=sys.stderr)
            return UNUSABLE
        finally:
            _say_plugins()
    except KeyboardInterrupt:
        print(
            f"\nInterrupted. The finished batches are kept in {folder}; the same command goes on with them.",
            file=sys.stderr,
        )
        return INTERRUPTED
    if fail_if and summary["counts"][question.fails[fail_if]]:
        return FOUND
    return LEFT_OUT if summary["left_out"] else DONE


def _say_plugins() -> None:
    """What is wrong with plug-ins; whatever does not need them works."""
    from xai_core import plugins

    for problem in plugins.problems():
        print(problem, file=sys.stderr)
