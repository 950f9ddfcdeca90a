"""`python -m xai_core study layers|foreground|misclassified|discover|methods`: a page's work, without a browser.

Exit codes: 0 done; 1 an unexpected error, or the results cannot be written; 2 arguments, model or data cannot be used;
3 done, but some pictures were left out; 4 the folder holds another study, or another process works in it; 5 done, and
what --fail-if names was found; 130 interrupted, finished batches kept.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from xai_core.batch.request import EXIT_CODES, FAIL_IF, add_study
from xai_core.errors import XaiError
from xai_core.questions import QUESTIONS, SECTIONS, get_question

DONE, UNUSABLE, LEFT_OUT, TAKEN, FOUND, INTERRUPTED = 0, 2, 3, 4, 5, 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m xai_core",
        description="What an image classifier looks at, for whole folders of pictures.",
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_study(parser.add_subparsers(dest="command", required=True, metavar="study"), (*QUESTIONS, *SECTIONS))
    return parser


def _say_plugins() -> None:
    """What is wrong with plug-ins; whatever does not need them works."""
    from xai_core import plugins

    for problem in plugins.problems():
        print(problem, file=sys.stderr)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; its exit code."""
    given = vars(_parser().parse_args(arguments))
    given.pop("command")
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


if __name__ == "__main__":
    sys.exit(main())
