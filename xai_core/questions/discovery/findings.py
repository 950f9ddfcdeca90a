"""What Discovery finds: its card, and its report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy import stats

from xai_core import figures
from xai_core.discovery.carriers import RISE, RISE_WITHOUT_CONTENT
from xai_core.discovery.records import CarrierTest, Discovery, Strategy
from xai_core.discovery.rule import LEVEL
from xai_core.questions.discovery.question import DISCOVERY
from xai_core.reports import Chart, Markup, Part, Report, Section, Table, Text
from xai_core.studies import Checked, Hypothesis, Tone
from xai_core.studies.words import listed, uncapitalised
from xai_core.types import ByteArray, Classifier, Sample, StatResult
from xai_core.types.counts import form, number_of

Views = Mapping[int, ByteArray]  # place in the data set -> what the network sees of the picture
SEED = 0
_NAMED = 3  # suspected classes that the headline names
_TOLD = 2  # suspected groups whose sentences stand on the card; of more, a list
CANNOT = (
    "A shortcut that lies on the object, or varies as the object does, such as a ruler at every angle or text of "
    "changing content, is not suspected.",
    "Without masks, objects that are all alike, such as logos or printed characters, are suspected wrongly: look at "
    "the pictures. With masks, a part that holds most of the object is not suspected.",
    "A background that belongs to the class is suspected, too: the model goes by it, and only a person can say whether "
    "that is wanted.",
    "Fewer than five pictures in either half are no group, and a shortcut in only a fifth of a class is mostly missed: "
    "it was found in two of seven networks that had learned one.",
    "Parts are put into pictures of other classes only, so a shortcut of all classes at once is not seen.",
)
OF_DATA = (
    "A label may be wrong where the model is surer of another class than it usually is of pictures with that label "
    "(confident learning, arXiv 1911.00068); a model that was trained on these pictures may have learned wrong labels, "
    "too. Near duplicates have nearly the same brightness and features; odd pictures lie more than 3.5 robust standard "
    "deviations from the median. Only pictures of this data set and split are compared, unless another split is named."
)
_CHANGES = (
    Checked(
        "Other halves",
        None,
        "Groups are found in one half of the pictures and tested on the other, split at random. With another split, a "
        "borderline answer can change.",
    ),
    Checked("Another layer", None, "With another layer, the groups can come out differently."),
)
_ASSUMPTIONS = (
    Checked("Pictures are independent", None, "Each picture counts once; pictures that belong together count as one."),
    Checked("Tested on other pictures", True, "Groups were found on one half, and tested on the other."),
    Checked("Normal differences", None, "The paired t-test assumes them; with few pictures they cannot be checked."),
    Checked(
        "The control is fair",
        None,
        "Pictures that are put together from parts are unlike those of the training. So each such picture is compared "
        "with a second one, made in the same way but with a part from another class.",
    ),
)


@dataclass(frozen=True, eq=False)
class Findings:
    """What was found of one model on one set of labelled pictures.

    Attributes
    ----------
    model : Classifier
        What was asked.
    data : str
        The expression that gives the pictures (`Dataset.code`).
    discovery : Discovery
        Groups and tests.
    card : Hypothesis
        Of the strongest of them.
    views : Mapping of int to ndarray
        What the network sees of the typical pictures.
    samples : Sequence[Sample]
        Those pictures.
    asked : Sequence[str]
        Labels asked about; empty for all.
    names : Mapping of str to str
        Names that people gave to groups.
    """

    model: Classifier
    data: str
    discovery: Discovery
    card: Hypothesis
    views: Views = field(default_factory=dict)
    samples: Sequence[Sample] = ()
    asked: Sequence[str] = ()
    names: Mapping[str, str] = field(default_factory=dict)


def strongest(found: Discovery) -> tuple[Strategy, CarrierTest] | None:
    """The suspected strategy whose part adds most; without one, that of all; None where nothing was tested."""
    among = found.suspects or found.strategies
    tried = [(one, one.suspect or test) for one in among for test in one.tests if np.isfinite(test.p_holm)]
    return max(tried, key=lambda pair: pair[1].gain, default=None)


def _statistic(test: CarrierTest) -> float:
    """Student's t again, from p before its correction."""
    return float(np.sign(test.gain) * stats.t.isf(test.p / 2, test.n - 1))


