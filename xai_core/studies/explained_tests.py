"""What each test asks, how it goes, what its effect is and when it misleads: beside the tests, and in docs/tests.md."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from xai_core.types import StatResult


@dataclass(frozen=True)
class ExplainedTest:
    """A test, or an effect size, in words.

    Attributes
    ----------
    name : str
        What the names of its results begin with.
    title : str
        As textbooks call it.
    asks : str
        The question that it answers.
    goes : str
        How p, or the effect size, is computed.
    effect : str
        Of its result, with its range.
    beware : str
        When not to go by it.
    sources : tuple of str
        arXiv numbers, or dois, which begin with "10."; where there is neither, the work in a few words.
    """

    name: str
    title: str
    asks: str
    goes: str
    effect: str
    beware: str
    sources: tuple[str, ...]


TESTS: tuple[ExplainedTest, ...] = (
    ExplainedTest(
        "Sign flips",
        "Sign-flip permutation test",
        "Each picture gives one difference. Is the mean of these differences zero?",
        "Without an effect, each picture's difference is as likely to be positive as negative. So the signs of "
        "the differences are flipped in all combinations. With more than 14 pictures, 20,000 random combinations "
        "are taken. p is the share of these combinations whose mean is at least as far from zero as the measured "
        "mean.",
        "The mean difference, in the unit of the measure; 0 is no effect.",
        "It needs six pictures: with five, no result can have p below 0.05. Pictures that belong together must count "
        "once. A single extreme picture moves a mean.",
        ("10.1186/1471-2288-12-81", "Fisher 1935, The Design of Experiments"),
    ),
    ExplainedTest(
        "Paired t",
        "Paired t-test",
        "Each picture gives one difference. Is the mean of these differences zero, supposing that they are "
        "normally distributed?",
        "t is the mean difference, divided by its standard error s / √n; p comes from Student's distribution "
        "with n - 1 degrees of freedom.",
        "d_z, the mean difference divided by the standard deviation of the differences; 0 is no effect. On the "
        "Discovery page: how many points of probability a part adds.",
        "If differences are few and skewed, p can be far too small or too large. On the Discovery page this test "
        "gives the answer; on other pages it is shown because papers report it.",
        ("10.1093/biomet/6.1.1", "10.3389/fpsyg.2013.00863"),
    ),
    ExplainedTest(
        "Wilcoxon",
        "Wilcoxon's signed-rank test",
        "Do differences within pictures tend to one side of zero?",
        "Differences are ranked by their size, whatever their sign. Then the ranks of the positive ones are "
        "added up, and those of the negative ones. p is exact up to 50 pictures, ties included.",
        "Rank-biserial r, -1 to 1: the positive differences' share of all ranks minus that of the negative ones; "
        "0 is no effect.",
        "It is not about the mean: where differences are skewed, the mean can be positive and r negative.",
        ("10.2307/3001968", "10.2466/11.IT.3.1"),
    ),
    ExplainedTest(
        "Standardised difference (d_av)",
        "Standardised difference, d_av",
        "How large is the difference, in standard deviations of the pictures?",
        "The difference of the two means, divided by the average of the two standard deviations. It is an effect "
        "size, not a test.",
        "0 is no effect.",
        "It ignores how strongly a picture's two values are correlated: for the same means, d_z can be much larger.",
        ("10.3389/fpsyg.2013.00863",),
    ),
    ExplainedTest(
        "Page's trend",
        "Page's trend test",
        "Does the measure rise, or fall, from layer to layer in the order of depth?",
        "Within each picture, layers are ranked by the measure. The statistic L is the sum of these ranks, each "
        "multiplied by the position of its layer (1, 2, 3 and so on). p is two-sided.",
        "The mean rank correlation with depth over pictures, -1 to 1; 0 is no trend.",
        "The test can also be significant where the measure rises and then falls, or changes at one layer only: "
        "see the check “Layer by layer”. Layers have to be in order of depth.",
        ("10.1080/01621459.1963.10500843",),
    ),
    ExplainedTest(
        "Friedman",
        "Friedman's test",
        "Do layers differ at all, in whatever order?",
        "Layers are ranked within each picture, and each layer's ranks are added up. How far these sums are from "
        "one another, squared, gives chi-squared, with one degree of freedom less than there are layers.",
        "Kendall's W, corrected for its bias: how well pictures agree on the order, 0 to 1; near 0 where there is "
        "nothing.",
        "It does not say which layers differ, nor in which direction.",
        ("10.1080/01621459.1937.10503522",),
    ),
    ExplainedTest(
        "Kruskal-Wallis",
        "Kruskal-Wallis test",
        "Would groups of independent pictures differ?",
        "All values are ranked together; H compares the mean ranks of the layers.",
        "Epsilon-squared, H / (N - 1), 0 to 1.",
        "A picture's values at several layers are not independent, so it is hardly ever significant here. The "
        "answer does not use it; it is shown because papers report it.",
        ("10.1080/01621459.1952.10483441",),
    ),
    ExplainedTest(
        "Brunner-Munzel",
        "Brunner and Munzel's test",
        "If one value is drawn from each group, is the value of the first group the larger one in half of the cases?",
        "AUROC minus 0.5 is divided by its standard error. p comes from Student's "
        "distribution. If a group has fewer than 50 values, p comes from 10,000 random shuffles of the values "
        "between the groups (Neubert and Brunner 2007): how many of them give a result at least as extreme as the "
        "real one.",
        "AUROC, 0 to 1: how often a value of the first group is the larger one; 0.5 is no difference.",
        "Each group needs at least two values. AUROC knows only the order of values: if all values of one group "
        "are 0.91, and all of the other 0.90, AUROC is 1, although they hardly differ.",
        ("Brunner and Munzel 2000, Biometrical Journal 42", "10.1016/j.csda.2006.05.024"),
    ),
    ExplainedTest(
        "Clustered AUROC",
        "Test of a clustered AUROC",
        "Do values of one kind tend to be larger than those of another, where pictures belong together?",
        "AUROC is computed from all pictures, and again without each group in turn; how much these values differ "
        "gives the standard error (jackknife). p and the interval are those of AUROC's logit, by Student's "
        "distribution. It has fewer degrees of freedom where few groups hold most of one kind (Satterthwaite).",
        "The AUROC: the probability that a value of the first kind exceeds one of the second, ties half; 0.5 is no "
        "effect.",
        "Groups must be independent of one another, and each kind must be found in at least two of them; ten or more "
        "are needed to find any but large effects.",
        ("10.2307/2533958", "10.1002/jae.2969"),
    ),
    ExplainedTest(
        "Mann-Whitney",
        "Mann and Whitney's test",
        "Do two groups have the same distribution?",
        "U counts the pairs in which the value of the first group is the larger one.",
        "AUROC, 0 to 1; 0.5 is no difference.",
        "The test can also be significant where only the spread differs, so it does not test AUROC = 0.5. It is "
        "shown because papers report it.",
        ("10.1214/aoms/1177730491",),
    ),
    ExplainedTest(
        "McNemar",
        "McNemar's exact test",
        "Do two epochs, or two models, get different shares of the same pictures right?",
        "Only pictures count that one gets right and the other wrong. Without a difference, each would be the "
        "one that is right in about half of them.",
        "The difference in accuracy, in percentage points (exported files use -1 to 1); 0 is no difference.",
        "It takes the ups and downs between two epochs for progress. Pictures that belong together must count once.",
        ("10.1007/BF02295996",),
    ),
    ExplainedTest(
        "Windows of epochs",
        "Two windows of epochs",
        "Does accuracy in one stretch of a training differ from that in another?",
        "The mean of the pictures' differences is divided by its standard error. The standard error counts two "
        "sources of chance: which pictures were tested, and which epochs are compared. p comes from Student's "
        "distribution.",
        "The difference in accuracy, in percentage points (exported files use -1 to 1); 0 is no difference.",
        "Neighbouring epochs are correlated, and a short training has too few epochs to measure this "
        "correlation. With fewer than 24 epochs, the test often misses even a large rise. If accuracy only goes "
        "up and down, without a trend, the test gives a false alarm in up to 10% of trainings; it should be 5%.",
        ("10.1198/jbes.2010.07136",),
    ),
)


def explained(results: Iterable[StatResult]) -> tuple[ExplainedTest, ...]:
    """The tests among results in words, each once, in their order.

    Parameters
    ----------
    results : Iterable of StatResult

    Returns
    -------
    tuple of ExplainedTest

    Examples
    --------
    >>> import numpy as np
    >>> from xai_core import stats
    >>> from xai_core.studies.explained_tests import explained
    >>> [one.title for one in explained([stats.sign_flip(np.ones(6), np.zeros(6))])]
    ['Sign-flip permutation test']
    """
    found = (one for result in results for one in TESTS if result.name.startswith(one.name))
    return tuple(dict.fromkeys(found))
