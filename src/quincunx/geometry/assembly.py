"""From the outcomes of components to one ``Solution``: axes, residuals, what is known.

A zero residual is no proof that points are where they should be: a point outside the
core, or a graph that is not uniquely rigid, has other places with the same distances.
So every point is marked, and what to be careful about is said in warnings.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from quincunx.geometry.anchors import Anchors
from quincunx.geometry.components import connected_components
from quincunx.geometry.core import core_mask
from quincunx.geometry.edges import Edges, spans
from quincunx.geometry.fit import ROUNDED, SPREAD, spread
from quincunx.geometry.fitting import principal
from quincunx.geometry.types import (
    MESSAGES,
    Caution,
    Component,
    Control,
    Floats,
    Ints,
    Member,
    Outcome,
    Solution,
    Status,
)

__all__ = ["assembled"]

TESTED = 300  # n times r up to which the rigidity test is part of a solve
TELLING = 20  # redundant distances from which on the spread of the residual means something
SEVERITY: tuple[Status, ...] = get_args(Status)


def assembled(
    edges: Edges,
    rank: int,
    parts: list[Ints],
    outcomes: list[tuple[Outcome, Ints | None]],
    *,
    method: str,
    loss: str,
    anchors: Anchors | None,
    control: Control,
) -> Solution:
    """One solution from the outcomes of the components and their edges' positions."""
    P = np.empty((edges.n, rank))
    axes: list[Floats] = []
    for points, (found, _) in zip(parts, outcomes, strict=True):
        fixed = anchors is not None and anchors.among(points) is not None
        P[points] = found.points if fixed else _on_axes(found.points, axes)
    flagged = np.sort(
        np.concatenate([f.flagged if where is None else where[f.flagged] for f, where in outcomes])
    )
    residuals = _residuals(edges, P)
    kept = np.ones(edges.m, bool)
    kept[flagged] = False
    stress, kappa = _quality(edges, residuals, kept)
    status = _worst([f for f, where in outcomes if where is None or len(where)] or [outcomes[0][0]])
    settled = _settling(edges, kept)
    determined, components, tests = _determined(settled, rank, anchors, control.seed)
    components = tuple(
        _with_status(one, zip(parts, outcomes, strict=True), edges, residuals, kept=kept)
        for one in components
    )
    cautions = [caution for found, _ in outcomes for caution in found.cautions]
    cautions += _cautions(settled, rank, determined, components, tests)
    cautions += _about_residual(edges, rank, flagged, kappa)
    if any(_unstable(values, stress) for values in axes):
        text = "two axes are equally long: which way the points are turned about them is arbitrary."
        cautions.append(Caution("axes_unstable", text))
    return Solution(
        points=P,
        status=status,
        message=MESSAGES[status],
        relative_stress=stress,
        spread_ratio=kappa,
        residuals=residuals,
        flagged=flagged,
        determined=determined,
        components=components,
        attempts=tuple(attempt for found, _ in outcomes for attempt in found.attempts),
        trace=tuple(control.trace),
        diagnosis=tests[0] if len(tests) == 1 else None,
        warnings=tuple(cautions),
        seconds=control.seconds,
        seed=control.seed,
        method=method,
        rank=rank,
        loss=loss,
        iterations=sum(found.iterations for found, _ in outcomes),
        ensemble=_ensemble(P, parts, outcomes, anchors),
        names=edges.names,
    )


def _settling(edges: Edges, kept: NDArray[np.bool_]) -> Edges:
    """The edges that hold points in place: those kept, without half-open intervals."""
    if edges.upper is not None:
        kept = kept & np.isfinite(edges.upper)
    return edges if kept.all() else edges.keep(np.flatnonzero(kept))


def _on_axes(P: Floats, axes: list[Floats]) -> Floats:
    """P on its principal axes; their lengths are appended to ``axes``."""
    if not np.isfinite(P).all():
        return P
    turned, lengths = principal(P)
    axes.append(lengths)
    return turned


def _unstable(lengths: Floats, stress: float) -> bool:
    """Whether two axes are equally long to within what the data can tell."""
    if len(lengths) < 2 or not lengths[0] > 0.0:
        return False
    gaps = (lengths[:-1] - lengths[1:]) / lengths[0]
    return bool(np.any((gaps <= max(1e-6, stress)) & (lengths[:-1] > 1e-9 * lengths[0])))