def _result(found: Discovery) -> StatResult:
    pair, nan = strongest(found), float("nan")
    name = "Paired t, Holm-corrected"
    if pair is None:
        reason = "Nothing could be tested: there are too few pictures of a class, or none of others to put a part into."
        return StatResult(name, "t", nan, nan, "added probability", nan, (nan, nan), 0.95, 0, reason=reason)
    strategy, test = pair
    return StatResult(
        f"{name} ({uncapitalised(strategy.title)}, {test.title})",
        "t",
        _statistic(test),
        test.p_holm,
        "added probability",
        test.gain,
        test.interval,
        0.95,
        test.n,
        in_points=True,
    )


def _about(classes: Mapping[str, int], n: int) -> str:
    """Which classes were tested, and on how many of their pictures."""
    which = f"'{next(iter(classes))}', " if len(classes) == 1 else f"{len(classes)} classes, " if classes else ""
    return f"({which}n = {n:,})"


def discovery_hypothesis(found: Discovery) -> Hypothesis:
    """The card: whether any class is suspected to rely on a shortcut.

    Parameters
    ----------
    found : Discovery

    Returns
    -------
    Hypothesis
    """
    result = _result(found)
    suspected = {one.label: one.n_class for one in found.suspects}
    classes = {one.label: one.n_class for one in found.strategies}
    tone: Tone = "caution" if suspected else "none" if not result.reason else "unknown"
    headline = f"This cannot be tested {_about(classes, len(found.pictures))}"
    sentence = result.reason
    if suspected:
        each = [f"'{label}' (n = {n:,})" for label, n in suspected.items()]
        which = (
            listed(each)
            if len(each) <= _NAMED
            else f"{len(each)} of {number_of(len(classes), 'class')} (n = {sum(classes.values()):,})"
        )
        headline = f"A shortcut is suspected in {which}"
        sentence = " ".join(one.sentence for one in found.suspects)
        if len(found.suspects) > _TOLD:
            parts = [
                f"'{one.label}' by {test.title} (+{100 * test.gain:.0f} points)"
                for one in found.suspects
                if (test := one.suspect) is not None
            ]
            sentence = f"{number_of(len(found.suspects), 'group')}: {listed(parts)}. Each is described below."
    elif tone == "none":
        headline = f"No shortcut was found {_about(classes, sum(classes.values()))}"
        sentence = (
            f"In {number_of(len(classes), 'class')} {number_of(len(found.strategies), 'group')} of pictures "
            f"{form(len(found.strategies), 'was', 'were')} tested; in none is a shortcut suspected. "
            "The figures are of the part that adds most: its p is corrected for all tests (Holm), its interval is not."
        )
    told = [one.plain for one in found.suspects[:_TOLD]]
    more = len(found.suspects) - len(told)
    if more > 0:
        told.append(f"{number_of(more, 'more group')} {form(more, 'is', 'are')} suspected and described below.")
    if tone == "none":
        told = [
            f"{number_of(len(classes), 'class')} {form(len(classes), 'was', 'were')} searched. Apart from the object, "
            "no part of their pictures was found that makes the model predict the class when it is put into pictures "
            "of other classes. What could be found, and what could not, is listed below."
        ]
    elif tone == "unknown":
        told = [result.reason]
    return Hypothesis(
        question=DISCOVERY.short,
        h0="H0: a part taken from the group changes the class's probability as much as one taken from another class.",
        h1=f"H1: at least one part (a detail, the border, the surroundings, the colour) changes it more, or less "
        f"(two-sided, level {LEVEL}, Holm over all classes, groups and parts). A shortcut is suspected if a part "
        f"adds at least {100 * RISE:.0f} points; for the surroundings, at least {100 * RISE_WITHOUT_CONTENT:.0f}.",
        measured="Probability of the class with a part from its own pictures and with one from another class, on the "
        f"half of {number_of(len(found.pictures), 'picture')} that was held back.",
        tone=tone,
        headline=headline,
        sentence=sentence,
        carries=result,
        assumptions=_ASSUMPTIONS,
        changes=_CHANGES,
        caveats=(*found.doubts, *found.left_out),
        plain=" ".join(told),
    )


