"""Runs a study from its arguments to its results, or from where it was interrupted."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from shlex import quote
from typing import Any
from urllib.parse import urlencode

import numpy as np
from filelock import FileLock, Timeout

from xai_core import plugins, studies
from xai_core.batch.address import page_address
from xai_core.batch.computing import Hiring, Order
from xai_core.batch.head import begun_with, plain
from xai_core.batch.keeping import IN_THE_FOLDER, Keeper
from xai_core.batch.made_with import MADE_WITH, begun_threads, bounded_threads, made_with, mixed
from xai_core.batch.opening import Opened, class_names
from xai_core.batch.prepared import Prepared, prepared
from xai_core.batch.progress import Progress, by_worker
from xai_core.batch.request import LABELS_FILE, Request, data_choices, model_settings
from xai_core.batch.stages import Work, alone
from xai_core.batch.store import SUMMARY, StudyConflict, StudyFolder
from xai_core.batch.study import Results
from xai_core.batch.summary import LeftOut, Limitation, PassedOver, Summary
from xai_core.batch.writing import StudyWriteError
from xai_core.csv_text import csv_text
from xai_core.data import Dataset, read_label_map
from xai_core.errors import NO_PATH, DataError, say
from xai_core.questions.question import Question
from xai_core.reports import Report, to_html, to_zip
from xai_core.studies.limits import Limit, address_of
from xai_core.types.counts import number_of, part_of

ARCHIVED = 512 << 20  # bytes of maps that go into the archive; more of them stay in the parts alone
_DASHBOARD = "http://localhost:8501"
_COMMON = ("data", "split", "labels", "limit", "model", "architecture", "device")


def run_study(
    question: Question,
    folder: Path,
    *,
    overwrite: bool = False,
    quiet: bool = False,
    spoken: bool = True,
    hiring: Hiring = alone,
    workers: int = 1,
    threads: int | None = None,
    keeper: Keeper = IN_THE_FOLDER,
    **given: Any,
) -> dict[str, Any]:
    """Do a study, or what is left of it; what `summary.json` holds.

    Parameters
    ----------
    question : Question
        What is asked.
    folder : pathlib.Path
        Made where it is not there.
    overwrite : bool
        Start over where the folder holds another study.
    quiet : bool
        Without a bar.
    spoken : bool
        Print the answer and where everything is.
    hiring : callable
        Who computes the parts; by default this process.
    workers : int
        How many of them share this machine's threads.
    threads : int, optional
        Of each; by default as many as the study was begun with, and a new one with its share.
    keeper : Keeper
        Keeps what is finished elsewhere, too.
    **given
        The arguments of the command line by their names.

    Raises
    ------
    StudyConflict
        If the folder holds another study, or another process works in it.
    StudyWriteError
        If a file cannot be written.
    StudyIncomplete
        If some part could not be made.
    DataError, ModelError, LayerError, TargetError, DownloadError
        If the arguments cannot be used.
    """
    request = _request(question, given)
    ready = prepared(question, request)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except NO_PATH as error:
        why = getattr(error, "strerror", None) or error
        raise DataError(f"The folder {str(folder)!r} cannot be made: {why}.") from error
    try:
        with FileLock(str(folder / ".lock"), timeout=0):
            return _run(ready, request, folder, overwrite, threads, workers, hiring, keeper, quiet, spoken)
    except Timeout as error:
        raise StudyConflict(
            f"Another process works in {folder}. Wait until it is done, or choose another folder."
        ) from error
    except BrokenPipeError:  # whoever reads what is printed has gone; the folder is not to blame
        raise
    except OSError as error:
        raise StudyWriteError(f"{folder} cannot be used: {error.strerror or error}.") from error


def _request(question: Question, given: dict[str, Any]) -> Request:
    """The arguments of the command line as a record."""
    classes = class_names(given["classes"]) if given.get("classes") else None
    options, stated = data_choices(given), model_settings(given)
    file = given.pop(LABELS_FILE, None)
    choices = {name: value for name, value in given.items() if name not in (*_COMMON, "classes")}
    return Request(
        kind=question.key,
        **{name: given[name] for name in _COMMON},
        options=options,
        classes=classes,
        stated=stated,
        choices=choices,
        label_map=read_label_map(file) if file else None,
    )


def _run(
    ready: Prepared,
    request: Request,
    folder: Path,
    overwrite: bool,
    threads: int | None,
    workers: int,
    hiring: Hiring,
    keeper: Keeper,
    quiet: bool,
    spoken: bool,
) -> dict[str, Any]:
    """The study in its folder, which nobody else works in."""
    import torch

    begun = begun_with(folder, ready.head)
    threads = threads or begun_threads(begun) or max(1, torch.get_num_threads() // workers)
    with bounded_threads(threads):
        settings = made_with(ready.opened.model.device.type)
        study = StudyFolder.begin(folder, {**ready.head, MADE_WITH: settings}, overwrite=overwrite)
        if said := mixed([begun, settings]) if begun else "":
            say(said, file=sys.stderr)
        keeper.begun(study)
        progress = Progress(study)
        order = Order(folder, request, study.identity, threads, gpu=study.head["device"] == "cuda")
        parts = 0
        with progress.followed():
            with hiring(order, study) as crew:
                for number, stage in enumerate(ready.work.stages(study)):
                    Work(study, stage, progress, keeper, quiet).do(crew, number)
                    parts = stage.first + len(stage.sizes)
            progress.write("results")
            summary = _finish(ready, study, progress, parts)
        keeper.finished(study)
        if spoken:
            _say(study, summary, ready.opened, progress)
        return summary


def _archived(report: Report) -> tuple[Report, str]:
    """The report as it goes into the archive, and what is not in it."""
    size = sum(array.nbytes for name, array in report.arrays.items() if name.startswith("map/"))
    if size <= ARCHIVED:
        return report, ""
    rest = {name: array for name, array in report.arrays.items() if not name.startswith("map/")}
    return replace(report, arrays=rest), (
        f"The maps ({size / 1e6:,.0f} MB) are too many for report.zip: they are in parts/, one archive a batch."
    )


def _limitation(limit: Limit) -> Limitation:
    """With addresses in place of numbers."""
    return Limitation(limit.title, limit.sentence, [address_of(source) for source in limit.sources])


def _left_out(study: StudyFolder) -> list[LeftOut]:
    """Every picture that is not in the table, and why."""
    found: list[LeftOut] = []
    for number in range(study.head["parts"]):
        about = study.about(number)
        found += [LeftOut(name, why) for name, why in (*about["problems"], *about.get("masks", ()))]
    return found


def _skipped(data: Dataset) -> list[PassedOver]:
    return [PassedOver(plain(problem.name), plain(problem.reason)) for problem in data.skipped]


def _finish(ready: Prepared, study: StudyFolder, progress: Progress, parts: int) -> dict[str, Any]:
    """Write the results; what `summary.json` holds."""
    opened = ready.opened
    found: Results = ready.work.results(study)
    made = [study.about(number) for number in range(parts)]
    unlike = mixed(one[MADE_WITH] for one in made if MADE_WITH in one)
    whole = replace(found.report, reading=tuple(plain(said) for said in opened.data.how_read))
    report, note = _archived(whole)
    left_out = _left_out(study)
    summary = Summary(
        kind=study.kind,
        rules=studies.RULES,
        headline=found.card.headline,
        sentence=found.card.sentence,
        in_plain_words=found.card.plain,
        tone=found.card.tone,
        caveats=list(found.card.caveats),
        limits=[_limitation(one) for one in found.card.limits],
        findings=[one for one in (*found.sentences, note, unlike) if one],
        numbers={k: v if np.isfinite(v) else None for k, v in report.numbers.items()},
        model_notes=list(opened.model.notes),
        data_notes=list(whole.reading),
        counts={"pictures": study.head["pictures"], "left out": len(left_out), **found.counts},
        left_out=left_out,
        skipped=_skipped(opened.data),
        # Of all who worked on it; parts of older versions hold their own.
        seconds=round(progress.seconds + sum(float(one.get("seconds", 0)) for one in made), 3),
        address=page_address(ready.question, opened),
    ).plain()
    page = to_html(whole)
    results = {
        "table.csv": csv_text(found.table).encode(),
        "tests.csv": csv_text(studies.numbers_of(found.card)).encode(),
        "report.html": page.encode(),
        "report.zip": to_zip(report, page),
    }
    study.finish(results, summary)
    return summary


def _say(study: StudyFolder, summary: Mapping[str, Any], opened: Opened, progress: Progress) -> None:
    """The verdict in plain words, and where everything is."""
    say(f"{summary['headline']}.")
    for sentence in (summary["sentence"], *summary["caveats"], *summary["findings"]):
        say(sentence)
    for note in summary["model_notes"]:
        say(f"Of the model: {note}")
    for note in summary["data_notes"]:
        say(f"Of the pictures: {note}")
    left_out, skipped = summary["left_out"], summary["skipped"]
    if left_out:
        total = summary["counts"]["pictures"]
        reasons = "; ".join(f"{one['picture']}: {studies.uncapitalised(one['reason'])}" for one in left_out[:5])
        more = f"; and {len(left_out) - 5:,} more" if len(left_out) > 5 else ""
        say(f"{part_of(len(left_out), total, 'picture')} left out: {reasons}{more}")
    if skipped:
        say(f"{number_of(len(skipped), 'file')} passed over; {SUMMARY} says which.")
    say(f"{opened.model.title} on {opened.model.device.type}, {summary['seconds']:.1f} s of computing.")
    for said in by_worker(progress.workers) if len(progress.workers) > 1 else ():
        say(said)
    for name in ("report.html", "report.zip", "table.csv", "tests.csv", SUMMARY):
        say(f"  {study.folder / name}")
    place = f"{_DASHBOARD}{summary['address']}&{urlencode({'study': study.folder})}"
    starts = " ".join(["xai", *(f"--plugin {quote(str(one))}" for one in plugins.stated())])
    say(f"In the dashboard, which {starts} starts (there, if it says another address than {_DASHBOARD}): {place}")