def _residuals(edges: Edges, P: Floats) -> Floats:
    """δ - d per edge, or the distance from the interval."""
    from quincunx.geometry.kernels import graph_of

    # One tile: a single pass needs no reordered copy of the edges.
    out: Floats = np.empty(edges.m)
    graph_of(edges, P.shape[1], form="serial").residual(np.ascontiguousarray(P), out)
    return out


def _quality(edges: Edges, residuals: Floats, kept: NDArray[np.bool_]) -> tuple[float, float]:
    """Relative stress and spread ratio over the edges kept."""
    w: Any = np.ones(1) if edges.weight is None else edges.weight
    f = scale = 0.0
    for part in spans(edges.m):
        here = kept[part] * (w[part] if len(w) > 1 else 1.0)
        f += float(np.sum(here * residuals[part] ** 2))
        scale += float(np.sum(here * np.maximum(edges.target[part], 0.0)))
    s = math.sqrt(f / scale) if scale > 0.0 else math.sqrt(f)
    if not s >= ROUNDED:
        return s, math.nan
    errors = residuals[kept]
    if len(w) > 1:
        errors *= np.sqrt(w[kept])
    return s, spread(errors)


def _worst(outcomes: list[Outcome]) -> Status:
    return max((found.status for found in outcomes), key=SEVERITY.index)


def _determined(
    edges: Edges, rank: int, anchors: Anchors | None, seed: int
) -> tuple[NDArray[np.int8], tuple[Component, ...], list[Any]]:
    """Per point 1, 0 or -1; the components with their cores; the rigidity tests run."""
    i, j = _with_anchor_pairs(edges, anchors)
    core = core_mask(i, j, edges.n, rank)
    out = np.where(core, -1, 0).astype(np.int8)
    parts = connected_components(edges)
    tests = []
    components = []
    for points in parts:
        components.append(Component(points, points[core[points]], "exact", math.nan))
        if 1 < len(points) <= TESTED // rank:
            test = _tested((i, j), points, edges.n, rank, seed=seed)
            tests.append(test)
            out[points] = _marks(test, core[points])
    if anchors is not None:
        out[anchors.index[anchors.whole]] = 1
    return out, tuple(components), tests


