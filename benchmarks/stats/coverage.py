"""Coverage and false alarms of quincunx.stats on planted truth, as a Markdown table.

    python benchmarks/stats/coverage.py [--runs 10000] [--seed 0]

``docs/statistics.md`` quotes what this prints. Bootstraps and permutations take a
tenth of the runs. The error is twice the Monte-Carlo standard error.
"""

import argparse
import math
from collections.abc import Callable, Iterator

import numpy as np
from scipy.stats import binom

from quincunx import stats
from quincunx.seeding import stream

Rows = Iterator[tuple[str, str, float, int]]


def main() -> None:
    """Print one line a setting: what, where, rate, twice its error."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    print("| what | planted | rate | ± |")
    print("|---|---|---|---|")
    for part in (proportions, labellers, means, clusters, bootstraps, tests, others):
        for what, planted, rate, runs in part(options.runs, options.seed):
            error = 2.0 * math.sqrt(rate * (1.0 - rate) / runs) if runs else 0.0
            print(f"| {what} | {planted} | {rate:.3f} | {error:.3f} |", flush=True)


def proportions(_runs: int, _seed: int) -> Rows:
    """Exact, by enumerating every count."""
    for n, p in [(164, 0.95), (30, 0.9), (80, 0.98), (10, 0.5)]:
        for name, interval in [("Wilson", stats.wilson), ("exact", stats.clopper_pearson)]:
            ends = [interval(k, n) for k in range(n + 1)]
            inside = np.array([e.low <= p <= e.high for e in ends])
            rate = float(binom.pmf(np.arange(n + 1), n, p)[inside].sum())
            yield f"{name} 95 %", f"binomial, n = {n}, p = {p}", rate, 0


def labellers(runs: int, seed: int) -> Rows:
    """A share read by a labeller that errs: corrected, and taken as it is."""
    rng = stream(seed, "coverage", "labeller")
    n, ones, zeros = 400, 60, 90
    for share, se, sp in [(0.1, 0.85, 0.95), (0.4, 0.7, 0.9)]:
        positives = rng.binomial(n, share, runs)
        called = rng.binomial(positives, se) + rng.binomial(n - positives, 1 - sp)
        known = zip(
            called, rng.binomial(ones, se, runs), rng.binomial(zeros, sp, runs), strict=True
        )
        ends = [
            stats.corrected_share(k, n, found=a, n_positive=ones, spared=b, n_negative=zeros)
            for k, a, b in known
        ]
        planted = f"share {share}, se {se}, sp {sp}, n = {n}, {ones} + {zeros} known"
        rate = float(np.mean([e.low <= share <= e.high for e in ends]))
        yield "corrected share", planted, rate, runs
        plain = [stats.wilson(int(k), n) for k in called]
        rate = float(np.mean([e.low <= share <= e.high for e in plain]))
        yield "the labeller's own share (Wilson)", planted, rate, runs


def means(runs: int, seed: int) -> Rows:
    """Student and Welch."""
    for n in (3, 10, 40):
        x = stream(seed, "t", n).normal(size=(runs, n))
        yield "t 95 %", f"normal, n = {n}", _covered((stats.mean_t(r) for r in x), 0.0), runs
    x = stream(seed, "t", "exponential").exponential(size=(runs, 10))
    yield "t 95 %", "exponential, n = 10", _covered((stats.mean_t(r) for r in x), 1.0), runs
    for sd, n_b in [(1, 10), (4, 10), (4, 30)]:
        rng = stream(seed, "welch", sd, n_b)
        a, b = rng.normal(size=(runs, 10)), rng.normal(0, sd, (runs, n_b))
        found = [stats.welch(u, v) for u, v in zip(a, b, strict=True)]
        planted = f"normal, n = 10 and {n_b}, sd 1 and {sd}"
        yield "Welch 95 %", planted, _covered((f.estimate for f in found), 0.0), runs
        yield "Welch p ≤ .05", f"no difference, {planted}", _rate(f.p for f in found), runs


def clusters(runs: int, seed: int) -> Rows:
    """Half of the variance lies between clusters of ten."""
    for groups in (5, 10, 20, 40):
        rng = stream(seed, "clusters", groups)
        x = rng.normal(size=(runs, groups, 1)) + rng.normal(size=(runs, groups, 10))
        x, labels = x.reshape(runs, -1), np.repeat(np.arange(groups), 10)
        planted = f"{groups} clusters of 10, ICC .5"
        found = (stats.clustered_mean(r, labels) for r in x)
        yield "clustered t 95 %", planted, _covered(found, 0.0), runs
        yield "t 95 % (clusters ignored)", planted, _covered((stats.mean_t(r) for r in x), 0), runs


def bootstraps(runs: int, seed: int) -> Rows:
    """Percentile and BCa on normal and skewed data."""
    runs //= 5
    draw: list[tuple[str, Callable[[np.random.Generator, int], np.ndarray], float]] = [
        ("normal", lambda g, n: g.normal(size=(runs, n)), 0.0),
        ("exponential", lambda g, n: g.exponential(size=(runs, n)), 1.0),
    ]
    for name, sample, truth in draw:
        for n in (10, 30, 100):
            x = sample(stream(seed, "bootstrap", name, n), n)
            for method in ("percentile", "bca"):
                found = (stats.bootstrap(r, method=method, draws=1_999) for r in x)
                yield f"{method} 95 %", f"mean, {name}, n = {n}", _covered(found, truth), runs


def tests(runs: int, seed: int) -> Rows:
    """False alarms where there is nothing to find."""
    rng, few = stream(seed, "tests"), runs // 5
    a, b = rng.exponential(size=(few, 10)), rng.exponential(size=(few, 10))
    for name in ("welch_t", "difference"):
        p = (
            stats.permutation_test(u, v, statistic=name, draws=999).p
            for u, v in zip(a, b, strict=True)
        )
        yield f"permutation of {name}, p ≤ .05", "exponential, 10 and 10", _rate(p), few
    c = rng.normal(0, 4, (few, 30))
    p = (
        stats.permutation_test(u, v, draws=999).p
        for u, v in zip(rng.normal(size=(few, 10)), c, strict=False)
    )
    yield "permutation of welch_t, p ≤ .05", "normal, n = 10 and 30, sd 1 and 4", _rate(p), few
    g = rng.exponential(size=(few, 4, 10))
    p = (stats.permutation_f(list(r), draws=999).p for r in g)
    yield "permutation of F, p ≤ .05", "exponential, 4 groups of 10", _rate(p), few
    d = rng.standard_t(3, size=(runs, 10))
    yield "sign flip, p ≤ .05", "t(3), 10 pairs", _rate(stats.sign_flip(r).p for r in d), runs
    e, f = rng.normal(1, 1, (runs, 10)), rng.normal(size=(runs, 10))
    claimed = (stats.tost(u, v, 1.0).significance.p for u, v in zip(e, f, strict=False))
    yield "TOST claims equivalence", "difference = margin = 1 sd, n = 10", _rate(claimed), runs


def others(runs: int, seed: int) -> Rows:
    """Correlations, kappa, alpha, survival."""
    few, rng = runs // 5, stream(seed, "others")
    a = rng.normal(size=(runs, 30))
    b = 0.6 * a + 0.8 * rng.normal(size=a.shape)
    ranks = 6 / math.pi * math.asin(0.3)
    taus = 2 / math.pi * math.asin(0.6)
    for name, function, truth, number in [
        ("Pearson", stats.pearson, 0.6, runs),
        ("Spearman", stats.spearman, ranks, runs),
        ("Kendall", stats.kendall_tau_b, taus, few),
    ]:
        found = (function(u, v).estimate for u, v in zip(a[:number], b[:number], strict=True))
        yield f"{name} 95 %", "bivariate normal, r = .6, n = 30", _covered(found, truth), number
    truth_of = rng.integers(0, 4, size=(few, 100))

    def rater() -> np.ndarray:
        return np.where(
            rng.random(truth_of.shape) < 0.8, truth_of, rng.integers(0, 4, truth_of.shape)
        )

    x, y = rater(), rater()
    kappas = (stats.cohen_kappa(u, v) for u, v in zip(x, y, strict=True))
    yield "kappa 95 %", "two raters, 100 units, kappa .64", _covered(kappas, 0.64), few
    alphas = (stats.krippendorff_alpha([u, v]) for u, v in zip(x, y, strict=True))
    yield "alpha 95 %", "the same, nominal", _covered(alphas, 0.64), few
    lives, ends = rng.exponential(size=(few, 50)), rng.uniform(0.5, 3.0, size=(few, 50))
    points = []
    for life, end in zip(lives, ends, strict=True):
        curve = stats.kaplan_meier(np.minimum(life, end), life <= end)
        points.append(
            [s for t, s in zip(curve.times, curve.survival, strict=False) if t <= 1.0][-1]
        )
    yield (
        "Kaplan-Meier 95 %",
        "exponential lives, n = 50, S = .37",
        _covered(points, math.exp(-1)),
        few,
    )


def _covered(estimates: Iterator[stats.Estimate], truth: float) -> float:
    return float(np.mean([e.low <= truth <= e.high for e in estimates]))


def _rate(p: Iterator[float]) -> float:
    return float(np.mean([q <= 0.05 for q in p]))


if __name__ == "__main__":
    main()
