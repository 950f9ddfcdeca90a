"""Tests for the same pictures under several conditions, their effect sizes, intervals and corrections.

Tables are (n, k): a row a picture, a column a condition (a layer). The unit is the picture, never the pixel.
What cannot be computed is NaN with a reason.
"""

from xai_core.stats.additive import additive_fit
from xai_core.stats.clusters import clustered_area, clustered_share, independent_worth
from xai_core.stats.corrections import holm
from xai_core.stats.courses import rise_and_fall
from xai_core.stats.groups import mcnemar, rank_sum
from xai_core.stats.intervals import bootstrap_interval, next_interval
from xai_core.stats.layers import friedman, kendalls_w, kruskal_wallis, page_trend, trend_correlations
from xai_core.stats.medians import median_interval
from xai_core.stats.paired import d_av, noncentral_interval, paired_t, shapiro_p
from xai_core.stats.pairwise_flips import pairwise_flips
from xai_core.stats.proportions import gain_interval, share_at_most, share_interval, two_shares
from xai_core.stats.roc_area import brunner_munzel
from xai_core.stats.shift_scores import shift_interval
from xai_core.stats.sign_flips import detectable_effect, paired_power, sign_flip
from xai_core.stats.signed_ranks import pairwise_wilcoxon, rank_biserial, wilcoxon_signed_rank
from xai_core.stats.studentised import carried_interval, mean_interval, studentised_interval
from xai_core.stats.tables import complete_rows, ranks
from xai_core.stats.windows import epochs_alike, window_change

__all__ = [
    "additive_fit",
    "bootstrap_interval",
    "brunner_munzel",
    "carried_interval",
    "clustered_area",
    "clustered_share",
    "complete_rows",
    "d_av",
    "detectable_effect",
    "epochs_alike",
    "friedman",
    "gain_interval",
    "holm",
    "independent_worth",
    "kendalls_w",
    "kruskal_wallis",
    "mcnemar",
    "mean_interval",
    "median_interval",
    "next_interval",
    "noncentral_interval",
    "page_trend",
    "paired_power",
    "paired_t",
    "pairwise_flips",
    "pairwise_wilcoxon",
    "rank_biserial",
    "rank_sum",
    "ranks",
    "rise_and_fall",
    "shapiro_p",
    "share_at_most",
    "share_interval",
    "shift_interval",
    "sign_flip",
    "studentised_interval",
    "trend_correlations",
    "two_shares",
    "wilcoxon_signed_rank",
    "window_change",
]