def find(model: Classifier, data: str, discovery: Discovery, **more: Any) -> Findings:
    """The findings, as page and batch study both have them.

    Parameters
    ----------
    model, data, discovery
        See `Findings`.
    **more
        Other fields of `Findings`.
    """
    return Findings(model, data, discovery, discovery_hypothesis(discovery), **more)


def typical_places(found: Discovery) -> list[int]:
    """The places of all pictures that cards draw."""
    return sorted({place for strategy in found.strategies for place in strategy.typical})


def _called(strategy: Strategy, found: Findings) -> str:
    """The name that somebody gave to a group, behind its own."""
    name = found.names.get(strategy.name, "")
    return f" (“{name}”)" if name else ""


def _card(strategy: Strategy, found: Findings) -> list[Part]:
    parts: list[Part] = [
        Text(f"{strategy.title}{_called(strategy, found)}. {strategy.sentence}", warning=strategy.suspect is not None)
    ]
    if all(place in found.views for place in strategy.typical):
        table = found.discovery.pictures.set_index("place")["picture"]
        names = [str(table[place]) for place in strategy.typical]
        parts.append(Markup(figures.strategy_html(strategy, [found.views[one] for one in strategy.typical], names)))
    return parts


def discovery_numbers(found: Discovery) -> dict[str, float]:
    """What the lines of Python give again."""
    pair = strongest(found)
    return {
        "suspects": float(len(found.suspects)),
        "groups": float(len(found.strategies)),
        "most added": pair[1].gain if pair else float("nan"),
    }


def report(found: Findings, **settings: Any) -> Report:
    """The report of page and study.

    Parameters
    ----------
    found : Findings
    **settings
        Besides those that the findings have.
    """
    discovery = found.discovery
    suspects = discovery.suspects
    others = [one for one in discovery.strategies if one not in suspects]
    warnings = (*discovery.doubts, *discovery.left_out)
    said = (*(Text(one, warning=True) for one in warnings), *map(Text, discovery.sentences))
    sections = [Section(DISCOVERY.short, (found.card, *(part for one in suspects for part in _card(one, found))))]
    if others:
        sections.append(Section("Other groups", tuple(part for one in others for part in _card(one, found))))
    drawn = Chart(figures.pictures_map_figure(discovery), "Pictures by the principal components of their features")
    sections.append(Section("Pictures", (drawn, Table("Tests", discovery.table))))
    if len(discovery.issues):
        sections.append(Section("Suspects in the data", (Text(OF_DATA), Table("Suspects", discovery.issues))))
    sections.append(Section("What could be found, and what could not", (*said, *map(Text, CANNOT))))
    asked = f", label={list(found.asked)!r}" if found.asked else ""
    chosen = {name: discovery.settings[name] for name in ("method", "layer", "seed")}
    code = (
        f"import xai_core as xai\n\nmodel = {found.model.code}\ndata = {found.data}\n"
        f"from xai_core.questions.discovery.findings import discovery_numbers\n\n"
        f"found = xai.discover(model, data{asked}, method={chosen['method']!r}, layer={chosen['layer']!r}, "
        f"seed={chosen['seed']})\n"
        "numbers = discovery_numbers(found)\nprint(numbers)\n"
    )
    return Report(
        key=DISCOVERY.key,
        title=DISCOVERY.title,
        question=DISCOVERY.question,
        sections=tuple(sections),
        settings={"pictures": found.data, "model": found.model.title, **discovery.settings} | settings,
        code=code,
        numbers=discovery_numbers(discovery),
        model=found.model,
        samples=found.samples,
        pictures=len(discovery.pictures),
        tables={"Every picture": discovery.pictures, "Every test": discovery.table},
    )
