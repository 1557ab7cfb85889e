"""A share read by somebody who errs: corrected by how often, with an interval for both.

A labeller calls a share q of the units positive. If it finds a share se of the true
positives (sensitivity) and leaves a share sp of the true negatives alone (specificity),
then q = se π + (1 - sp)(1 - π), and the true share is

    π = (q + sp - 1) / (se + sp - 1).

Sensitivity and specificity come from units whose truth is known, so they are uncertain
too. The interval of Lang and Reiczigel carries all three errors.
"""

import math

from quincunx.errors import InputError
from quincunx.stats.distributions import normal_quantile
from quincunx.stats.types import Estimate, check_level

__all__ = ["corrected_share"]

_LEAST_INFORMATION = 0.2
_METHOD = "rogan-gladen, lang-reiczigel"


def corrected_share(
    called: int,
    n: int,
    *,
    found: int,
    n_positive: int,
    spared: int,
    n_negative: int,
    level: float = 0.95,
) -> Estimate:
    """True share of positives behind a labeller's share, with both errors in the interval.

    Args:
        called: Units that the labeller calls positive, 0 <= called <= n.
        n: Units that it read.
        found: Known positives that it calls positive, of ``n_positive``.
        n_positive: Units known to be positive.
        spared: Known negatives that it calls negative, of ``n_negative``.
        n_negative: Units known to be negative.
        level: Confidence level, in (0, 1).

    Returns:
        The corrected share in [0, 1] with n units. Undefined, with the reason, without
        units of either kind, and where the lower 95 % end of se + sp - 1 is below 0.2:
        a labeller near chance says nothing about the share.

    Raises:
        InputError: If a count is out of range or the level is.

    References:
        Rogan, W. J. and Gladen, B. (1978). Am. J. Epidemiol. 107(1), 71-76; Lang, Z.
        and Reiczigel, J. (2014). Prev. Vet. Med. 113(1), 13-22.

    Examples:
        >>> e = corrected_share(40, 100, found=45, n_positive=50, spared=40, n_negative=50)
        >>> round(e.value, 4), e.low < e.value < e.high
        (0.2857, True)
    """
    check_level(level)
    for name, k, of in (
        ("called", called, n),
        ("found", found, n_positive),
        ("spared", spared, n_negative),
    ):
        if not 0 <= k <= of:
            raise InputError(f"{name} must lie between 0 and {of}; got {k}. Check the counts.")
    if not (n and n_positive and n_negative):
        reason = "no units" if not n else "needs known positives and known negatives"
        return Estimate.undefined(n, reason, level=level, method=_METHOD)
    se, sp = found / n_positive, spared / n_negative
    error = math.sqrt(se * (1 - se) / n_positive + sp * (1 - sp) / n_negative)
    if se + sp - 1 - normal_quantile(0.975) * error < _LEAST_INFORMATION:
        reason = "too near chance to correct by"
        return Estimate.undefined(n, reason, level=level, method=_METHOD)
    value = (called / n + sp - 1) / (se + sp - 1)
    low, high = _interval((called, n), (found, n_positive), (spared, n_negative), level)
    return Estimate(_clipped(value), n, _clipped(low), _clipped(high), level, _METHOD)


def _interval(
    called: tuple[int, int], found: tuple[int, int], spared: tuple[int, int], level: float
) -> tuple[float, float]:
    """Lang and Reiczigel's interval from three (count, of how many), not yet cut at [0, 1]."""
    z = normal_quantile((1 + level) / 2)
    size, ones, zeros = called[1] + z * z, found[1] + 2, spared[1] + 2
    q = (called[0] + z * z / 2) / size
    se, sp = (found[0] + 1) / ones, (spared[0] + 1) / zeros
    youden = se + sp - 1
    share = (q + sp - 1) / youden
    of_se, of_sp = se * (1 - se) / ones, sp * (1 - sp) / zeros
    shift = 2 * z * z * (share * of_se - (1 - share) * of_sp)
    variance = q * (1 - q) / size + share**2 * of_se + (1 - share) ** 2 * of_sp
    half = z * math.sqrt(variance) / youden
    return share + shift - half, share + shift + half


def _clipped(value: float) -> float:
    return min(1.0, max(0.0, value))
