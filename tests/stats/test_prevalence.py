"""A labeller's share, corrected: undone errors, coverage on planted truth, honest refusals."""

import math

import numpy as np
import pytest

from quincunx.errors import InputError
from quincunx.stats import corrected_share, wilson


def test_errors_are_undone_exactly():
    """Counts that a share of 0.25, se 0.8 and sp 0.9 give on average come back as 0.25."""
    # 0.8 * 0.25 + 0.1 * 0.75 = 0.275
    found = corrected_share(275, 1000, found=80, n_positive=100, spared=90, n_negative=100)

    assert found.value == pytest.approx(0.25)
    assert (found.n, found.low < 0.25 < found.high) == (1000, True)


def test_a_faultless_labeller_needs_no_correction():
    """With many known units and no error the share stands, its interval near Wilson's."""
    many = 10**9
    found = corrected_share(30, 100, found=many, n_positive=many, spared=many, n_negative=many)
    plain = wilson(30, 100)

    assert found.value == pytest.approx(0.3)
    assert (found.low, found.high) == pytest.approx((plain.low, plain.high), abs=0.01)


def test_the_interval_is_lang_and_reiczigels():
    """The formula of the paper's section 2, written out a second time."""
    k, n, found, ones, spared, zeros = 63, 200, 41, 50, 66, 70
    z = 1.959963984540054
    size = n + z**2
    q = (k + z**2 / 2) / size
    se, sp = (found + 1) / (ones + 2), (spared + 1) / (zeros + 2)
    j = se + sp - 1
    pi = (q + sp - 1) / j
    a, b = se * (1 - se) / (ones + 2), sp * (1 - sp) / (zeros + 2)
    middle = pi + 2 * z**2 * (pi * a - (1 - pi) * b)
    half = z * math.sqrt((q * (1 - q) / size + pi**2 * a + (1 - pi) ** 2 * b) / j**2)

    ours = corrected_share(k, n, found=found, n_positive=ones, spared=spared, n_negative=zeros)
    assert (ours.low, ours.high) == pytest.approx((middle - half, middle + half))


@pytest.mark.parametrize(("share", "se", "sp"), [(0.1, 0.85, 0.95), (0.4, 0.7, 0.9)])
def test_it_covers_a_planted_share_and_the_raw_one_does_not(share, se, sp):
    """95 % intervals hold the planted share in 92-98 % of 2,000 worlds; the raw share in few."""
    rng = np.random.default_rng(5)
    n, ones, zeros, worlds = 400, 60, 90, 2_000
    hit = raw = 0
    for _ in range(worlds):
        positives = rng.binomial(n, share)
        called = rng.binomial(positives, se) + rng.binomial(n - positives, 1 - sp)
        found = corrected_share(
            called,
            n,
            found=rng.binomial(ones, se),
            n_positive=ones,
            spared=rng.binomial(zeros, sp),
            n_negative=zeros,
        )
        hit += found.low <= share <= found.high
        raw += wilson(called, n).low <= share <= wilson(called, n).high

    assert 0.92 <= hit / worlds <= 0.98
    assert raw / worlds < 0.85


def test_a_labeller_near_chance_corrects_nothing():
    """Where the errors leave no information the answer is a reason, not a number."""
    found = corrected_share(50, 100, found=28, n_positive=50, spared=26, n_negative=50)

    assert math.isnan(found.value)
    assert "near chance" in found.reason


def test_truth_of_both_kinds_is_needed():
    """Without known positives or negatives there is no correction."""
    found = corrected_share(50, 100, found=0, n_positive=0, spared=26, n_negative=50)

    assert found.reason == "needs known positives and known negatives"
    assert corrected_share(0, 0, found=1, n_positive=1, spared=1, n_negative=1).n == 0


def test_counts_must_fit():
    """More found than there are is a mistake of the caller."""
    with pytest.raises(InputError, match="found must lie between 0 and 3; got 4"):
        corrected_share(1, 2, found=4, n_positive=3, spared=1, n_negative=1)
