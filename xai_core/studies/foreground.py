"""Object or background: where the maps lie by segmentation mask, tested picture by picture, and said in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy import stats as scipy_stats

from xai_core import stats
from xai_core.errors import DataError
from xai_core.maps import energy_inside, is_flat, rectify, top_shares, upsample
from xai_core.studies.masks import Masked, masks_in_view
from xai_core.studies.words import format_p, percent, uncapitalised
from xai_core.types import ByteArray, FloatArray, Heatmaps, Sample, StatResult
from xai_core.types.display import Plotted

IGNORE = 255
ALPHA = 0.05
_TOO_UNSURE = 0.2  # mean probability below which an intervention has little to take away
_HALF, _SOME = 0.5, 0.15  # of the probability, lost with another background
FEW = 15  # pictures below which a small effect goes unseen
FEWEST = 3


@dataclass(frozen=True)
class ForegroundMeasure:
    """A measure of where a map lies.

    Attributes
    ----------
    title : for people
    inside, chance : columns of `foreground_background` whose difference is tested; chance may be a number
    what : what a positive difference says
    beside : what the object's value is held against, in a word or two
    against_words : the same, as the card's sentence has it
    percent : shown as a percentage
    """

    title: str
    inside: str
    chance: str | float
    what: str
    beside: str = "by chance"
    against_words: str = "in an even map"
    percent: bool = True

    def against(self, table: pd.DataFrame) -> np.ndarray:
        """What the measure is compared with, for each row: float (n,)."""
        if isinstance(self.chance, float):
            return np.full(len(table), self.chance)
        return table[self.chance].to_numpy()

    def mean_chance(self, table: pd.DataFrame) -> float:
        """The mean of `against`; a number stays itself, also where there is no row."""
        return self.chance if isinstance(self.chance, float) else float(table[self.chance].mean())


FOREGROUND_MEASURES: dict[str, ForegroundMeasure] = {
    "mean": ForegroundMeasure(
        "Mean activation",
        "mean_inside",
        "mean_outside",
        "the map is higher on the object than off it",
        beside="off it",
        against_words="off it",
        percent=False,
    ),
    "energy": ForegroundMeasure(
        "Share of energy", "energy_inside", "mask_area", "more evidence lies on the object than in an even map"
    ),
    "rank": ForegroundMeasure(
        "Rank accuracy", "rank_accuracy", "mask_area", "the hottest pixels lie on the object more than by chance"
    ),
    "auc": ForegroundMeasure(
        "AUC", "auc", 0.5, "the map tells the object's pixels from the others", against_words="by chance", percent=False
    ),
}


def mask_problem(mask: ByteArray | None) -> str:
    """Why a mask says nothing about object and background, or an empty text."""
    if mask is None:
        return "It has no mask."
    inside, outside = (mask == 1).any(), ((mask != 1) & (mask != IGNORE)).any()
    if inside and outside:
        return ""
    if not inside and not outside:
        return "Its mask says ignore everywhere."
    return "Its mask is all foreground." if inside else "Its mask has no foreground."


def _map_problem(raw: np.ndarray) -> str:
    """Why a map says nothing about where its evidence lies, or an empty text."""
    positive = rectify(raw)
    if not np.isfinite(raw).all():
        return "Its map holds NaN."
    if not (positive > 0).any():
        return "Its map holds no positive evidence."
    return "Its map is the same everywhere." if is_flat(positive) else ""


def _measures(raw: np.ndarray, mask: ByteArray) -> dict[str, float] | None:
    """Every measure of one map, float32 (h, w) and uint8 (H, W); None where all its evidence is on ignored pixels."""
    cells = rectify(raw)
    fine = upsample(cells, mask.shape)
    known = mask != IGNORE
    inside = (mask == 1)[known]
    positive = fine[known]
    if not (positive > 0).any():
        return None
    low, high = float(cells.min()), float(cells.max())
    shown = (positive - low) / (high - low)  # min-max of the cells; interpolation does not mind when that is done
    count = int(inside.sum())
    on, off = np.sort(positive[inside]), np.sort(positive[~inside])
    rank = float(top_shares(positive, count)[inside].sum() / count)
    below = np.searchsorted(off, on, side="left") + np.searchsorted(off, on, side="right")
    peak = positive == positive.max()
    return {
        "mean_inside": float(shown[inside].mean()),
        "mean_outside": float(shown[~inside].mean()),
        "energy_inside": float(energy_inside(fine, mask)),
        "mask_area": count / len(inside),
        "pointing": float(peak[inside].sum() / peak.sum()),
        "rank_accuracy": rank,
        "iou": rank / (2 - rank),
        "auc": float(below.sum() / 2 / len(on) / len(off)),
    }


COLUMNS = ("mean_inside", "mean_outside", "energy_inside", "mask_area", "pointing", "rank_accuracy", "iou", "auc")


def foreground_background(heatmaps: Heatmaps, samples: Masked, names: Sequence[str] | None = None) -> pd.DataFrame:
    """Where each map lies: on the object or off it.

    Parameters
    ----------
    heatmaps : Heatmaps
        Of N pictures at L layers.
    samples : Iterable of Sample, or of uint8 (H, W) or None
        N samples, whole or as the network saw them, such as a `Dataset`; or their masks: 0 background, 1 foreground,
        255 ignore. What is whole is put through the view of the maps; a bare mask of the input's size is cut already.
    names : Sequence[str], optional
        N names of the pictures; None takes the samples' own, or numbers.

    Returns
    -------
    DataFrame
        A row for each picture and layer: sample, layer; mean_inside, mean_outside of the map as it is shown (ReLU,
        min-max, bilinear), in [0, 1]; of its positive part energy_inside (share of the energy on the object), pointing
        (1 where the maximum lies on it; Zhang et al., arXiv 1608.00507), rank_accuracy (share of the hottest pixels, as
        many as the object has, that lie on it; Arras et al., arXiv 2003.07258), iou (of those pixels and the object),
        auc (the map as a score for the object); mask_area, the object's share of the picture, which is what an even
        map would have; reason where the measures are NaN. Ignored pixels count nowhere.

    Raises
    ------
    DataError
        If there are not as many masks as maps, or a mask has another size than the input and the maps do not know
        their view.

    Examples
    --------
    >>> import xai_core as xai
    >>> model, digits = xai.load_model("digits"), xai.load_dataset("textured_digits")[:2]
    >>> table = xai.foreground_background(xai.grad_cam(model, digits), digits)
    >>> len(table) == 2 * len(model.select("stages"))
    True
    """
    given: list[Any] = list(samples)
    masks = masks_in_view(heatmaps, given)
    own = [item.name if isinstance(item, Sample) else f"{i + 1}" for i, item in enumerate(given)]
    called = own if names is None else list(names)
    if len(called) != len(masks):
        raise DataError(f"Names: {len(called)}; pictures: {len(masks)}. Give one for each.")
    rows = []
    for layer, maps in heatmaps.items():
        for index, (raw, mask) in enumerate(zip(maps, masks, strict=True)):
            reason = mask_problem(mask) or _map_problem(raw)
            found = _measures(raw, mask) if mask is not None and not reason else None
            if found is None:
                found = dict.fromkeys(COLUMNS, np.nan)
                reason = reason or "Its evidence lies on ignored pixels alone."
            rows.append({"picture": index, "sample": called[index], "layer": layer, **found, "reason": reason})
    return pd.DataFrame(rows)


@dataclass(frozen=True, eq=False)
class PairedTests(Plotted):
    """Two conditions on the same pictures.

    Attributes
    ----------
    differences : float (n,), first minus second, without NaN
    t, wilcoxon : the tests; effects d_z and the rank-biserial correlation
    d_av, d_av_interval : difference of means over the mean of the two standard deviations, with bootstrap interval
    shapiro_p : of the differences' normality; NaN where it cannot be computed
    carries : "t" or "wilcoxon", the test that carries the verdict
    why : why that one
    """

    differences: np.ndarray
    t: StatResult
    wilcoxon: StatResult
    d_av: float
    d_av_interval: tuple[float, float]
    shapiro_p: float
    carries: Literal["t", "wilcoxon"]
    why: str

    @property
    def n(self) -> int:
        return len(self.differences)

    @property
    def result(self) -> StatResult:
        """The test that carries the verdict."""
        return self.t if self.carries == "t" else self.wilcoxon

    @property
    def outcome(self) -> Literal["more", "less", "none", "unknown"]:
        if not np.isfinite(self.result.p):
            return "unknown"
        if self.result.p >= ALPHA:
            return "none"
        return "more" if self.result.effect > 0 else "less"


def paired_tests(first: np.ndarray, second: np.ndarray | float) -> PairedTests:
    """Paired tests of first against second, pictures with NaN left out: float (n,) each, or second a number."""
    one = np.asarray(first, dtype=float)
    two = np.broadcast_to(np.asarray(second, dtype=float), one.shape)
    known = np.isfinite(one) & np.isfinite(two)
    one, two = one[known], two[known]
    t, signed = stats.paired_t(one, two), stats.wilcoxon_signed_rank(one, two)
    shapiro = stats.shapiro_p(one - two)
    carries: Literal["t", "wilcoxon"] = "t"
    shape = f"Shapiro-Wilk, {format_p(shapiro)}"
    if np.isfinite(shapiro) and shapiro < ALPHA:
        carries, why = "wilcoxon", f"the differences are not normal ({shape}), so Wilcoxon's test carries it"
    else:
        why = f"nothing speaks against normal differences ({shape}), so the t-test carries it"
    effect, interval = stats.d_av(one, two)
    return PairedTests(one - two, t, signed, effect, interval, shapiro, carries, why)


def measure_tests(table: pd.DataFrame, measure: str) -> PairedTests:
    """`paired_tests` of a measure of FOREGROUND_MEASURES, on the rows of one layer."""
    kind = FOREGROUND_MEASURES[measure]
    return paired_tests(table[kind.inside].to_numpy(), kind.against(table))


def compare_groups(table: pd.DataFrame, by: str, measure: str) -> pd.DataFrame:
    """One row for each group (class, model, layer), Holm-corrected, the largest effect first.

    Parameters
    ----------
    table : rows of `foreground_background` with a column `by`

    Returns
    -------
    DataFrame
        Columns by, n, inside, chance (means), t, p, p_holm, d_z, low, high (its 95 % bootstrap interval),
        rank_biserial, reason.
    """
    kind = FOREGROUND_MEASURES[measure]
    rows = []
    for group, part in table.groupby(by, sort=False):
        tests = measure_tests(part, measure)
        known = part[part["reason"] == ""]
        rows.append(
            {
                by: group,
                "n": tests.n,
                "inside": known[kind.inside].mean(),
                "chance": kind.mean_chance(known),
                "t": tests.t.value,
                "p": tests.t.p,
                "d_z": tests.t.effect,
                "low": tests.t.interval[0],
                "high": tests.t.interval[1],
                "rank_biserial": tests.wilcoxon.effect,
                "reason": tests.t.reason,
            }
        )
    frame = pd.DataFrame(rows)
    frame.insert(6, "p_holm", stats.holm(frame["p"].to_numpy()))
    return frame.sort_values("d_z", ascending=False, kind="stable", ignore_index=True)


@dataclass(frozen=True)
class ForegroundVerdict:
    """A result in words.

    Attributes
    ----------
    outcome : "more" on the object, "less", "none" (no difference found) or "unknown"
    headline : a few words
    sentence : with n, means, effect, interval, and which test carries it
    h0, h1 : the hypotheses
    """

    outcome: Literal["more", "less", "none", "unknown"]
    headline: str
    sentence: str
    h0: str
    h1: str


_HEADLINES = {
    "more": "It looks at the object",
    "less": "It looks at the background",
    "none": "No difference between object and background was found",
    "unknown": "This cannot be tested",
}


def left_out_caveats(table: pd.DataFrame) -> list[str]:
    """How many pictures of `foreground_background` have no measures, and why, a sentence a reason."""
    reasons = table.loc[table["reason"] != "", "reason"].value_counts()
    return [f"{count} left out: {uncapitalised(str(reason))}" for reason, count in reasons.items()]


def foreground_verdict(table: pd.DataFrame, measure: str, tests: PairedTests) -> ForegroundVerdict:
    """The answer to: do the maps lie on the object? `table` has the rows of one layer."""
    kind, result = FOREGROUND_MEASURES[measure], tests.result
    known = table[table["reason"] == ""]
    h0 = f"H0: on pictures of this kind, {uncapitalised(kind.title)} on the object is what it is {kind.beside}."
    h1 = f"H1: {kind.what}, or the other way round (two-sided, level {ALPHA:g}, unit: the picture)."
    outcome = tests.outcome
    if outcome == "unknown":
        return ForegroundVerdict(outcome, _HEADLINES[outcome], result.reason, h0, h1)
    inside = known[kind.inside].mean()
    chance = kind.mean_chance(known)
    one, other = (percent(value) if kind.percent else f"{value:.2f}" for value in (inside, chance))
    numbers = f"{one} on the object against {other} {kind.against_words}"
    low, high = result.interval
    sentence = (
        f"Over {tests.n} pictures, {uncapitalised(kind.title)} is {numbers}; {tests.why}: {result.statistic} = "
        f"{result.value:.3f}, {format_p(result.p)}, {result.effect_name} = {result.effect:.2f}, 95 % interval "
        f"{low:.2f} to {high:.2f}."
    )
    return ForegroundVerdict(outcome, _HEADLINES[outcome], sentence, h0, h1)


def map_similarity(first: FloatArray, second: FloatArray) -> float:
    """Spearman's rank correlation of two raw maps of the same size, in [-1, 1]; NaN where one is flat."""
    if is_flat(np.stack([first, second])).any():
        return float("nan")
    return float(scipy_stats.spearmanr(first.ravel(), second.ravel()).statistic)


