"""What the comparison of methods finds, its card, and its report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from xai_core import figures, stats, studies
from xai_core.checks.method_comparison import MethodComparison
from xai_core.questions.methods.question import METHODS, PICTURES
from xai_core.reports import Chart, Part, Report, Section, Table, Text
from xai_core.studies import CRITERIA, Checked, Hypothesis, Tone
from xai_core.studies.class_gate import about_n
from xai_core.studies.map_criteria import FOUND
from xai_core.types import Classifier, Sample

_CHARTED = ("found", "weights", "object")
_CHANGES = (
    Checked(
        "Other pictures", None, "The pictures are a sample: others can give another order among what is close together."
    ),
    Checked("Another cover", None, "Hidden places are blurred. Mean colour or noise can give other differences."),
)
_ASSUMPTIONS = (
    Checked("Pictures are independent", None, "Each picture, or each group of them, counts once."),
    Checked(
        "Hiding is fair",
        None,
        "A picture with holes is unlike those that the model learned from; random orders make the same holes.",
    ),
)


@dataclass(frozen=True, eq=False)
class Findings:
    """What was found of one model on one set of pictures.

    Attributes
    ----------
    model : Classifier
        What was asked.
    data : str
        The expression that gives the pictures (`Dataset.code`).
    comparison : MethodComparison
        Methods at layers.
    card : Hypothesis
        Of `methods_hypothesis`.
    samples : Sequence[Sample]
        The pictures that were looked at.
    asked : Mapping[str, object]
        Arguments of `xai.compare_methods`.
    left_out : Sequence[str]
        What could not be read, in words.
    """

    model: Classifier
    data: str
    comparison: MethodComparison
    card: Hypothesis
    samples: Sequence[Sample] = ()
    asked: Mapping[str, Any] = field(default_factory=dict)
    left_out: Sequence[str] = ()


def methods_hypothesis(found: MethodComparison) -> Hypothesis:
    """The card: the test of the best candidate against random orders, and the recommendation.

    Parameters
    ----------
    found : MethodComparison
    """
    table = found.table
    name = found.best or str(table["name"].iloc[0])
    rows = found.pictures[found.pictures["name"] == name]
    gains = ((rows["deletion"] + rows["insertion"]) / 2).to_numpy(float)
    p = float(table.loc[table["name"] == name, "p_random"].iloc[0])
    test = replace(stats.sign_flip(gains, np.zeros(len(gains))), name=f"Sign flips, {name} against random orders", p=p)
    told = (table["outcome"] == "equal").any()
    tone: Tone = "unknown" if table["outcome"].eq("unknown").all() else "none"
    headline = "No method can be recommended" if tone == "none" else "This cannot be tested"
    if found.best:
        tone = "caution" if told else "yes"
        headline = f"{found.best}{', and others that cannot be told apart from it' if told else ''}"
    n = int(table["n"].iloc[0])
    return Hypothesis(
        question=METHODS.short,
        h0="H0: hiding and uncovering in the order of a map does no more than in random orders; and no two differ.",
        h1="H1: it does more, or less (two-sided, level 0.05, Holm over the candidates; between two, over all pairs).",
        measured=f"{CRITERIA[FOUND.key].title}: mean of deletion and insertion against random orders, on "
        f"{found.done:,} pictures, {len(table)} candidates.",
        tone=tone,
        headline=f"{headline} {about_n(None, n, grouped=n < found.pictures['picture'].nunique())}",
        sentence=found.recommendation,
        carries=test,
        changes=_CHANGES,
        assumptions=_ASSUMPTIONS,
        caveats=() if found.complete else (found.sampled,),
    )


def find(
    model: Classifier, data: str, comparison: MethodComparison, *, samples: Sequence[Sample] = (), **more: Any
) -> Findings:
    """The findings from a comparison, as page and batch study both have them.

    Parameters
    ----------
    model, data, comparison, samples
        See `Findings`.
    **more
        Other fields of `Findings`.
    """
    return Findings(model, data, comparison, methods_hypothesis(comparison), samples, **more)


def comparison_parts(found: MethodComparison) -> list[Part]:
    """The comparison as a part of a report."""
    charts = [
        Chart(figures.methods_figure(found.table, key), f"{CRITERIA[key].title}: {CRITERIA[key].help}")
        for key in _CHARTED
        if found.table[key].notna().any()
    ]
    said = [Text(one, warning=True) for one in found.left_out]
    numbers = Table("Methods and layers", studies.ranking_in_words(found.table))
    return [Text(f"{found.recommendation} {found.sampled}"), *charts, numbers, *said]


def report(found: Findings, **settings: Any) -> Report:
    """The report of page and study.

    Parameters
    ----------
    found : Findings
    **settings
        Besides those that the findings have.
    """
    asked = {"pictures": PICTURES} | dict(found.asked)
    given = "".join(f", {name}={value!r}" for name, value in asked.items() if value is not None)
    code = (
        f"import xai_core as xai\n\nmodel = {found.model.code}\ndata = {found.data}\n"
        f"found = xai.compare_methods(model, data{given})\n"
        "print(found.recommendation)\n"
        'numbers = dict(zip(found.table["name"], found.table["found"]))\n'
        "print(numbers)\n"
    )
    table = found.comparison.table
    left_out = tuple(Text(one, warning=True) for one in found.left_out)
    return Report(
        key=METHODS.key,
        title=METHODS.title,
        question=METHODS.question,
        sections=(Section(METHODS.short, (found.card, *comparison_parts(found.comparison), *left_out)),),
        settings={"pictures": found.data, "model": found.model.title, "sample": found.comparison.sampled}
        | {name: value for name, value in asked.items() if value is not None}
        | settings,
        code=code,
        numbers=dict(zip(table["name"], table[FOUND.key].astype(float), strict=True)),
        model=found.model,
        samples=found.samples,
        pictures=found.comparison.available,
        tables={"Every candidate": table, "Every picture": found.comparison.pictures},
    )
