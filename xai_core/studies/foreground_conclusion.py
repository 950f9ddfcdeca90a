"""One answer to "does it look at the object?" from maps and interventions, by the rules of docs/verdicts.md."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import pandas as pd

from xai_core.studies.checked import Checked
from xai_core.studies.class_gate import about_n
from xai_core.studies.foreground_verdict import ForegroundVerdict, MapOutcome
from xai_core.studies.labelled_maps import maps_sentence, named
from xai_core.studies.paired import Direction
from xai_core.studies.reliance import FEWEST, Reliance, RestsOn
from xai_core.studies.reliance_in_words import labels_sentence, reliance_evidence
from xai_core.studies.untrained_maps import UntrainedMaps
from xai_core.studies.words import classes_listed
from xai_core.types.counts import form

Answer = Literal["yes", "no", "mixed", "unknown"]
Maps = Literal[MapOutcome, "random"]  # "random": no further than the maps of random weights


@dataclass(frozen=True)
class Conclusion:
    """The answer from all evidence.

    Attributes
    ----------
    answer : {"yes", "no", "mixed", "unknown"}
        "unknown" where it cannot be told.
    headline : str
        The answer, with the class and n.
    settled : bool
        Whether maps and interventions both say something; else one of them speaks alone.
    evidence : tuple of Checked
        Each piece in a sentence with its own n and effect: whether it speaks for the object (True), against it (False)
        or neither (None).
    apart : tuple of str
        The labels for which the model uses the background, where the headline is about them.
    maps_apart : Mapping of str to {"more", "less", "none", "unknown"}
        Where the maps of each label lie, where the headline is about that.
    """

    answer: Answer
    headline: str
    settled: bool
    evidence: tuple[Checked, ...]
    apart: tuple[str, ...] = ()
    maps_apart: Mapping[str, Direction] = field(default_factory=dict)


@dataclass(frozen=True)
class _Rule:
    answer: Answer
    words: str


_BEYOND_RANDOM = {
    "more": _Rule("yes", "Yes, by its maps: they lie on the object"),
    "less": _Rule("no", "No, by its maps: they lie off the object"),
}
_MAPS_ALONE: dict[Maps, _Rule] = {
    "more": _Rule(
        "unknown", "Cannot tell: the maps lie on the object, but were not compared with those of random weights"
    ),
    "less": _Rule(
        "unknown", "Cannot tell: the maps lie off the object, but were not compared with those of random weights"
    ),
    "none": _Rule("unknown", "Cannot tell: the maps say no more than where objects usually lie"),
    "random": _Rule("unknown", "Cannot tell: random weights give maps that lie so, too"),
    "unknown": _Rule("unknown", "Cannot tell"),
}
NOT_COMPARED = Checked(
    "Random weights",
    None,
    "Not compared yet. An untrained network can give maps like these, so these maps alone say neither yes nor no.",
)
_OPEN: dict[Maps, _Rule] = {  # interventions were made as well, and do not tell either
    "more": _Rule("unknown", "Cannot tell: the maps lie on the object, but what the model uses is not clear"),
    "less": _Rule("unknown", "Cannot tell: the maps lie off the object, but what the model uses is not clear"),
}
_OBJECT_MATTERS = _Rule(
    "unknown", "Cannot tell: the maps lie on the object, and the object matters, but the background may matter, too"
)
_NO_EVIDENCE = _Rule("unknown", "Cannot tell: maps of this method are no evidence for a class")
_NEEDLESS = _Rule("mixed", "Mixed: the maps lie on the object, but the background alone keeps the probability")
_TESTED: dict[RestsOn, dict[Maps, _Rule]] = {
    "object": {
        "more": _Rule("yes", "Yes: the maps lie on the object, and the model uses it"),
        "less": _Rule("mixed", "Mixed: the model uses the object, but the maps lie off it"),
        "none": _Rule(
            "mixed", "Mixed: the model uses the object, but the maps say no more than where objects usually lie"
        ),
        "random": _Rule("mixed", "Mixed: the model uses the object, but random weights give maps that lie so, too"),
        "unknown": _Rule("yes", "Yes, by intervention: the model uses the object"),
    },
    "background": {
        "more": _Rule("no", "No: the model uses the background, though the maps lie on the object"),
        "less": _Rule("no", "No: the maps lie off the object, and the model uses the background"),
        "none": _Rule("no", "No: the model uses the background"),
        "random": _Rule("no", "No: the model uses the background"),
        "unknown": _Rule("no", "No, by intervention: the model uses the background"),
    },
    "both": {
        "more": _Rule("mixed", "Mixed: the maps lie on the object, but the model uses the background, too"),
        "less": _Rule("mixed", "Mixed: the model uses both object and background, and the maps lie off the object"),
        "none": _Rule("mixed", "Mixed: the model uses both object and background"),
        "random": _Rule("mixed", "Mixed: the model uses both object and background"),
        "unknown": _Rule("mixed", "Mixed, by intervention: the model uses both object and background"),
    },
}
_FOR: dict[str, bool | None] = {"more": True, "less": False}


def _rule_of(verdict: ForegroundVerdict, found: Reliance | None, maps: Maps, *, compared: bool) -> tuple[_Rule, bool]:
    """What follows from all pictures together, and whether interventions have a part in it."""
    if found is not None and found.on in _TESTED:
        return _TESTED[found.on][maps], True
    if found is not None and found.needless and maps == "more":
        return _NEEDLESS, True
    if verdict.no_evidence:
        return _NO_EVIDENCE, False
    if compared and maps in _BEYOND_RANDOM:
        return _BEYOND_RANDOM[maps], False
    if found is not None and found.object_matters and maps == "more":
        return _OBJECT_MATTERS, False
    return (_OPEN if found is not None and maps in _OPEN else _MAPS_ALONE)[maps], False


def _with_labels(rule: _Rule, maps_of: Mapping[str, Direction], maps: Maps, *, tested: bool, compared: bool) -> _Rule:
    """What is left of an answer where the maps of some labels lie the other way; interventions outweigh them."""
    on, off = named(maps_of, "more"), named(maps_of, "less")
    if off and rule.answer == "yes":
        return _Rule("mixed", f"Mixed: for {off} the maps lie off the object")
    if on and not tested and (off or maps == "less"):
        where = f"lie on the object{f', for {off} off it' if off else ''}"
        if compared:
            return _Rule("mixed", f"Mixed: for {on} the maps {where}")
        return _Rule("unknown", f"Cannot tell: for {on} the maps {where}, as those of random weights may")
    return rule


def _family(by_label: Mapping[str, Reliance]) -> str:
    """What the intervals of classes are corrected for."""
    said = f"There are {len(by_label)} classes, so each interval is made wider (Bonferroni)."
    if few := sum(one.n < FEWEST for one in by_label.values()):
        has = form(few, "class with fewer than {} pictures has", "classes with fewer than {} pictures have")
        said += f" {few:,} {has.format(FEWEST)} no interval."
    return said


def conclude(
    verdict: ForegroundVerdict,
    found: Reliance | None = None,
    table: pd.DataFrame | None = None,
    by_label: Mapping[str, Reliance] | None = None,
    untrained: UntrainedMaps | None = None,
    maps_of: Mapping[str, Direction] | None = None,
) -> Conclusion:
    """Combine what the maps and the interventions say.

    Parameters
    ----------
    verdict : ForegroundVerdict
        Of the maps, against other pictures' masks.
    found : Reliance, optional
        What the model uses; None where no intervention was made.
    table : DataFrame, optional
        The rows of `xai.intervention` that `found` is about.
    by_label : Mapping of str to Reliance, optional
        The same for each label.
    untrained : UntrainedMaps, optional
        The maps against those of random weights.
    maps_of : Mapping of str to {"more", "less", "none", "unknown"}, optional
        Where the maps of each label lie (`maps_by_label`).

    Returns
    -------
    Conclusion
    """
    evidence = [Checked("Maps", _FOR.get(verdict.outcome), verdict.sentence)]
    maps: Maps = verdict.outcome
    if untrained is not None:
        if maps in ("more", "less") and not untrained.beyond(maps):
            maps = "random"
        evidence.append(Checked("Random weights", _FOR.get(maps), untrained.sentence(verdict.outcome)))
    if found is not None and table is not None:
        evidence += reliance_evidence(found, table)
    held = verdict.control if verdict.control and verdict.control.n else None  # one picture has no other's mask
    n = held.n if held else found.n if found else 0
    grouped = held.grouped if held else found is not None and found.grouped
    of = about_n(verdict.seen, n, grouped=grouped, alone=verdict.alone)
    unseen = verdict.seen is not None and not verdict.seen.seen
    if verdict.seen is not None and unseen:
        return Conclusion("unknown", f"{verdict.seen.headline} {of}", False, tuple(evidence))
    if found is not None and found.on == "neither":
        return Conclusion("unknown", f"Cannot tell {of}", False, tuple(evidence))
    if verdict.seen is not None and verdict.seen.unseen:
        evidence.append(Checked("Classes that are not seen", None, verdict.seen.but))
    compared = untrained is not None
    of_all, tested = _rule_of(verdict, found, maps, compared=compared)
    rule = of_all
    if not (tested or compared) and maps in _BEYOND_RANDOM:
        evidence.append(NOT_COMPARED)
    if maps_of and maps in ("more", "less", "none") and ({"more", "less"} - {maps}) & set(maps_of.values()):
        evidence.append(Checked("Maps by class", False if named(maps_of, "less") else None, maps_sentence(maps_of)))
        rule = _with_labels(rule, maps_of, maps, tested=tested, compared=compared)
    maps_apart = (maps_of or {}) if rule is not of_all else {}
    apart = [label for label, one in (by_label or {}).items() if one.on == "background"]
    if by_label and len(by_label) > 1:
        evidence.append(
            Checked("Classes", False if apart else None, f"{labels_sentence(by_label)} {_family(by_label)}")
        )
    if not by_label or len(by_label) < 2 or rule.answer == "no":
        apart = []
    elif apart:
        every = len(apart) == len(by_label)
        rule = (
            _Rule("no", "No: for every class the model uses the background")
            if every
            else _Rule("mixed", f"Mixed: for {classes_listed(apart)} the model uses the background")
        )
    settled = tested and verdict.outcome != "unknown"
    return Conclusion(rule.answer, f"{rule.words} {of}", settled, tuple(evidence), tuple(apart), maps_apart)