def dose_row(epsilon: int, table: pd.DataFrame, right: np.ndarray, similarity: np.ndarray) -> dict[str, float]:
    """One strength of an attack in numbers: epsilon, accuracy, energy, area, similarity, n.

    Parameters
    ----------
    table : `foreground_background` of the attacked pictures, one layer
    right : bool (n,), similarity : float (n,)
    """
    known = table[table["reason"] == ""]
    return {
        "epsilon": epsilon,
        "accuracy": float(np.mean(right)) if len(right) else np.nan,
        "energy": float(known["energy_inside"].mean()),
        "area": float(known["mask_area"].mean()),
        "similarity": float(np.nanmean(similarity)) if np.isfinite(similarity).any() else np.nan,
        "n": len(right),
    }


def dose_sentence(table: pd.DataFrame) -> str:
    """What an attack did, in words; `table` has a `dose_row` a strength, the weakest first."""
    first, last = table.iloc[0], table.iloc[-1]
    if len(table) < 2:
        return f"Unchanged, {percent(first['accuracy'])} of {first['n']:.0f} pictures are right."
    fallen = table[table["accuracy"] < 0.5 * first["accuracy"]]
    half = (
        f"It takes ε = {fallen['epsilon'].iloc[0]:.0f} of 255 to halve the accuracy"
        if len(fallen)
        else "No strength tried halves the accuracy"
    )
    return (
        f"{half}: it goes from {percent(first['accuracy'])} to {percent(last['accuracy'])} at ε = "
        f"{last['epsilon']:.0f} (n = {last['n']:.0f}). Meanwhile the share of energy on the object goes from "
        f"{percent(first['energy'])} to {percent(last['energy'])}, and the maps' rank correlation with the clean ones "
        f"to {last['similarity']:.2f}."
    )