def _with_anchor_pairs(
    edges: Edges, anchors: Anchors | None
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """The pairs whose distance is known: edges, and anchors among themselves."""
    if anchors is None or anchors.whole.sum() < 2:
        return edges.i, edges.j
    index = anchors.index[anchors.whole][:200]
    a, b = np.triu_indices(len(index), 1)
    key = np.unique(
        np.concatenate(
            [edges.i.astype(np.int64) * edges.n + edges.j, index[a] * edges.n + index[b]]
        )
    )
    return (key // edges.n).astype(np.int32), (key % edges.n).astype(np.int32)


def _tested(
    pairs: tuple[NDArray[np.int32], NDArray[np.int32]],
    points: Ints,
    n: int,
    rank: int,
    *,
    seed: int,
) -> Any:
    """The rigidity test of one small component."""
    from quincunx.geometry.rigidity import rigidity

    i, j = pairs
    if len(points) == n:
        return rigidity(i, j, n, rank, seed=seed)
    number = np.full(n, -1, np.int32)
    number[points] = np.arange(len(points), dtype=np.int32)
    kept = (number[i] >= 0) & (number[j] >= 0)
    return rigidity(number[i[kept]], number[j[kept]], len(points), rank, seed=seed)


def _marks(test: Any, core: NDArray[np.bool_]) -> NDArray[np.int8]:
    """What a test says of each point of its component."""
    if test.globally_rigid:
        return np.ones(len(core), np.int8)
    if test.globally_rigid is None and test.core_globally_rigid is None:
        return np.where(core, -1, 0).astype(np.int8)
    return (core & bool(test.core_globally_rigid)).astype(np.int8)


def _with_status(
    component: Component,
    solved: Iterable[tuple[Ints, tuple[Outcome, Ints | None]]],
    edges: Edges,
    residuals: Floats,
    *,
    kept: NDArray[np.bool_],
) -> Component:
    """A component with the status of the solve it was part of and its own stress."""
    first = int(component.points[0])
    home = next(found for points, (found, _) in solved if _holds(points, first))
    if component.size == edges.n:
        mine = kept
    else:
        inside = np.zeros(edges.n, bool)
        inside[component.points] = True
        mine = inside[edges.i] & inside[edges.j] & kept
    stress = _quality(edges, residuals, mine)[0] if mine.any() else math.nan
    return replace(component, status=home.status, relative_stress=stress)


def _holds(points: Ints, point: int) -> bool:
    place = int(np.searchsorted(points, point))
    return place < len(points) and int(points[place]) == point


def _cautions(
    edges: Edges,
    rank: int,
    determined: NDArray[np.int8],
    components: tuple[Component, ...],
    tests: list[Any],
) -> list[Caution]:
    """What the graph of distances leaves open."""
    out = []
    if len(components) > 1:
        text = f"{len(components)} components: their places relative to one another are unknown."
        out.append(Caution("disconnected", text))
    low = tuple(np.flatnonzero((edges.degree <= rank) & (determined != 1)).tolist())
    if low:
        text = (
            f"{len(low)} point(s) have at most {rank} distances: they move freely or have two"
            " places."
        )
        out.append(Caution("low_degree", text, points=low))
    cored = np.zeros(edges.n, bool)
    for component in components:
        cored[component.core] = True
    outside = tuple(np.flatnonzero(~cored & (determined != 1)).tolist())
    if outside:
        text = f"{len(outside)} point(s) lie outside the core and cannot be determined uniquely."
        out.append(Caution("outside_core", text, points=outside))
    flexes = sum(test.flexes or 0 for test in tests)
    if flexes:
        text = f"the points can move in {flexes} way(s) without changing any distance."
        out.append(Caution("flexible", text))
    loose = tuple(np.flatnonzero(determined == 0).tolist())
    if loose:
        text = f"{len(loose)} point(s) have other places with the same distances."
        out.append(Caution("nonunique", text, points=loose))
    if edges.rho(rank) < 2.0:
        text = (
            f"only {edges.rho(rank):.2f} distances a degree of freedom; below 2 much is left open."
        )
        out.append(Caution("few_distances", text))
    return out


def _about_residual(edges: Edges, rank: int, flagged: Ints, kappa: float) -> list[Caution]:
    """What the residual and the input's repairs say."""
    out = []
    if kappa <= SPREAD:
        text = (
            f"the residual sits on few edges (spread ratio {kappa:.2f}): wrong distances, or a"
            " wrong minimum."
        )
        from quincunx.geometry.rigidity import rigid_count

        redundant = edges.m - rigid_count(edges.n, rank)
        if redundant < TELLING:
            text += (
                f" With only {redundant} distance(s) more than can fix a shape this says little;"
                " `quincunx geometry next` names distances worth measuring."
            )
        out.append(Caution("concentrated_residual", text))
    if len(flagged):
        text = f"{len(flagged)} distance(s) contradict the rest and were left out."
        out.append(Caution("outliers", text, edges=tuple(flagged.tolist())))
    notes = edges.notes
    if notes.merged:
        text = (
            f"{notes.merged} repeats of a pair were averaged; they differ by at most"
            f" {100 * notes.disagreement:.3g} %."
        )
        out.append(Caution("duplicates_merged", text))
    if notes.negative:
        text = f"{notes.negative} squared distances are negative; the stress takes them as 0."
        out.append(Caution("negative_squared", text))
    return out


def _ensemble(
    P: Floats,
    parts: list[Ints],
    outcomes: list[tuple[Outcome, Ints | None]],
    anchors: Anchors | None,
) -> tuple[Member, ...]:
    """The distinct solutions of the largest component, the others at their best."""
    found, points = outcomes[0][0], parts[0]
    fixed = anchors is not None and anchors.among(points) is not None
    members = []
    for member in found.ensemble:
        Q = P.copy()
        Q[points] = member.points if fixed else principal(member.points)[0]
        members.append(Member(Q, member.relative_stress))
    return tuple(members)
