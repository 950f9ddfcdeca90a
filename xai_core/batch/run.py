"""Runs a study from its arguments to its results, or from where it was interrupted."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy as np
from filelock import FileLock, Timeout
from tqdm import tqdm  # type: ignore[import-untyped]

import xai_core
from xai_core import studies
from xai_core.batch.address import page_address
from xai_core.batch.given import said_of_maps
from xai_core.batch.head import FORMAT, VERSION, plain
from xai_core.batch.maps import with_method
from xai_core.batch.opening import Opened, class_names, data_stamp, open_request
from xai_core.batch.request import LABELS_FILE, Request, data_choices, model_settings
from xai_core.batch.store import SUMMARY, StudyConflict, StudyFolder, StudyWriteError
from xai_core.batch.study import Results, Stage, Study
from xai_core.batch.summary import LeftOut, PassedOver, Summary
from xai_core.data import Dataset, read_label_map
from xai_core.errors import DataError
from xai_core.questions.question import Question
from xai_core.reports import Report, to_html, to_zip
from xai_core.types.counts import number_of, part_of

ARCHIVED = 512 << 20  # bytes of maps that go into the archive; more of them stay in the parts alone
_COMMON = ("data", "split", "labels", "limit", "model", "architecture", "device")


def run_study(
    question: Question, folder: Path, *, overwrite: bool = False, quiet: bool = False, spoken: bool = True, **given: Any
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
    **given
        The arguments of the command line by their names.

    Raises
    ------
    StudyConflict
        If the folder holds another study, or another process works in it.
    StudyWriteError
        If a file cannot be written.
    DataError, ModelError, LayerError, TargetError, DownloadError
        If the arguments cannot be used.
    """
    classes = class_names(given["classes"]) if given.get("classes") else None
    options, stated = data_choices(given), model_settings(given)
    file = given.pop(LABELS_FILE, None)
    choices = {name: value for name, value in given.items() if name not in (*_COMMON, "classes")}
    request = Request(
        kind=question.key,
        **{name: given[name] for name in _COMMON},
        options=options,
        classes=classes,
        stated=stated,
        choices=choices,
        label_map=read_label_map(file) if file else None,
    )
    opened = open_request(request)
    if question.taking_turns:
        opened = replace(opened, data=opened.data.taking_turns())  # as the page has them
    opened = with_method(question, opened)
    work = question.load_study()(opened)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataError(f"The folder {folder} cannot be made: {error.strerror}.") from error
    try:
        with FileLock(str(folder / ".lock"), timeout=0):
            study = StudyFolder.begin(folder, _head(opened, work), overwrite=overwrite)
            seconds = 0.0
            for stage in work.stages(study):
                _do(stage, study, quiet)
                numbers = range(stage.first, stage.first + len(stage.sizes))
                seconds += sum(float(study.about(number)["seconds"]) for number in numbers)
            summary = _finish(question, opened, work, study, seconds)
            if spoken:
                _say(study, summary, opened)
            return summary
    except Timeout as error:
        raise StudyConflict(
            f"Another process works in {folder}. Wait until it is done, or choose another folder."
        ) from error
    except OSError as error:
        raise StudyWriteError(f"{folder} cannot be used: {error.strerror or error}.") from error


