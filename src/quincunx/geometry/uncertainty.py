"""How well each point is known: a covariance a point, without repeating the measurement.

To first order the error of a least-squares solution is J⁺ applied to the errors of
the distances, so that with W the weights and e the residuals

    sigma^2 = sum w e^2 / (m - c)            (or given)
    cov(P)  = sigma^2 (J' W J)^+             in the free gauge,

where c is the rigid count of the points concerned and the gauge is free: rigid
motions are projected out, as they are when an estimate is aligned to the truth.
Each component has its own gauge. Undetermined points have no error bar: NaN, with
the reason beside it.

Exact for nr <= 4500: one Cholesky factor, inverted in place. Above, 64 random
probes z ~ N(0, 1): x = (J' W J)^+ J' W^(1/2) z has the covariance wanted; the
estimate of a point's sd is then itself off by about 12 %, which ``method`` says.
It is a first-order statement: it knows noise, not a wrong minimum, and a bias of
the distances themselves does not enter.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import numpy as np
import scipy.linalg
from numpy.typing import NDArray
from scipy.special import chdtri

from quincunx.documents import Undefined
from quincunx.errors import InputError
from quincunx.geometry.anchors import Anchors
from quincunx.geometry.edges import Edges
from quincunx.geometry.framework import Framework, rigid_motions
from quincunx.geometry.gram import align
from quincunx.geometry.types import Floats, Ints, Solution
from quincunx.seeding import stream

__all__ = ["Coverage", "Uncertainty", "coverage", "uncertainty"]

EXACT_LIMIT = 4500
PROBES = 64
PROBES_AT_ONCE = 8
UNDETERMINED = "the distances do not determine this point"
ALONE = "a component of one point has no distances"
LOOSE = "a motion of the points changes no distance to first order"
SLOW = "conjugate gradients did not converge: the distances hardly hold the points"


class _Spread(Protocol):
    """Covariances of one component in units of sigma squared, by local point number."""

    def blocks(self, a: Ints, b: Ints) -> Floats:
        """Cross-covariance of points ``a`` with points ``b``, shape (k, r, r)."""
        ...


@dataclass(frozen=True, eq=False)
class _Inverse:
    """Lower triangle of (G + size NN')⁻¹; the pseudo-inverse of G is that - NN'/size."""

    lower: Floats
    motions: Floats
    size: float
    place: NDArray[np.int64]  # (points, r) -> row of ``lower``; -1 where a coordinate is fixed
    rank: int

    def blocks(self, a: Ints, b: Ints) -> Floats:
        out = np.zeros((len(a), self.rank, self.rank))
        for x in range(self.rank):
            for y in range(self.rank):
                p, q = self.place[a, x], self.place[b, y]
                value = self.lower[np.maximum(p, q), np.minimum(p, q)]
                value = value - np.einsum("kg,kg->k", self.motions[p], self.motions[q]) / self.size
                out[:, x, y] = np.where((p < 0) | (q < 0), 0.0, value)
        return out


@dataclass(frozen=True, eq=False)
class _Draws:
    """Random displacements with the covariance wanted, shape (points, r, probes)."""

    draws: Floats

    def blocks(self, a: Ints, b: Ints) -> Floats:
        out = np.empty((len(a), self.draws.shape[1], self.draws.shape[1]))
        for start in range(0, len(a), 4096):
            part = slice(start, start + 4096)
            pair = self.draws[a[part]], self.draws[b[part]]
            out[part] = np.einsum("kap,kbp->kab", *pair) / self.draws.shape[2]
        return out


@dataclass(frozen=True, eq=False)
class Uncertainty:
    """Error bars of a solution.

    Attributes:
        sigma: Standard deviation of a distance of weight 1, in length; NaN with a reason
            when there are no more distances than unknowns.
        sd: √trace of a point's covariance, in length, shape (n,): its rms distance from
            the true place after alignment. NaN where undetermined.
        covariance: Shape (n, r, r), in length²; NaN where undetermined.
        reasons: For each point with NaN, why.
        method: ``"exact"`` or ``"probes"`` (each sd off by about 12 %).
    """

    sigma: float
    sd: Floats
    covariance: Floats
    reasons: dict[int, str]
    method: Literal["exact", "probes"]
    _parts: tuple[tuple[Ints, _Spread], ...] = field(default=(), repr=False)

    @property
    def median_sd(self) -> float:
        """Median of ``sd`` over the points that have one."""
        return self._summary(np.median)

    @property
    def max_sd(self) -> float:
        """Largest ``sd``."""
        return self._summary(np.max)

    def _summary(self, statistic: Callable[[Floats], Any]) -> float:
        known = self.sd[np.isfinite(self.sd)]
        if not len(known):
            return Undefined("no point has an error bar")
        return float(statistic(known))

    def distance_sd(self, points: Floats, i: Ints, j: Ints) -> Floats:
        """Standard deviation of the distance between points ``i[k]`` and ``j[k]``.

        Args:
            points: The solution's points, shape (n, r).
            i: First points of the pairs, shape (k,).
            j: Second points.

        Returns:
            In length, shape (k,); NaN across components and at undetermined points.
        """
        out = np.full(len(i), np.nan)
        place = np.full(len(points), -1, np.int64)
        for members, spread in self._parts:
            place[:] = -1
            place[members] = np.arange(len(members))
            a, b = place[i], place[j]
            here = np.flatnonzero((a >= 0) & (b >= 0))
            a, b = a[here], b[here]
            cross = spread.blocks(a, b)
            total = spread.blocks(a, a) + spread.blocks(b, b) - cross - cross.transpose(0, 2, 1)
            along = points[i[here]] - points[j[here]]
            length = np.linalg.norm(along, axis=1)
            unit = along / np.where(length > 0, length, 1.0)[:, None]
            variance = np.einsum("ka,kab,kb->k", unit, total, unit)
            out[here] = self.sigma * np.sqrt(np.maximum(variance, 0.0))
        return out

    def to_json(self) -> dict[str, object]:
        """The ``uncertainty`` block of the solve document."""
        return {
            "sigma": self.sigma,
            "median_sd": self.median_sd,
            "max_sd": self.max_sd,
            "method": self.method,
        }


def uncertainty(
    solution: Solution,
    edges: Edges,
    *,
    sigma: float | None = None,
    method: Literal["auto", "exact", "probes"] = "auto",
    anchors: Anchors | None = None,
    seed: int = 0,
) -> Uncertainty:
    """Covariance of each point of ``solution``, given the edges it was solved from.

    Args:
        solution: What ``solve`` returned for ``edges``.
        edges: The same edges. Flagged ones and those inside their interval do not count.
        sigma: Standard deviation of a distance of weight 1, in length; by default
            estimated from the residuals.
        method: ``exact`` (nr <= 4500), ``probes``, or whichever fits.
        anchors: The anchors of the solve, if it had any: they do not move.
        seed: Root seed of the probes.

    Raises:
        InputError: If the edges are not the solution's, or ``exact`` is too large.
    """
    n, rank = solution.points.shape
    if edges.n != n or edges.m != len(solution.residuals):
        raise InputError(
            f"edges have n={edges.n}, m={edges.m}, the solution n={n},"
            f" m={len(solution.residuals)}; pass the edges it was solved from."
        )
    if method == "exact" and n * rank > EXACT_LIMIT:
        raise InputError(
            f"method exact needs n*r <= {EXACT_LIMIT}; here it is {n * rank}. Use method='probes'."
        )
    exact = method == "exact" or (method == "auto" and n * rank <= EXACT_LIMIT)
    active = _active(solution, edges)
    parts: list[tuple[Ints, _Spread]] = []
    reasons = {int(p): UNDETERMINED for p in np.flatnonzero(solution.determined == 0)}
    square, freedom = 0.0, 0
    for number, members in enumerate(_firm(solution)):
        piece = _Piece.cut(solution.points, edges, active, members, anchors)
        found = piece.exact() if exact else piece.probes(stream(seed, "uncertainty", number))
        square += float(np.sum(piece.weight * solution.residuals[piece.positions] ** 2))
        freedom += len(piece.positions) - piece.unknowns
        if isinstance(found, str):
            reasons |= {int(p): found for p in members}
        else:
            parts.append((members, found))
    level = _sigma(square, freedom) if sigma is None else sigma
    covariance = np.full((n, rank, rank), np.nan)
    for members, spread in parts:
        own = np.arange(len(members))
        covariance[members] = level**2 * spread.blocks(own, own)
    sd = np.sqrt(np.maximum(np.trace(covariance, axis1=1, axis2=2), 0.0))
    if isinstance(level, Undefined):
        reasons = {p: reasons.get(p, level.reason) for p in range(n)}
    kind: Literal["exact", "probes"] = "exact" if exact else "probes"
    return Uncertainty(level, sd, covariance, reasons, kind, tuple(parts))


@dataclass(frozen=True, eq=False)
class Coverage:
    """How often nominal ellipsoids hold the truth, point by point.

    Attributes:
        inside: Whether the truth lies in the point's ellipsoid, for each point counted.
        points: Which points were counted.
        squared_error: Sum over those points of the squared error, in length².
        predicted: Sum over those points of the variance predicted, in length².
        level: Nominal level.
    """

    inside: NDArray[np.bool_]
    points: Ints
    squared_error: float
    predicted: float
    level: float

    @property
    def error_ratio(self) -> float:
        """Root mean square error over the predicted one; 1 where the error bars are right."""
        return float(np.sqrt(self.squared_error / self.predicted))


def coverage(
    truth: Floats, solution: Solution, known: Uncertainty, *, level: float = 0.95
) -> Coverage:
    """Compare ``solution`` with the planted ``truth`` under its own error bars.

    The truth is moved onto the solution by the best rigid motion over the points that
    have an error bar; a point is inside when its Mahalanobis distance squared is
    below the chi-squared quantile with r degrees of freedom.

    Args:
        truth: True points, shape (n, r).
        solution: The solution, of one component.
        known: Its error bars.
        level: Nominal level of the ellipsoids.
    """
    counted = np.flatnonzero(np.isfinite(known.sd))
    estimate = solution.points[counted]
    error = align(truth[counted], estimate) - estimate
    # The gauge leaves a few directions without variance among very few points.
    inverse = np.linalg.pinv(known.covariance[counted], rcond=1e-9, hermitian=True)
    distance = np.einsum("ka,kab,kb->k", error, inverse, error)
    limit = float(chdtri(solution.rank, 1.0 - level))
    predicted = float(np.sum(known.sd[counted] ** 2))
    return Coverage(distance <= limit, counted, float(np.sum(error**2)), predicted, level)


def _active(solution: Solution, edges: Edges) -> NDArray[np.bool_]:
    """Edges that pull: kept, of positive weight, and not inside their interval."""
    active = np.ones(edges.m, bool)
    active[solution.flagged] = False
    if edges.weight is not None:
        active &= edges.weight > 0
    if edges.upper is not None:
        P = solution.points
        length = np.linalg.norm(P[edges.i] - P[edges.j], axis=1)
        active &= ~((length > edges.distance) & (length < edges.upper))
    return active


def _firm(solution: Solution) -> Iterator[Ints]:
    """The points of each component that are not known to be undetermined."""
    for component in solution.components:
        members = component.points[solution.determined[component.points] != 0]
        if len(members):
            yield members


def _sigma(square: float, freedom: int) -> float:
    if freedom <= 0:
        return Undefined("as many unknowns as distances: no residual tells the noise; give sigma")
    return float(np.sqrt(square / freedom))


@dataclass(frozen=True, eq=False)
class _Piece:
    """The determined points of one component and the edges that hold them."""

    framework: Framework
    positions: Ints
    weight: Floats
    free: NDArray[np.bool_]  # (points, r)
    motions: Floats  # of the free coordinates only

    @classmethod
    def cut(
        cls, points: Floats, edges: Edges, active: NDArray[np.bool_], members: Ints,
        anchors: Anchors | None,
    ) -> "_Piece":  # fmt: skip
        """The piece of ``members`` (ascending)."""
        part, kept = edges.among(members)
        pulls = active[kept]
        positions = kept[pulls]
        weight = np.ones(len(positions)) if part.weight is None else part.weight[pulls]
        P = points[members]
        frame = Framework(P, part.i[pulls], part.j[pulls], np.sqrt(weight))
        held = None if anchors is None else anchors.among(members)
        free = np.ones(P.shape, bool) if held is None else held.free(len(members)) > 0
        motions = rigid_motions(P)
        if held is not None:
            motions = _left_over(motions, free.ravel())
        return cls(frame, positions, weight, free, motions)

    @property
    def unknowns(self) -> int:
        """Coordinates that move, less the motions that change nothing."""
        return int(np.count_nonzero(self.free)) - int(self.motions.shape[1])

    def exact(self) -> _Spread | str:
        """The covariance by one dense inverse, or why there is none."""
        if len(self.positions) == 0:
            return ALONE
        free = self.free.ravel()
        filled = self.framework.dense_normal()
        if not free.all():
            filled = filled[np.ix_(free, free)]
        size = float(np.trace(filled)) / len(filled)
        for start in range(0, len(filled), 512):  # in place: NN' would be a second matrix
            part = slice(start, start + 512)
            filled[part] += size * (self.motions[part] @ self.motions.T)
        norm = float(np.abs(filled).sum(axis=0).max())
        factor, info = scipy.linalg.lapack.dpotrf(filled.T, lower=1, overwrite_a=1)
        if info != 0 or scipy.linalg.lapack.dpocon(factor, norm, uplo="L")[0] < 1e-14:
            return LOOSE
        lower, info = scipy.linalg.lapack.dpotri(factor, lower=1, overwrite_c=1)
        place = np.where(free, np.cumsum(free) - 1, -1).reshape(self.free.shape)
        return _Inverse(lower, self.motions, size, place, self.free.shape[1])

    def probes(self, rng: np.random.Generator) -> _Spread | str:
        """The covariance from random displacements, eight at a time."""
        if len(self.positions) == 0:
            return ALONE
        free = self.free.ravel()
        draws = np.zeros((len(free), PROBES))
        for start in range(0, PROBES, PROBES_AT_ONCE):
            noise = rng.standard_normal((len(self.positions), PROBES_AT_ONCE))
            force = self.framework.forces(noise)
            solved = self.framework.solve_normal(force, tolerance=1e-6, free=free)
            if solved.residual > 1e-4:
                return SLOW
            moved = solved.x[free]
            moved -= self.motions @ (self.motions.T @ moved)
            draws[free, start : start + PROBES_AT_ONCE] = moved
        return _Draws(draws.reshape(*self.free.shape, PROBES))


def _left_over(motions: Floats, free: NDArray[np.bool_]) -> Floats:
    """Rigid motions that leave the fixed coordinates in place, on the free ones."""
    fixed = motions[~free]
    if not len(fixed):
        return motions
    _, values, rows = np.linalg.svd(fixed, full_matrices=True)
    rank = int((values > 1e-9).sum())
    kept = motions[free] @ rows[rank:].T
    return np.linalg.qr(kept)[0] if kept.shape[1] else kept
