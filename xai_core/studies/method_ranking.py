"""Which method at which layer is to be preferred for a model and its pictures, and what cannot be told apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from xai_core import stats
from xai_core.studies.class_gate import LEAST
from xai_core.studies.foreground import ALPHA
from xai_core.studies.groups import group_means
from xai_core.studies.map_criteria import CRITERIA, FOUND
from xai_core.studies.paired import FEWEST_FLIPPED, flipped, supported
from xai_core.studies.trust import CHANGED, STAYED
from xai_core.studies.words import first_listed, format_interval, format_p, listed, percent
from xai_core.types.counts import form, number_of

NAMES = ("name", "method", "title", "layer", "layer_title", "depth")  # columns that say what a candidate is
_NAMED = 4  # candidates that a sentence names
BEST, EQUAL, WORSE, RANDOM, UNTRAINED, UNKNOWN = "best", "equal", "worse", "random", "untrained", "unknown"
ELSEWHERE, UNSEEN = "elsewhere", "unseen"
OUTCOMES = {
    BEST: "Recommended",
    EQUAL: "Not told apart from it",
    WORSE: "Worse",
    RANDOM: "Not shown to beat random orders",
    UNTRAINED: "Shows the picture, not the model",
    ELSEWHERE: "Not shown to beat maps of other pictures",
    UNSEEN: "The model does not see the class",
    UNKNOWN: "Too few pictures",
}


@dataclass(frozen=True, eq=False)
class MethodRanking:
    """Candidates, best first, and what follows.

    Attributes
    ----------
    table : DataFrame
        A row a candidate: NAMES; for each of CRITERIA its mean over pictures and, with _low and _high,
        its 95% interval; n, pictures (or groups of them) that count; flat, the share of pictures without a map;
        seconds a picture; p_random (against random orders, Holm over the candidates), p_best (against the recommended
        one, Holm over all pairs), outcome (key of OUTCOMES).
    sentence : str
        The recommendation, on what it rests, and what cannot be told apart.
    best : str
        Name of the recommended candidate; empty where there is none.
    """

    table: pd.DataFrame
    sentence: str
    best: str


def rank_methods(
    pictures: pd.DataFrame, groups: Mapping[int, str | None] | Sequence[str | None] | None = None
) -> MethodRanking:
    """Rank methods and layers by how well hiding in their order does against random order.

    A candidate can be recommended if its order is better than random ones (sign flips over pictures, Holm over the
    candidates) and if its maps are not those of a network with random weights (`trust.STAYED`). A map that was made
    elsewhere cannot be made for these: it has to be better than the same maps of other pictures. Of these the one with
    the largest mean is recommended; those whose difference from it is no larger than chance gives (sign flips, Holm
    over all pairs of candidates, since the same pictures chose the best one) are said not to be told apart from it.

    Parameters
    ----------
    pictures : DataFrame
        A row for each picture and candidate: picture (a number), NAMES, deletion, insertion, weights, object,
        stability, flat, seconds; NaN where something is not known. Where there are any, others (what the map of another
        picture gives), p (probability of the explained class) and limit (of its mean, below which nothing is said:
        gate_limit; class_gate.LEAST without it).
    groups : Mapping of int to str or None, or a sequence of them, optional
        What each number of a picture belongs to; those of a group count once.
    """
    pictures = pictures.assign(**{FOUND.key: (pictures["deletion"] + pictures["insertion"]) / 2})
    if "others" not in pictures:
        pictures = pictures.assign(others=np.nan)
    names = list(dict.fromkeys(pictures["name"]))
    wide = {key: pictures.pivot(index="picture", columns="name", values=key)[names] for key in CRITERIA}
    kept = None if groups is None else [groups[int(i)] for i in wide[FOUND.key].index]

    def columns(key: str) -> np.ndarray:
        values = wide[key].to_numpy(float)
        return values if kept is None else group_means(values, kept)

    found = columns(FOUND.key)
    first = pictures.drop_duplicates("name").set_index("name")
    table = first.reset_index()[list(NAMES)].assign(n=len(found))
    for key in CRITERIA:
        table[[key, f"{key}_low", f"{key}_high"]] = [_mean(column) for column in columns(key).T]
    about = pictures.groupby("name", sort=False)
    table["flat"] = about["flat"].mean().reindex(names).to_numpy()
    table["seconds"] = about["seconds"].median().reindex(names).to_numpy()
    fewest = _fewest(len(names))
    enough = len(found) >= fewest
    chance = [stats.sign_flip(column, np.zeros(len(column))).p if enough else np.nan for column in found.T]
    table["p_random"] = stats.holm(chance)
    table["p_best"] = np.nan
    if "p" in first and (mean := float(pictures["p"].mean())) < (limit := _limit(pictures)):
        table["outcome"] = UNSEEN
        return MethodRanking(_ordered(table), _unseen(mean, limit), "")
    if not enough:
        table["outcome"] = UNKNOWN
        return MethodRanking(_ordered(table), _too_few(len(found), fewest, len(names), kept is not None), "")
    lent = pictures.pivot(index="picture", columns="name", values="others")[names].to_numpy(float)
    lent = lent if kept is None else group_means(lent, kept)
    return _recommended(table, found, _no_better(found, lent), kept is not None)


def _limit(pictures: pd.DataFrame) -> float:
    """The mean probability from which on the explained class is seen; older studies do not say it."""
    said = pictures["limit"].dropna() if "limit" in pictures else []
    return float(max(said, default=LEAST))


def _no_better(found: np.ndarray, lent: np.ndarray) -> np.ndarray:
    """bool (candidates,): which are held against maps of other pictures, and not shown to find more than these."""
    held = np.isfinite(lent).any(axis=0)
    tests = [
        flipped(own[(known := np.isfinite(other))] - other[known]) for own, other in zip(found.T, lent.T, strict=True)
    ]
    p = stats.holm([test.p for test in tests])
    return held & ~((p < ALPHA) & np.array([supported(test) == "more" for test in tests]))


def _mean(values: np.ndarray) -> tuple[float, float, float]:
    known = values[np.isfinite(values)]
    return (float(known.mean()), *stats.mean_interval(known)) if len(known) else (np.nan, np.nan, np.nan)


def _ordered(table: pd.DataFrame) -> pd.DataFrame:
    return table.sort_values(FOUND.key, ascending=False, kind="stable", ignore_index=True)


def _recommended(table: pd.DataFrame, found: np.ndarray, strange: np.ndarray, grouped: bool) -> MethodRanking:
    """With outcomes, from candidates whose tests could be computed."""
    beats = (table["p_random"] < ALPHA) & (table[FOUND.key] > 0)
    beats &= ~(table[f"{FOUND.key}_low"] <= 0)  # nothing is claimed that the interval beside it would contradict
    learned = ~(table["weights"] > STAYED)
    table["outcome"] = np.where(~beats, RANDOM, np.where(strange, ELSEWHERE, np.where(learned, WORSE, UNTRAINED)))
    usable = np.flatnonzero((beats & learned & ~strange).to_numpy())
    if not len(usable):
        return MethodRanking(_ordered(table), _none(table, grouped), "")
    best = int(usable[int(table[FOUND.key].to_numpy()[usable].argmax())])
    p = stats.pairwise_flips(found)
    table["p_best"] = p[best]
    same = [int(i) for i in usable if i != best and not p[best, i] < ALPHA]
    table.loc[same, "outcome"] = EQUAL
    table.loc[best, "outcome"] = BEST
    sentence = _sentence(table, best, same, grouped)
    return MethodRanking(_ordered(table), sentence, str(table["name"].iloc[best]))


def _pictures(n: int, grouped: bool) -> str:
    return number_of(n, "group" if grouped else "picture")


def _fewest(candidates: int) -> int:
    """Of pictures, so that a test by random signs that is corrected for so many candidates can fall below its level."""
    return max(FEWEST_FLIPPED, int(np.log2(2 * candidates / ALPHA)) + 1)


def _too_few(n: int, fewest: int, candidates: int, grouped: bool) -> str:
    of_many = f" that is corrected for {candidates} candidates" if candidates > 1 else ""
    return (
        f"No recommendation: a paired test{of_many} needs at least {fewest} {'groups' if grouped else 'pictures'}; "
        f"there {form(n, 'is', 'are')} {n}."
    )


def _unseen(mean: float, limit: float) -> str:
    return (
        f"No recommendation: on average the model is only {percent(mean)} sure of what the maps explain, below "
        f"{percent(limit)}. A class that it does not see has maps, too, and hiding their places costs it "
        "nothing worth finding."
    )


def _none(table: pd.DataFrame, grouped: bool) -> str:
    """Why nothing is recommended."""
    strange = table["outcome"] == ELSEWHERE
    if strange.any():
        names = table.loc[strange, "name"].tolist()
        return (
            f"No recommendation: over {_pictures(int(table['n'].iloc[0]), grouped)}, {listed(names[:_NAMED])} "
            f"{form(len(names), 'does', 'do')} more than "
            "random orders, but no more than the same maps of other pictures do: so does a blob that never saw any."
        )
    stays = table["outcome"] == UNTRAINED
    if stays.any():
        return (
            f"No recommendation: over {_pictures(int(table['n'].iloc[0]), grouped)}, the only maps that do more than "
            f"random orders ({listed(table.loc[stays, 'name'].tolist()[:_NAMED])}) stay nearly the same with random "
            "weights, so they show the picture and not the model."
        )
    return (
        f"No recommendation: over {_pictures(int(table['n'].iloc[0]), grouped)}, no map's order of hiding and "
        f"uncovering does more than random orders do (sign flips, Holm over the {len(table)} candidates)."
    )


def _sentence(table: pd.DataFrame, best: int, same: Sequence[int], grouped: bool) -> str:
    """The recommendation, on what it rests, and what cannot be told apart from it."""
    row = table.iloc[best]
    interval = format_interval((row[f"{FOUND.key}_low"], row[f"{FOUND.key}_high"]))
    of_many = len(table) > 1
    said = (
        f"Take {row['name']}: over {_pictures(int(row['n']), grouped)}, it finds{' best' if of_many else ''} what the "
        f"model uses.{_alike(table, best, same)} Hiding and uncovering in its order changes the probability of the "
        f"class by {row[FOUND.key]:.2f} more than random orders do ({interval}; {format_p(row['p_random'])}, Holm over "
        f"{number_of(len(table), 'candidate')})."
    )
    if of_many:
        said += " It was chosen for doing well on these pictures, so its interval is somewhat too narrow."
    if np.isfinite(row["weights"]):
        much = "Little" if row["weights"] <= CHANGED else "A good part"
        said += f" {much} of the map is left with random weights (rank correlation {two_decimals(row['weights'])})."
    else:
        said += " It cannot be made with random weights: whether it shows the model or the picture alone is not known."
    return said


def _alike(table: pd.DataFrame, best: int, same: Sequence[int]) -> str:
    """What cannot be told apart from the best one and is faster, or that it does better than all; empty of one."""
    row = table.iloc[best]
    if same:
        nearest = sorted(same, key=lambda i: -table[FOUND.key].iloc[i])
        told = first_listed(table["name"].iloc[nearest].tolist(), _NAMED)
        quick = table.iloc[[best, *same]].sort_values("seconds", kind="stable").iloc[0]
        said = f" It cannot be told apart from {told} (paired sign flips, Holm over all pairs)"
        if quick["name"] != row["name"]:
            said += f"; of these, {quick['name']} is the fastest ({quick['seconds']:.2g} s a picture" + (
                f" against {row['seconds']:.2g})" if np.isfinite(row["seconds"]) else ")"
            )
        return f"{said}."
    if (table["outcome"] == WORSE).any():
        return (
            " It does better than each of the others that beat random orders, too (paired sign flips, Holm over all "
            "pairs)."
        )
    return ""


def ranking_in_words(table: pd.DataFrame) -> pd.DataFrame:
    """The table of `rank_methods` for people: a column a criterion, with intervals, where any has it.

    Parameters
    ----------
    table : DataFrame
        Of `MethodRanking`.
    """
    shown = pd.DataFrame({"method and layer": table["name"]})
    for key, kind in CRITERIA.items():
        if table[key].notna().any():
            three = zip(table[key], table[f"{key}_low"], table[f"{key}_high"], strict=True)
            shown[kind.title] = [_with_interval(*one) for one in three]
    shown["seconds a picture"] = table["seconds"].map(lambda value: f"{value:.2g}" if np.isfinite(value) else "–")
    return shown.assign(outcome=table["outcome"].map(OUTCOMES))


def _with_interval(value: float, low: float, high: float) -> str:
    if not np.isfinite(value):
        return "–"
    interval = f" ({two_decimals(low)} to {two_decimals(high)})" if np.isfinite(low) else ""
    return f"{two_decimals(value)}{interval}"


def two_decimals(value: float) -> str:
    """A number as the table and the chart have it; what rounds to nothing has no sign.

    Parameters
    ----------
    value : float

    Returns
    -------
    str
    """
    return f"{round(value, 2) + 0.0:.2f}"
