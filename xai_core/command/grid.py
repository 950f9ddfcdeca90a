"""`xai study` of several models or by several methods: one study after another, and a table of all."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xai_core.errors import say
from xai_core.remote import Address
from xai_core.types.exit_codes import ExitCode

if TYPE_CHECKING:
    from xai_core.batch.grid_folder import GridCell

Outcome = tuple[ExitCode, dict[str, Any]]
# What all of them end with, where some ended so: the first of these.
_WORST = (ExitCode.FAILED, ExitCode.TAKEN, ExitCode.UNUSABLE, ExitCode.FOUND, ExitCode.INCOMPLETE)


def cells_of(given: Mapping[str, Any]) -> Sequence[GridCell]:
    """The studies that were asked for: several where models or methods are listed."""
    from xai_core.batch.grid import cells, parts

    return cells(parts(given["model"]) or [given["model"]], parts(given.get("method")))


def run(
    chosen: Sequence[GridCell],
    given: dict[str, Any],
    title: str,
    study: Callable[[dict[str, Any]], Outcome],
    spoken: bool,
) -> Outcome:
    """Make every study, each in a folder of its own, and the table after each of them.

    Parameters
    ----------
    chosen : Sequence[GridCell]
    given : dict
        The arguments of the command; `out` is the folder of all, here or elsewhere.
    title : str
        The question.
    study : callable
        Makes one from its arguments.
    spoken : bool
        Whether to print which one is next.
    """
    from xai_core.batch.elsewhere import write_beside
    from xai_core.batch.grid import FILES, PAGE, write
    from xai_core.batch.kept_pictures import pictures_kept
    from xai_core.batch.writing import StudyWriteError

    out: Path | Address = given["out"]
    codes: set[ExitCode] = set()
    found: dict[GridCell, dict[str, Any]] = {}

    def unkept() -> str:
        """Write what there is; why it cannot be, or nothing."""
        try:
            files = FILES if found else FILES[:1]
            write_beside(out, partial(write, kind=given["kind"], title=title, chosen=chosen, found=found), files)
        except (OSError, StudyWriteError) as error:
            return str(error)
        return ""

    if problem := unkept():
        return ExitCode.FAILED, {"error": problem}
    with pictures_kept():
        for number, cell in enumerate(chosen, start=1):
            named = cell.model if cell.method is None else f"{cell.model}, {cell.method}"
            if spoken:
                say(f"\n{number} of {len(chosen)}: {named}")
            method = {} if cell.method is None else {"method": cell.method}
            code, said = study({**given, **method, "model": cell.model, "out": out / cell.name})
            if code == ExitCode.INTERRUPTED:
                return code, said
            if spoken and "error" in said:
                say(said["error"])
            codes.add(code)
            found[cell] = said
            if problem := unkept():
                return ExitCode.FAILED, {"error": problem}
    if spoken:
        say(f"\nAll of them: {out / PAGE}")
    code = next((one for one in _WORST if one in codes), ExitCode.DONE)
    return code, {
        "studies": [
            {"model": cell.model, "method": cell.method, "folder": cell.name, **said} for cell, said in found.items()
        ]
    }
