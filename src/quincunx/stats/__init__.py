"""Estimates with intervals, tests, agreement, checks: arrays in, values out.

This room knows no domain. What independent units and clusters are is declared
by the caller, never guessed; what is undefined is NaN with a reason and a count.
``docs/statistics.md`` says which interval when, and what coverage was measured.
"""

from quincunx.stats.agreement import (
    alpha_of_coincidences,
    cohen_kappa,
    coincidences,
    krippendorff_alpha,
)
from quincunx.stats.bootstrap import (
    bca_interval,
    bootstrap,
    bootstrap_distribution,
    percentile_interval,
    ratio_of_sums,
)
from quincunx.stats.check import Check, checks_document
from quincunx.stats.clustered import cluster_sums, clustered_error, clustered_mean
from quincunx.stats.correlation import correlation_p, kendall_tau_b, pearson, spearman, tau_b
from quincunx.stats.equivalence import Equivalence, tost, tost_paired
from quincunx.stats.means import mean_t, welch
from quincunx.stats.multiplicity import holm
from quincunx.stats.paired import mcnemar_exact, paired_difference
from quincunx.stats.permutation import permutation_f, permutation_p, permutation_test, sign_flip
from quincunx.stats.planning import (
    minimal_detectable_difference,
    pooled_sd,
    power_two_groups,
    sample_size,
)
from quincunx.stats.prevalence import corrected_share
from quincunx.stats.proportions import clopper_pearson, wilson
from quincunx.stats.slope import least_squares_slope
from quincunx.stats.survival import SurvivalCurve, kaplan_meier
from quincunx.stats.types import Comparison, Estimate, Exact, Significance

__all__ = [
    "Check",
    "Comparison",
    "Equivalence",
    "Estimate",
    "Exact",
    "Significance",
    "SurvivalCurve",
    "alpha_of_coincidences",
    "bca_interval",
    "bootstrap",
    "bootstrap_distribution",
    "checks_document",
    "clopper_pearson",
    "cluster_sums",
    "clustered_error",
    "clustered_mean",
    "cohen_kappa",
    "coincidences",
    "corrected_share",
    "correlation_p",
    "holm",
    "kaplan_meier",
    "kendall_tau_b",
    "krippendorff_alpha",
    "least_squares_slope",
    "mcnemar_exact",
    "mean_t",
    "minimal_detectable_difference",
    "paired_difference",
    "pearson",
    "percentile_interval",
    "permutation_f",
    "permutation_p",
    "permutation_test",
    "pooled_sd",
    "power_two_groups",
    "ratio_of_sums",
    "sample_size",
    "sign_flip",
    "spearman",
    "tau_b",
    "tost",
    "tost_paired",
    "welch",
    "wilson",
]