def intervention_tests(table: pd.DataFrame) -> pd.DataFrame:
    """Each intervention against the whole picture: a row a kind, mean, drop, t, p, d_z, low, high, rank_biserial, n."""
    wide = table.pivot(index="picture", columns="kind", values="p")
    rows = []
    for kind in table["kind"].unique():
        if kind == "whole":
            continue
        tests = paired_tests(wide["whole"].to_numpy(), wide[kind].to_numpy())
        rows.append(
            {
                "kind": kind,
                "mean": wide[kind].mean(),
                "drop": (wide["whole"] - wide[kind]).mean(),
                "n": tests.n,
                "t": tests.t.value,
                "p": tests.t.p,
                "d_z": tests.t.effect,
                "low": tests.t.interval[0],
                "high": tests.t.interval[1],
                "rank_biserial": tests.wilcoxon.effect,
            }
        )
    return pd.DataFrame(rows)


def relies_on(table: pd.DataFrame) -> Literal["object", "background", "both", "neither"]:
    """What the answers rest on, by what another background costs: more than half, some, or little of the probability.

    "neither" where the model was not sure of the classes to begin with.
    """
    means = table.groupby("kind")["p"].mean()
    if means["whole"] < _TOO_UNSURE:
        return "neither"
    lost = means["whole"] - means["swapped"]
    if lost > _HALF * means["whole"]:
        return "background"
    return "both" if lost > _SOME * means["whole"] else "object"


