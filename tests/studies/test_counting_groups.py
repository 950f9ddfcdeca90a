"""Pictures that belong together count once: means within groups, tests over them, a second way."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from scipy import stats as scipy_stats
from scipy.signal import lfilter

import xai_core as xai
from tests.support.usual import usual_by_hand
from xai_core import stats, studies
from xai_core.data.groups import in_group
from xai_core.questions.evolution.findings import answer, comparison_card, find
from xai_core.records.fields import PictureSource
from xai_core.studies.groups import GROUP, by_group, counting_pictures, group_means, group_numbers, with_groups
from xai_core.studies.map_measures import measure_maps

GROUPS = ["a", "a", "b", None, "b", "c", None, "c", "c", "d", "d", "e"]


def planted(seed=0):
    """Pictures of a group are copies but for a little noise, so their number says nothing."""
    rng = np.random.default_rng(seed)
    own = {name: rng.normal(0.2, 1) for name in "abcde"}
    base = np.array([own[g] if g else rng.normal(0.2, 1) for g in GROUPS])
    return base + rng.normal(0, 0.05, len(GROUPS)), rng.normal(0, 0.05, len(GROUPS))


def by_hand(values):
    found = {}
    for place, (value, group) in enumerate(zip(values, GROUPS, strict=True)):
        found.setdefault(group or f"alone {place}", []).append(value)
    return np.array([np.mean(part) for part in found.values()])


def test_means_by_hand():
    first, _ = planted()
    np.testing.assert_allclose(group_means(first, GROUPS), by_hand(first))
    assert group_numbers(GROUPS).tolist() == [0, 0, 1, 2, 1, 3, 4, 3, 3, 5, 5, 6]
    table = np.stack([first, first**2], axis=1)
    np.testing.assert_allclose(group_means(table, GROUPS)[:, 1], by_hand(first**2))
    assert np.isnan(group_means(np.array([np.nan, np.nan, 1.0]), ["a", "a", "b"])[0])
    np.testing.assert_allclose(group_means(np.array([np.nan, 3.0]), ["a", "a"]), [3.0])


def test_the_paired_tests_are_scipys_on_the_means_of_groups():
    first, second = planted()
    found = studies.paired_tests(first, second, GROUPS)
    t, w = (test(by_hand(first), by_hand(second)) for test in (scipy_stats.ttest_rel, scipy_stats.wilcoxon))
    assert found.t.value == pytest.approx(t.statistic)
    assert found.t.p == pytest.approx(t.pvalue)
    assert found.wilcoxon.p == pytest.approx(w.pvalue)
    assert (found.n, found.pictures, found.counted) == (7, 12, "7 groups (12 pictures)")
    difference = by_hand(first - second)
    assert found.t.effect == pytest.approx(difference.mean() / difference.std(ddof=1))


def test_a_picture_that_cannot_be_measured_leaves_its_group_to_the_others():
    first, second = planted()
    first[0] = np.nan
    found = studies.paired_tests(first, second, GROUPS)
    assert (found.n, found.pictures) == (7, 11)
    assert found.differences[0] == pytest.approx(first[1] - second[1])


def test_copies_of_pictures_do_not_make_a_test_surer():
    """Under the null, twenty patients with thirty pictures each: pictures reject far too often, groups do not."""
    rng = np.random.default_rng(3)
    groups = [f"p{place // 30}" for place in range(600)]
    pictures, by_patients = [], []
    for _ in range(200):
        values = np.repeat(rng.normal(0, 1, 20), 30) + rng.normal(0, 0.3, 600)
        pictures.append(scipy_stats.ttest_1samp(values, 0).pvalue < 0.05)
        by_patients.append(scipy_stats.ttest_1samp(group_means(values, groups), 0).pvalue < 0.05)
    assert np.mean(pictures) > 0.5
    assert np.mean(by_patients) < 0.09


@pytest.fixture(scope="module")
def measured():
    """Digits in four groups of five, their maps and where these lie."""
    model = xai.load_model("digits")
    digits = xai.load_dataset("textured_digits")[:20]
    items = tuple(in_group(item, f"film {place % 4}") for place, item in enumerate(digits.items))
    data = replace(digits, items=items)
    samples = [model.preprocessing.prepare(sample) for sample in data]
    return data, samples, xai.grad_cam(model, samples, layers="stages")


def test_foreground_counts_groups_and_says_so(measured):
    _, samples, maps = measured
    last = replace(maps, maps={list(maps)[-1]: maps[list(maps)[-1]]})
    samples = [replace(sample, label="one") for sample in samples]  # so that all lend their masks
    table = xai.foreground_background(last, samples)
    assert table[GROUP].tolist() == [f"film {place % 4}" for place in range(20)]
    tests = studies.measure_tests(table, "energy")
    kind = studies.FOREGROUND_MEASURES["energy"]
    means = table.groupby(GROUP)[[kind.inside, "mask_area"]].mean()
    expected = scipy_stats.ttest_rel(means[kind.inside], means["mask_area"])
    assert tests.t.value == pytest.approx(expected.statistic)
    assert (tests.n, tests.pictures) == (4, 20)
    verdict = studies.foreground_verdict(table, "energy", tests)
    assert verdict.headline.endswith("(n = 4 groups)")
    assert verdict.sentence.startswith("Over 4 groups (20 pictures), ")
    assert f"{100 * means[kind.inside].mean():.0f}%" in verdict.sentence
    assert "unit: the group" in verdict.h1
    card = studies.foreground_hypothesis(table, "energy", tests, verdict)
    assert "on 4 groups (20 pictures)." in card.measured
    assert [one.name for one in card.assumptions if "independent" in one.name] == ["Groups are independent"]
    assert [one.name for one in card.assumptions if one.name.startswith("Enough")] == ["Enough groups"]


def test_the_control_counts_groups_and_holds_no_map_against_its_own_film(measured):
    _, samples, maps = measured
    last = replace(maps, maps={list(maps)[-1]: maps[list(maps)[-1]]})
    samples = [replace(sample, label="one") for sample in samples]  # so that all lend their masks
    table = xai.foreground_background(last, samples)
    kind = studies.FOREGROUND_MEASURES["energy"]
    masks = [sample.mask for sample in samples]
    (raw,) = last.values()
    share = np.array([[studies.share_on_object(one, mask) - (mask == 1).mean() for mask in masks] for one in raw])
    share[np.arange(20)[:, None] % 4 == np.arange(20) % 4] = np.nan  # of one's own film
    own = (table[kind.inside] - table["mask_area"]).to_numpy()
    np.testing.assert_allclose(table["control_energy"], usual_by_hand(share, own), atol=1e-5)
    assert (table["others"] == 15).all()
    own = (table[kind.inside] - table["mask_area"]).groupby(table[GROUP]).mean()
    usual = table["control_energy"].groupby(table[GROUP]).mean()
    control = studies.control_tests(table, "energy")
    assert control.t.value == pytest.approx(scipy_stats.ttest_rel(own, usual).statistic)
    assert control.counted == "4 groups (20 pictures)"
    groups = studies.compare_groups(table.assign(half=[i % 2 for i in range(20)]), "half", "energy")
    assert groups["n"].tolist() == [2, 2]


def test_what_answers_rest_on_counts_groups():
    rng = np.random.default_rng(1)
    lost = 0.3 + np.repeat(rng.normal(0, 0.1, 6), 3) + rng.normal(0, 0.01, 18)
    kinds = {"whole": np.full(18, 0.8), "same": np.full(18, 0.8), "swapped": 0.8 * (1 - lost)}
    table = pd.concat([pd.DataFrame({"picture": range(18), "kind": k, "p": p, "other": 0}) for k, p in kinds.items()])
    table = table[(table["kind"] != "same") | (table["picture"] > 1)]  # two of the first film have no sibling
    table[GROUP] = [f"film {place // 3}" for place in table["picture"]]
    found = studies.rests_on(table)
    means = np.array([lost[2], *lost[3:].reshape(5, 3).mean(axis=1)])
    expected = stats.mean_interval(means)
    assert (found.lost, found.low, found.high) == pytest.approx((means.mean(), *expected))
    assert (found.n, found.pictures, found.counted) == (6, 16, "6 groups (16 pictures)")
    assert "Over 6 groups (16 pictures), the mean probability is" in studies.reliance_sentence(found, table)
    alone = studies.rests_on(table.drop(columns=GROUP))
    assert alone.high - alone.low < 0.7 * (found.high - found.low)
    few = table[table["picture"] < 12]
    assert "below 6 groups nothing is concluded" in studies.reliance_sentence(studies.rests_on(few), few)
    verdict = studies.foreground_verdict(pd.DataFrame(_nothing(18)), "energy", studies.paired_tests([], []))
    assert studies.conclude(verdict, found, table).headline.endswith("(n = 6 groups)")


def _nothing(n):
    """Rows of pictures whose maps say nothing."""
    kind = studies.FOREGROUND_MEASURES["energy"]
    return {kind.inside: np.full(n, np.nan), "mask_area": 0.2, "reason": "Its map holds NaN."}


def test_without_groups_nothing_changes(measured):
    _, samples, maps = measured
    plain = [replace(sample, group=None) for sample in samples]
    table = xai.foreground_background(maps, plain)
    assert GROUP not in table
    assert by_group(table) is table
    focus = xai.layer_focus(maps, masks=plain)
    assert (focus.n, focus.pictures, focus.grouped, focus.counted) == (20, 20, False, "20 pictures")


def test_layers_are_ranked_within_groups(measured):
    _, samples, maps = measured
    own = measure_maps(maps, (0.85,), masks=samples)
    values = own.values("share", 0.85)
    means = np.stack([values[[i for i in range(20) if i % 4 == g]].mean(axis=0) for g in range(4)])
    focus = xai.layer_focus(maps, masks=samples)
    expected = scipy_stats.friedmanchisquare(*means.T)
    assert focus.friedman.value == pytest.approx(expected.statistic)
    assert focus.page.n == focus.n == 4
    np.testing.assert_allclose(focus.medians["median"], np.median(means, axis=0))
    common = xai.layer_focus(maps, masks=samples, grid="common")
    verdict = studies.layer_verdict(focus, common, list(maps))
    card = studies.layer_hypothesis(focus, common, verdict)
    assert "4 groups (20 pictures)" in card.measured
    if focus.outcome != "unknown":
        assert card.headline.endswith("(n = 4 groups)")
        assert verdict.sentence.startswith("Over 4 groups (20 pictures), ")


def test_interventions_and_attacks(measured):
    _, samples, _ = measured
    rng = np.random.default_rng(0)
    rows = [(i, kind, rng.uniform()) for i in range(20) for kind in ("whole", "object")]
    table = pd.DataFrame(rows, columns=["picture", "kind", "p"])
    grouped = with_groups(table, (samples[i].group for i in table["picture"]))
    (row,) = studies.intervention_tests(grouped).to_dict("records")
    wide = table.pivot(index="picture", columns="kind", values="p").groupby(lambda i: i % 4).mean()
    assert row["t"] == pytest.approx(scipy_stats.ttest_rel(wide["whole"], wide["object"]).statistic)
    assert row["n"] == 4
    where = pd.DataFrame(
        {"energy_inside": 0.5, "mask_area": 0.2, "group": ["a", "a", "b"], "reason": ""}, index=range(3)
    )
    dose = [studies.dose_row(e, where, np.array([True, e == 0, False]), np.ones(3)) for e in (0, 8)]
    assert "(n = 3 pictures, counted each, of 2 groups)" in studies.dose_sentence(pd.DataFrame(dose))


def test_a_test_that_counts_pictures_says_so():
    table = xai.evaluate(xai.load_model("digits"), xai.load_dataset("textured_digits")[:40])
    card = studies.confidence_hypothesis(table)
    told = counting_pictures(card, ["a"] * 30 + ["b"] * 10)
    (said,) = [one for one in told.assumptions if one.name == "Pictures are independent"]
    assert said.fine is False
    assert said.sentence.startswith(
        "The 40 pictures belong to 2 groups (patients, films), but this test counts pictures"
    )
    assert counting_pictures(card, [None] * 40) is card


def films_of(seed, films=20, frames=20, share=0.7, alike=1.0, effect=0.0):
    """Frames of films, of which answers and confidences are alike within a film: as `xai.evaluate` gives them."""
    rng, film = np.random.default_rng(seed), np.repeat(np.arange(films), frames)

    def drawn():
        return alike**0.5 * rng.normal(size=films)[film] + (1 - alike) ** 0.5 * rng.normal(size=len(film))

    right = drawn() < scipy_stats.norm.ppf(share)
    sure = scipy_stats.norm.cdf(drawn() + effect * right)
    return film, pd.DataFrame(
        {
            "index": np.arange(len(film)),
            "id": [f"{i}" for i in range(len(film))],
            "true": 0,
            "predicted": np.where(right, 0, 1),
            "confidence": sure,
            "margin": 2 * sure - 1,
            "correct": right,
            "usable": True,
            "in_top5": True,
        }
    )


@pytest.mark.parametrize("related", ["films", "copies"])
def test_groups_count_for_confidences(related):
    """Confidences that have nothing to do with the answers, twenty frames of each of twenty films."""
    said = Counter()
    for seed in range(60):
        film, table = films_of(seed)
        if related == "copies":
            table = table.assign(id=[f"{one}" for one in film])
        kin = studies.with_kin(table, [f"film {one}" for one in film] if related == "films" else ())
        card = studies.confidence_hypothesis(kin)
        assert card.headline.endswith("(n = 20 groups)")
        assert "Of 400 pictures in 20 groups, " in card.sentence or card.tone == "unknown"
        assert card.assumptions[-1].name == "Groups are independent"
        said[card.tone] += 1
    assert said["yes"] + said["no"] + said["caution"] <= 9
    assert GROUP not in studies.with_kin(table.assign(id=[f"{i}" for i in range(400)]), ())


def test_frames_that_differ_tell_more_than_one_of_each_film():
    found = Counter()
    for seed in range(40):
        film, table = films_of(seed, frames=12, alike=0.5, effect=1.0)
        kin = studies.with_kin(table, [f"film {one}" for one in film])
        found["all"] += studies.confidence_hypothesis(kin).carries.p < 0.05
        _, first = np.unique(film, return_index=True)
        single = table.iloc[first]
        right, sure = single["correct"].to_numpy(bool), single["confidence"].to_numpy()
        found["one"] += stats.brunner_munzel(sure[right], sure[~right]).p < 0.05
    assert found["all"] >= 34
    assert found["one"] <= 24


@pytest.mark.parametrize(("share", "alike"), [(0.7, 1.0), (0.7, 0.3), (0.9, 0.8)])
def test_the_interval_of_accuracy_counts_groups(share, alike):
    held = 0
    for seed in range(100):
        film, table = films_of(seed, share=share, alike=alike)
        summary = studies.summarise(studies.with_kin(table, [f"film {one}" for one in film]), ["a", "b"])
        held += summary.interval[0] <= share <= summary.interval[1]
        assert summary.groups == 20
    assert held >= scipy_stats.binom.ppf(0.001, 100, 0.95)
    bare = studies.summarise(table, ["a", "b"])
    assert (bare.interval, bare.groups) == (stats.share_interval(bare.right, 400), 0)
    kin = studies.with_kin(
        table.assign(picture="a.png", true_class="a", predicted_class="b"), [f"{one}" for one in film]
    )
    said = studies.misclassification_findings(kin, ["a", "b"])[0].sentence
    assert said.endswith("%, counting the 20 groups that pictures belong to).")


def test_frames_of_a_film_are_one_answer_for_the_order_of_names():
    """A network that gives each of twelve films a class by chance, and all of its frames the same."""
    warned = Counter()
    for seed in range(60):
        rng = np.random.default_rng(seed)
        film = np.repeat(np.arange(12), 20)
        answers = rng.integers(0, 2, 12)[film]
        table = pd.DataFrame({"id": np.arange(240), "true": film % 2, "predicted": answers, "usable": True})
        warned["pictures"] += studies.name_order(table, "ab") is not None
        warned["films"] += studies.name_order(with_groups(table, map(str, film)), "ab") is not None
    assert warned["pictures"] >= 6
    assert warned["films"] <= 3
    swapped = with_groups(table.assign(predicted=1 - film % 2), map(str, film))
    assert studies.name_order(swapped, "ab") is not None


def answers_of_films(seed, films, alike, over=0.0):
    """Twelve answers of each film, right as often as confidences say, or less; alike within a film."""
    rng, film = np.random.default_rng(seed), np.repeat(np.arange(films), 12)
    sure = rng.uniform(0.5, 0.95, len(film))
    drawn = alike**0.5 * rng.normal(size=films)[film] + (1 - alike) ** 0.5 * rng.normal(size=len(film))
    right = scipy_stats.norm.cdf(drawn) < sure - over
    return pd.DataFrame({"true": 0, "usable": True, "confidence": sure, "correct": right, GROUP: map(str, film)})


@pytest.mark.parametrize(("films", "alike"), [(10, 1.0), (20, 0.5), (40, 1.0), (40, 0.0)])
def test_a_calibrated_model_of_films_is_not_called_miscalibrated(films, alike):
    doubted = {"films": 0, "pictures": 0}
    for seed in range(100):
        table = answers_of_films(seed, films, alike)
        for what, one in (("films", table), ("pictures", table.drop(columns=GROUP))):
            tested = studies.calibration_test(one)
            doubted[what] += min(tested.p_gap, tested.p_ece) < 0.05
    assert doubted["films"] <= scipy_stats.binom.ppf(0.99, 100, 0.05)
    assert doubted["pictures"] >= 15 or alike == 0


def test_calibration_counts_every_picture_of_a_film():
    """Fifteen points too sure, of films whose frames differ: one of each film would show it in one of four."""
    found = 0
    for seed in range(40):
        table = answers_of_films(seed, 20, 0.0, over=0.15)
        tested = studies.calibration_test(table)
        found += tested.p_gap < 0.05
        assert tested.n == 240
    assert found >= 38
    alike = studies.calibration_test(answers_of_films(0, 20, 1.0))
    each = studies.calibration_test(answers_of_films(0, 20, 1.0).drop(columns=GROUP))
    assert np.diff(alike.interval) > 2.5 * np.diff(each.interval)
    assert alike.expected_ece > 1.5 * each.expected_ece
    assert (alike.gap, alike.ece) == (each.gap, each.ece)


@pytest.mark.parametrize("films", [3, 6, 12])
def test_no_p_of_the_gap_contradicts_its_interval(films):
    claimed = 0
    for seed in range(40):
        tested = studies.calibration_test(answers_of_films(seed, films, 0.5, over=0.3))
        low, high = tested.interval
        assert tested.p_gap >= 0.05 or not low <= 0 <= high
        claimed += tested.p_gap < 0.05
    assert claimed >= (30 if films == 12 else 0)


def test_the_sentence_on_calibration_says_what_it_counts():
    table = answers_of_films(0, 20, 1.0)
    table = table.assign(predicted=np.where(table["correct"], 0, 1), picture="a", true_class="a", predicted_class="b")

    def said(groups):
        found = studies.misclassification_findings(table.assign(group=groups), ["a", "b"])
        return next(one.sentence for one in found if one.topic == "Calibration")

    assert ", n = 240, counting the 20 groups that pictures belong to). " in said(table[GROUP])
    assert said("one") == "All 240 pictures belong together: they cannot tell how sure it is."


def answers_in_order(groups, each=6):
    """Right answers are surer than wrong ones in every group, and over all of them."""
    film = np.repeat(np.arange(groups), each)
    right = np.arange(len(film)) % 2 == 0
    sure = np.where(right, 0.9, 0.5) + 0.001 * np.arange(len(film))
    known = {"id": map(str, range(len(film))), "true": 0, "usable": True, "predicted": 0, "margin": sure}
    return pd.DataFrame(known | {"confidence": sure, "correct": right, GROUP: map(str, film)})


def test_five_groups_in_perfect_order_are_too_few_to_tell():
    """The least p of five is 0.0625: no difference found would say that there might be none."""
    card = studies.confidence_hypothesis(answers_in_order(5))
    assert (card.tone, card.headline) == ("unknown", "Cannot tell from so few groups (n = 5 groups)")
    assert card.carries.effect == 1
    assert card.sentence == (
        "It needs more groups, such as 6 with answers of both kinds: wrong ones are in 5 groups and right ones in 5, "
        "whose order could be chance even if it were perfect (p = 0.062)."
    )
    assert card.plain.endswith(card.sentence)
    enough = studies.confidence_hypothesis(answers_in_order(6))
    assert (enough.tone, enough.carries.p) == ("yes", pytest.approx(2 / 2**6))


@pytest.mark.parametrize(
    ("wrong", "right", "tells"), [(2, 3, False), (3, 3, False), (2, 7, False), (2, 9, True), (4, 4, True)]
)
def test_a_few_answers_in_perfect_order_are_too_few_to_tell(wrong, right, tells):
    kinds = np.arange(wrong + right) >= wrong
    table = answers_in_order(1, wrong + right).drop(columns=GROUP)
    table = table.assign(
        correct=kinds, confidence=np.linspace(0.3, 0.9, len(kinds)), margin=np.linspace(0, 0.8, len(kinds))
    )
    card = studies.confidence_hypothesis(table)
    assert card.tone == ("yes" if tells else "unknown")
    if not tells:
        assert card.headline == f"Cannot tell from so few of a kind (n = {len(kinds)})"
        assert "no p is below" in card.sentence


def test_trainings_on_frames_count_groups(tmp_path):
    names = [f"{place}.png" for place in range(40)]
    for name in names:
        Image.fromarray(np.full((8, 8, 3), 7 * names.index(name) % 255, np.uint8)).save(tmp_path / name)
    rows = [f"{name},{'ab'[place % 2]},patient {place // 8}" for place, name in enumerate(names)]
    (tmp_path / "labels.csv").write_text("\n".join(["file,label,patient", *rows]))
    rng, labels = np.random.default_rng(0), np.arange(40) % 2
    right = rng.random((24, 40)) < np.repeat([0.3, 0.5, 0.98], 8)[:, None]
    run = xai.TrainingRun(
        "one", ("a", "b"), tuple(names), labels, np.arange(1, 25), np.where(right, labels, 1 - labels)
    )
    framed = replace(run, source=PictureSource(str(tmp_path)))
    worse = replace(run, name="two", predictions=np.where(rng.random((24, 40)) < 0.3, labels, 1 - labels))
    (known,) = {comparison_card(studies.compare_runs(*runs)).headline for runs in ((framed, worse), (worse, framed))}
    assert known == "Cannot tell from so few groups (n = 5 groups)"  # whichever record knows its data set
    for one, of_frames in ((run, False), (framed, True), (replace(run, source=PictureSource("nowhere")), False)):
        comparison = studies.compare_runs(one, worse)
        for card in (comparison_card(comparison), find(one, "", comparison=comparison).comparison_card):
            assert card.tone == ("unknown" if of_frames else "yes")
            assert card.headline == (
                "Cannot tell from so few groups (n = 5 groups)" if of_frames else "One is better (n = 40)"
            )
        card = answer(one).card
        assert card.headline == f"Yes: it got better (n = {'5 groups' if of_frames else '40'})"
        assert ("Groups are independent" in [point.name for point in card.assumptions]) is of_frames
        assert bool(card.beside) is not of_frames  # McNemar's test counts pictures
        assert ("McNemar" in card.assumptions[0].sentence) is not of_frames


def training_on_films(rng, films, epochs=24, frames=20, gain=0.0):
    """Films that get better or worse slowly, each by itself; then all of them, little by little in the second half."""
    film, half = np.repeat(np.arange(films), frames), (epochs - 1) // 2
    steps = rng.normal(0, 0.15, (epochs, films)) * np.r_[1, np.full(epochs - 1, (1 - 0.9**2) ** 0.5)][:, None]
    own = lfilter([1.0], [1.0, -0.9], steps, axis=0)[:, film]
    course = (
        0.5
        - 0.3 * np.exp(-12 * np.arange(epochs) / epochs)
        + np.r_[np.zeros(half), np.linspace(0, gain, epochs - half)]
    )
    return rng.random(own.shape) < np.clip(own + course[:, None], 0.02, 0.98), film


@pytest.mark.parametrize("films", [10, 20])
def test_films_are_what_is_independent_in_a_training(films):
    said = {"films": 0, "pictures": 0, "found": 0}
    for seed in range(150):
        rng = np.random.default_rng(seed)
        for gain in (0.0, 0.4) if seed < 40 else (0.0,):
            right, film = training_on_films(rng, films, gain=gain)
            alike = stats.epochs_alike(right, 4)
            of_films = stats.window_change(right[11:], 4, groups=film, alike=alike)
            said["found" if gain else "films"] += of_films.p < 0.05
            said["pictures"] += stats.window_change(right[11:], 4, alike=alike).p < 0.05 and not gain
    assert said["films"] <= scipy_stats.binom.ppf(0.99, 150, 0.05)
    assert said["films"] < said["pictures"]
    assert said["found"] >= (36 if films == 20 else 28)


@pytest.mark.parametrize("small", [8, 20])
def test_a_film_with_most_of_the_pictures_is_one_film(small):
    """Each film changes once, by itself; one holds four fifths of all pictures."""
    sizes, wrong, found = np.r_[320, np.full(small, 80 // small)], 0, 0
    film, late = np.repeat(np.arange(small + 1), sizes), np.arange(24)[:, None] >= 17
    for seed in range(200):
        rng = np.random.default_rng(seed)
        change = rng.normal(0, 0.15, small + 1)[film] * late
        right = rng.random((24, 400)) < np.clip(0.5 + change, 0.02, 0.98)
        wrong += stats.window_change(right[11:], 4, groups=film, alike=stats.epochs_alike(right, 4)).p < 0.05
        better = rng.random((24, 400)) < 0.3 + 0.5 * late
        found += stats.window_change(better[11:], 4, groups=film, alike=stats.epochs_alike(better, 4)).p < 0.05
    assert wrong <= scipy_stats.binom.ppf(0.99, 200, 0.05)
    assert found >= 180


def two_runs_on_films(seed, films, gain=0.0, frames=20):
    """Each of them right on some films for reasons of its own."""
    rng, film = np.random.default_rng(seed), np.repeat(np.arange(films), frames)
    names = tuple(map(str, range(len(film))))
    runs = []
    for name, more in (("one", 0.0), ("two", gain)):
        chance = np.clip(0.6 + more + rng.normal(0, 0.15, films), 0.02, 0.98)[film]
        wrong = (rng.random((1, len(film))) >= chance).astype(int)
        runs.append(xai.TrainingRun(name, ("a", "b"), names, np.zeros(len(film), int), np.array([1]), wrong))
    return studies.compare_runs(*runs), [f"film {one}" for one in film]


@pytest.mark.parametrize("films", [8, 20])
def test_two_runs_on_films_are_told_apart_by_films(films):
    said = {"films": 0, "pictures": 0, "found": 0}
    for seed in range(150):
        comparison, film = two_runs_on_films(seed, films)
        said["films"] += studies.comparison_hypothesis(comparison, film).tone == "yes"
        said["pictures"] += studies.comparison_hypothesis(comparison).tone == "yes"
    for seed in range(40):
        said["found"] += studies.comparison_hypothesis(*two_runs_on_films(seed, films, 0.3)).tone == "yes"
    assert said["films"] <= scipy_stats.binom.ppf(0.99, 150, 0.05)
    assert said["pictures"] >= 30
    assert said["found"] >= (34 if films == 20 else 26)


def test_a_comparison_by_groups_is_that_of_their_means():
    comparison, film = two_runs_on_films(0, 8, 0.3)
    card = studies.comparison_hypothesis(comparison, film)
    means = comparison.table.assign(film=film).groupby("film")[["first_right", "second_right"]].mean()
    by_hand = stats.sign_flip(means["second_right"], means["first_right"])
    assert (card.carries.p, card.carries.effect, card.carries.n) == pytest.approx((by_hand.p, by_hand.effect, 8))
    assert card.headline == "Two is better (n = 8 groups)"
    assert "on average over 8 groups, 95% interval" in card.sentence
    assert card.sentence.startswith("Of 160 pictures, ")
    assert f"(sign flips of the groups' means, {studies.format_p(by_hand.p)})" in card.sentence


@pytest.mark.parametrize("films", [1, 2])
def test_two_runs_on_a_film_or_two_need_more_groups(films):
    comparison, _ = two_runs_on_films(0, 8)
    card = studies.comparison_hypothesis(comparison, [f"film {place % films}" for place in range(160)])
    assert card.tone == "unknown"
    assert f"It needs at least 6 groups: with {films}, even" in card.sentence


def test_a_window_of_groups_by_hand():
    """Of pictures alone it is the same as without groups; whole copies of three times as many change nothing."""
    right = np.random.default_rng(0).random((12, 30)) < 0.5
    plain, alone = stats.window_change(right, 4), stats.window_change(right, 4, groups=np.arange(30))
    assert alone == plain
    copies = stats.window_change(np.repeat(right, 3, axis=1), 4, groups=np.repeat(np.arange(30), 3), alike=0.8)
    assert copies.interval == pytest.approx(stats.window_change(right, 4, alike=0.8).interval)
    few = stats.window_change(right, 4, groups=np.arange(30) // 15)
    assert few.reason == "It needs three groups of pictures and two epochs in each window; there are 2 and 4."