def _head(opened: Opened, work: Study) -> dict[str, Any]:
    """All that `study.json` holds: what makes one study another."""
    model, total = opened.model, len(opened.data)
    head = {
        "format": FORMAT,
        "version": VERSION,
        "kind": opened.request.kind,
        "xai_core": xai_core.__version__,
        "request": opened.request.plain(),
        "data": plain(opened.data.code),
        "model": plain(model.code),
        "model_id": model.id,
        "device": model.device.type,
        "class_names": list(model.class_names),
        "pictures": total,
        "stamp": data_stamp(opened.data),
        "layers": list(work.layers),
        "input_size": list(model.preprocessing.size),
        "batch": work.batch,
        "parts": -(-total // work.batch),
        **said_of_maps(opened),
    }
    return dict(json.loads(json.dumps(head)))  # as it will be read again: lists for tuples


def _do(stage: Stage, study: StudyFolder, quiet: bool) -> None:
    """Compute the batches of a stage that are not there yet."""
    done = []
    for turn in range(len(stage.sizes)):
        number = stage.first + turn
        problem = study.problem(number) or (stage.problem(number) if stage.problem else "")
        if not problem:
            done.append(turn)
        elif problem != "absent":
            print(f"Part {number:05d} is {problem} and is computed again.", file=sys.stderr)
    there = sum(stage.sizes[turn] for turn in done)
    with tqdm(
        total=sum(stage.sizes), initial=there, desc=stage.word, unit="picture", disable=quiet, file=sys.stderr
    ) as bar:
        for turn in sorted(set(range(len(stage.sizes))) - set(done)):
            started = time.perf_counter()
            about, arrays = stage.compute(turn)
            seconds = round(time.perf_counter() - started, 3)
            study.write(stage.first + turn, {"columns": {}, "ids": [], **about, "seconds": seconds}, arrays)
            bar.update(stage.sizes[turn])


def _archived(report: Report) -> tuple[Report, str]:
    """The report as it goes into the archive, and what is not in it."""
    size = sum(array.nbytes for name, array in report.arrays.items() if name.startswith("map/"))
    if size <= ARCHIVED:
        return report, ""
    rest = {name: array for name, array in report.arrays.items() if not name.startswith("map/")}
    return replace(report, arrays=rest), (
        f"The maps ({size / 1e6:,.0f} MB) are too many for report.zip: they are in parts/, one archive a batch."
    )


def _left_out(study: StudyFolder) -> list[LeftOut]:
    """Every picture that is not in the table, and why."""
    found: list[LeftOut] = []
    for number in range(study.head["parts"]):
        about = study.about(number)
        found += [LeftOut(name, why) for name, why in (*about["problems"], *about.get("masks", ()))]
    return found


def _skipped(data: Dataset) -> list[PassedOver]:
    return [PassedOver(plain(problem.name), plain(problem.reason)) for problem in data.skipped]


def _finish(question: Question, opened: Opened, work: Study, study: StudyFolder, seconds: float) -> dict[str, Any]:
    """Write the results; what `summary.json` holds."""
    found: Results = work.results(study)
    whole = replace(found.report, reading=tuple(plain(said) for said in opened.data.how_read))
    report, note = _archived(whole)
    left_out = _left_out(study)
    summary = Summary(
        kind=study.kind,
        rules=studies.RULES,
        headline=found.card.headline,
        sentence=found.card.sentence,
        tone=found.card.tone,
        caveats=list(found.card.caveats),
        findings=[*found.sentences, *([note] if note else [])],
        numbers={k: v if np.isfinite(v) else None for k, v in report.numbers.items()},
        model_notes=list(opened.model.notes),
        data_notes=list(whole.reading),
        counts={"pictures": study.head["pictures"], "left out": len(left_out), **found.counts},
        left_out=left_out,
        skipped=_skipped(opened.data),
        seconds=round(seconds, 3),  # of all who worked on it
        address=page_address(question, opened),
    ).plain()
    page = to_html(whole)
    results = {
        "table.csv": found.table.to_csv(index=False, lineterminator="\n").encode(),
        "tests.csv": studies.numbers_of(found.card).to_csv(index=False, lineterminator="\n").encode(),
        "report.html": page.encode(),
        "report.zip": to_zip(report, page),
    }
    study.finish(results, summary)
    return summary


def _say(study: StudyFolder, summary: Mapping[str, Any], opened: Opened) -> None:
    """The verdict in plain words, and where everything is."""
    print(f"{summary['headline']}.")
    for sentence in (summary["sentence"], *summary["caveats"], *summary["findings"]):
        print(sentence)
    for note in summary["model_notes"]:
        print(f"Of the model: {note}")
    for note in summary["data_notes"]:
        print(f"Of the pictures: {note}")
    left_out, skipped = summary["left_out"], summary["skipped"]
    if left_out:
        total = summary["counts"]["pictures"]
        reasons = "; ".join(f"{one['picture']}: {studies.uncapitalised(one['reason'])}" for one in left_out[:5])
        more = " …" if len(left_out) > 5 else ""
        print(f"{part_of(len(left_out), total, 'picture')} left out: {reasons}{more}")
    if skipped:
        print(f"{number_of(len(skipped), 'file')} passed over; {SUMMARY} says which.")
    print(f"{opened.model.title} on {opened.model.device.type}, {summary['seconds']:.1f} s of computing.")
    for name in ("report.html", "report.zip", "table.csv", "tests.csv", SUMMARY):
        print(f"  {study.folder / name}")
    print(f"In the dashboard: {summary['address']}&{urlencode({'study': study.folder})}")