def intervention_sentence(table: pd.DataFrame) -> str:
    """What keeping and swapping did to the probability, in words."""
    means, n = table.groupby("kind")["p"].mean(), table["picture"].nunique()
    tests = intervention_tests(table).set_index("kind")
    swap = tests.loc["swapped"]
    words = {
        "object": "It rests on the object: another background costs little",
        "background": "It rests on the background: with another one the class is lost, though the object is there",
        "both": "It rests on both: another background costs some of it",
        "neither": "The model is not sure of these classes to begin with, so there is little to lose",
    }[relies_on(table)]
    if relies_on(table) in ("both", "background") and swap["p"] >= ALPHA:
        words = "For so few pictures, no loss with another background is shown"
    change = -100 * swap["drop"]
    tested = f": {change:+.0f} points"
    if np.isfinite(swap["p"]):
        tested += f", t = {swap['t']:.2f}, {format_p(swap['p'])}, d_z = {swap['d_z']:.2f}"
    cut = (
        " That the object alone does worse need not mean that the background counts: an object cut out is unlike any "
        "picture that the model learned from."
        if means["object"] < _HALF * means["whole"] and means["swapped"] > means["object"] + _SOME
        else ""
    )
    return (
        f"{words}. Over {n} picture{'' if n == 1 else 's'}, the mean probability is {percent(means['whole'])} as they "
        f"are, {percent(means['object'])} with the object alone, {percent(means['background'])} with the background "
        f"alone, and {percent(means['swapped'])} on another picture's background ({tested[2:]}).{cut}"
    )


def disagreement_sentence(verdict: ForegroundVerdict, table: pd.DataFrame) -> str:
    """Where heatmap and intervention say different things, or that they agree; empty where one of them says nothing."""
    found = relies_on(table)
    if verdict.outcome == "unknown" or found == "neither":
        return ""
    if verdict.outcome == "more" and found == "background":
        return (
            "The maps lie on the object, but the answers change with the background: the maps do not show what the "
            "model goes by. Believe the intervention."
        )
    if verdict.outcome == "less" and found == "object":
        return (
            "The maps lie off the object, but the answers survive another background: the maps do not show what the "
            "model goes by. Believe the intervention."
        )
    if found == "both":
        return "By intervention object and background both count; the maps only say where the evidence lies most."
    if verdict.outcome == "none":
        return f"The maps do not tell object from background, the intervention does: it rests on the {found}."
    return "Heatmaps and intervention agree."


def compare_models(tables: Mapping[str, pd.DataFrame], drops: Mapping[str, np.ndarray], measure: str) -> pd.DataFrame:
    """Every model against the first, on the same pictures: where the maps lie, and what another background costs.

    Parameters
    ----------
    tables : model -> `foreground_background` of the same pictures in the same order, one layer
    drops : model -> float (n,), probability lost with another background; NaN where there is none

    Returns
    -------
    DataFrame
        A row a model: model, inside (mean), chance, drop (mean), and against the first model p_inside, d_z_inside,
        p_drop, d_z_drop, Holm-corrected over the models; NaN for the first.
    """
    kind = FOREGROUND_MEASURES[measure]
    names = list(tables)
    rows = []
    for name in names:
        table = tables[name]
        row = {
            "model": name,
            "inside": table[kind.inside].mean(),
            "chance": kind.mean_chance(table),
            "drop": float(np.nanmean(drops[name])) if np.isfinite(drops[name]).any() else np.nan,
        }
        if name == names[0]:
            row |= dict.fromkeys(("p_inside", "d_z_inside", "p_drop", "d_z_drop"), np.nan)
        else:
            inside = paired_tests(table[kind.inside].to_numpy(), tables[names[0]][kind.inside].to_numpy())
            drop = paired_tests(drops[name], drops[names[0]])
            row |= {"p_inside": inside.t.p, "d_z_inside": inside.t.effect}
            row |= {"p_drop": drop.t.p, "d_z_drop": drop.t.effect}
        rows.append(row)
    frame = pd.DataFrame(rows)
    for column in ("p_inside", "p_drop"):
        frame[column] = stats.holm(frame[column].to_numpy())
    return frame


def models_sentence(compared: pd.DataFrame, measure: str) -> str:
    """How the models differ, in words."""
    title = uncapitalised(FOREGROUND_MEASURES[measure].title)
    first, parts = compared.iloc[0], []
    for row in compared.iloc[1:].itertuples():
        numbers = f"({row.inside:.2f} against {first['inside']:.2f}"
        inside = f"shows no difference in {title} on the object {numbers})"
        if row.p_inside < ALPHA:
            more = "more" if row.d_z_inside > 0 else "less"
            inside = f"has {more} {title} on the object {numbers}, {format_p(row.p_inside)})"
        points = f"({100 * row.drop:.0f} points against {100 * first['drop']:.0f}"
        drop = f"no difference is shown in what another background costs {points})"
        if not np.isfinite(row.p_drop):
            drop = "what another background costs could not be compared"
        elif row.p_drop < ALPHA:
            costs = "more" if row.d_z_drop > 0 else "less"
            drop = f"another background costs it {costs} {points}, {format_p(row.p_drop)})"
        parts.append(f"Against {first['model']}, {row.model} {inside}, and {drop}.")
    return " ".join(parts)
