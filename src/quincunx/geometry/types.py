"""The vocabulary of the room: what a solver is given, and what it gives back.

    Edges (edges.py)  ->  Problem  ->  Method.solve  ->  Outcome  ->  Solution
                              Start.make  ->  Started

Everything here is a frozen record. Letters: ``n`` points, ``r`` dimensions, ``P``
points (n, r), ``m`` edges, ``d`` given distances, ``δ`` current lengths.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from quincunx.errors import NotSolved
from quincunx.seeding import stream

if TYPE_CHECKING:
    from quincunx.geometry.anchors import Anchors
    from quincunx.geometry.checkpoint import Checkpoint
    from quincunx.geometry.edges import Edges

__all__ = [
    "MESSAGES",
    "SOLVED",
    "Attempt",
    "Caution",
    "Component",
    "Control",
    "Floats",
    "Ints",
    "Member",
    "Method",
    "Outcome",
    "Problem",
    "Progress",
    "Solution",
    "Start",
    "Started",
    "Status",
    "TraceRow",
]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Status = Literal[
    "exact",
    "agreed",
    "converged",
    "local",
    "nonpositive_step",
    "max_iter",
    "time_limit",
    "diverged",
]
"""How a solve ended, the best first."""

MESSAGES: dict[Status, str] = {
    "exact": "Every distance is reproduced to rounding.",
    "agreed": "The residual looks like noise and independent starts agree.",
    "converged": "The method's own stopping rule was met.",
    "local": "The residual sits on few edges: outliers (try loss=cauchy) or a wrong minimum"
    " (try more restarts).",
    "nonpositive_step": "Algorithm 2 stopped because R gave a non-positive curvature"
    " (few distances or uneven axes); use method frame or auto.",
    "max_iter": "The iteration limit came first; raise max_iter or use method auto.",
    "time_limit": "The time limit came first; the best points so far are given.",
    "diverged": "The iterates left the finite numbers; use method auto.",
}
"""Each status as a sentence for a person."""

SOLVED: frozenset[str] = frozenset({"exact", "agreed", "converged"})
"""The statuses that claim a solution."""


@dataclass(frozen=True)
class Caution:
    """A warning that comes with a result: a code, a sentence, and whom it concerns.

    Attributes:
        code: One of the fixed codes, e.g. ``"disconnected"`` or ``"few_distances"``.
        message: One sentence for a person.
        points: Indices of the points concerned, or None.
        edges: Positions in ``Edges`` of the edges concerned, or None.
    """

    code: str
    message: str
    points: tuple[int, ...] | None = None
    edges: tuple[int, ...] | None = None

    def to_json(self) -> dict[str, Any]:
        """``code``, ``message`` and whichever of ``points`` and ``edges`` is known."""
        out: dict[str, Any] = {"code": self.code, "message": self.message}
        if self.points is not None:
            out["points"] = list(self.points)
        if self.edges is not None:
            out["edges"] = list(self.edges)
        return out


@dataclass(frozen=True)
class TraceRow:
    """One iteration as it was.

    Attributes:
        stage: Where, e.g. ``"frame"`` or ``"1/3 cg rank 4"`` (component 1, attempt 3).
        iteration: Counted from 1 within the stage.
        objective: The stage's own objective after the iteration, relative to its scale.
        step: Step length (``cg``, ``frame``, ``pseudo``) or damping (``lm``).
        change: Relative change of the stage's own measure.
        seconds: Since the solve began.
    """

    stage: str
    iteration: int
    objective: float
    step: float
    change: float
    seconds: float


@dataclass(frozen=True)
class Attempt:
    """One row of the ladder as it went.

    Attributes:
        lift: Ranks added above the wanted one.
        start: Name of the start, or ``"points"``.
        iterations: Of all its stages together.
        repaired: Points moved by ``repair``.
        relative_stress: Where it ended, s = √(Σ w(δ−d)² / Σ w d²).
        seconds: Wall clock.
        component: Which component it worked on.
    """

    lift: int
    start: str
    iterations: int
    repaired: int
    relative_stress: float
    seconds: float
    component: int = 0


@dataclass(frozen=True)
class Component:
    """One connected component: solved alone, centred alone, never placed beside another.

    Attributes:
        points: Indices of its points, ascending, shape (size,).
        core: Indices of those in its core: what is left after repeatedly deleting
            points with fewer than r+1 edges.
        status: How its solve ended.
        relative_stress: Over its own edges; NaN without edges.
    """

    points: Ints
    core: Ints
    status: Status
    relative_stress: float

    @property
    def size(self) -> int:
        """Number of points."""
        return len(self.points)


@dataclass(frozen=True)
class Member:
    """One of an ensemble: a distinct solution and its relative stress."""

    points: Floats
    relative_stress: float


@dataclass(frozen=True)
class Progress:
    """What a callback sees while a solve runs."""

    stage: str
    iteration: int
    objective: float
    seconds: float


class Control:
    """What a running method needs from its caller: clock, callback, trace and randomness.

    Args:
        seed: Root seed; ``rng(*name)`` gives the named streams.
        time_limit: Seconds after which ``expired`` is true, or None.
        callback: Called with a ``Progress`` now and then; its return value is ignored.
        checkpoint: Where stages are remembered, or None.
    """

    MAX_ROWS = 400  # a stage

    def __init__(
        self,
        *,
        seed: int = 0,
        time_limit: float | None = None,
        callback: Callable[[Progress], object] | None = None,
        checkpoint: Checkpoint | None = None,
    ) -> None:
        self.seed = seed
        self.checkpoint = checkpoint
        self.time_limit = time_limit
        self.callback = callback
        self.began = time.perf_counter()
        self.trace: list[TraceRow] = []
        self._rows: dict[str, int] = {}

    def rng(self, *name: str | int) -> np.random.Generator:
        """The random stream of this solve named ``name``."""
        return stream(self.seed, "geometry", *name)

    @property
    def seconds(self) -> float:
        """Wall clock since the solve began."""
        return time.perf_counter() - self.began

    @property
    def expired(self) -> bool:
        """Whether the time limit has passed."""
        return self.time_limit is not None and self.seconds >= self.time_limit

    def recall(self, stage: str) -> dict[str, NDArray[Any]] | None:
        """What a checkpoint remembers of ``stage``, or None."""
        return None if self.checkpoint is None else self.checkpoint.recall(stage)

    def keep(self, stage: str, *, finished: bool = False, **arrays: NDArray[Any]) -> None:
        """Let the checkpoint, if there is one, remember the state of ``stage``.

        Once the time is up, the first stage that has not finished is the last one kept.
        """
        if self.checkpoint is None:
            return
        if not self.expired:
            self.checkpoint.keep(stage, arrays, finished=finished)
        elif not finished:
            self.checkpoint.freeze(stage, arrays)

    def record(
        self, stage: str, iteration: int, objective: float, step: float, change: float
    ) -> None:
        """Append a trace row (at most 400 a stage) and tell the callback."""
        now = self.seconds
        rows = self._rows.get(stage, 0)
        if rows < self.MAX_ROWS:
            self._rows[stage] = rows + 1
            self.trace.append(TraceRow(stage, iteration, objective, step, change, now))
        if self.callback is not None:
            self.callback(Progress(stage, iteration, objective, now))


@dataclass(frozen=True)
class Problem:
    """What a method is given.

    Attributes:
        edges: The distances; for a method that ``splits`` one connected component,
            its points renumbered from 0.
        rank: Dimension r of the points wanted.
        anchors: Rows or coordinates that do not move, renumbered likewise, or None.
        component: Which component this is (0 when not split).
    """

    edges: Edges
    rank: int
    anchors: Anchors | None = None
    component: int = 0


@dataclass(frozen=True)
class Outcome:
    """What a method gives back for one ``Problem``.

    Attributes:
        points: P, shape (n, rank), in the units of the distances; not yet aligned.
        status: How it ended.
        iterations: Of all stages together.
        attempts: Rows of the ladder, for methods that have one.
        flagged: Positions of rejected edges in ``problem.edges``, ascending.
        cautions: Warnings that only the method can know.
        ensemble: Distinct solutions kept beside ``points``, best first.
    """

    points: Floats
    status: Status
    iterations: int
    attempts: tuple[Attempt, ...] = ()
    flagged: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    cautions: tuple[Caution, ...] = ()
    ensemble: tuple[Member, ...] = ()


@dataclass(frozen=True)
class Method:
    """One entry of the catalogue ``solvers/``.

    Attributes:
        name: File stem.
        summary: One line for a person.
        settings: Frozen dataclass of the method's settings; all fields have defaults.
        solve: ``solve(problem, start, settings, control) -> Outcome``; ``start`` is an
            array (n, r) given by the caller, or None: then the method takes the start
            its settings name.
        splits: Whether components are solved alone (the published methods are not split).
        takes_anchors: Whether anchors are understood.
        takes_bounds: Whether ``Edges.upper`` is understood.
    """

    name: str
    summary: str
    settings: type
    solve: Callable[[Problem, Floats | None, Any, Control], Outcome]
    splits: bool = True
    takes_anchors: bool = True
    takes_bounds: bool = True


@dataclass(frozen=True)
class Started:
    """Points to begin from, shape (n, rank), centred, and what went wrong on the way."""

    points: Floats
    cautions: tuple[Caution, ...] = ()


@dataclass(frozen=True)
class Start:
    """One entry of the catalogue ``starts/``.

    Attributes:
        name: File stem.
        summary: One line for a person.
        make: ``make(edges, rank, rng, tolerance, floor) -> Started``; ``tolerance`` is the
            eigensolver's, ``floor`` the smallest eigenvalue kept relative to the largest.
    """

    name: str
    summary: str
    make: Callable[[Edges, int, np.random.Generator, float, float], Started]


@dataclass(frozen=True)
class Solution:
    """Points from distances, with what is known about how good they are.

    Attributes:
        points: P, shape (n, rank), each component centred on its principal axes
            (with anchors: in the anchors' frame).
        status: How it ended; ``message`` is the same as a sentence.
        message: See ``status``.
        relative_stress: s = √(Σ w(δ−d)² / Σ w d²) over the edges kept.
        spread_ratio: κ = median|e|/rms(e), e = √w(δ−d); NaN when s < 1e-9.
        residuals: δ − d per edge (δ − the nearer bound where bounds are given), shape (m,).
        flagged: Positions of the edges rejected as outliers, ascending.
        determined: Per point 1 determined, 0 not, -1 not known, shape (n,).
        components: The connected components, largest first.
        attempts: Rows of the ladder.
        trace: Iterations, at most 400 a stage.
        diagnosis: What the rigidity test says, or None where it was not run.
        warnings: With codes; see ``Caution``.
        seconds: Wall clock.
        seed: Root seed.
        method: Name of the method.
        rank: Dimension r.
        loss: ``"stress"``, ``"huber"`` or ``"cauchy"``.
        iterations: Of all stages together.
        ensemble: The distinct solutions asked for, best first.
        names: Names of the points where the edges had them.
    """

    points: Floats
    status: Status
    message: str
    relative_stress: float
    spread_ratio: float
    residuals: Floats
    flagged: Ints
    determined: NDArray[np.int8]
    components: tuple[Component, ...]
    attempts: tuple[Attempt, ...]
    trace: tuple[TraceRow, ...]
    diagnosis: Any
    warnings: tuple[Caution, ...]
    seconds: float
    seed: int
    method: str
    rank: int
    loss: str
    iterations: int
    ensemble: tuple[Member, ...] = ()
    names: tuple[str, ...] | None = None

    @property
    def n(self) -> int:
        """Number of points."""
        return len(self.points)

    @property
    def solved(self) -> bool:
        """Whether the status claims a solution: exact, agreed or converged."""
        return self.status in SOLVED

    def require(self) -> Solution:
        """This solution, if its status claims one.

        Raises:
            NotSolved: Otherwise, with the status and its sentence.
        """
        if not self.solved:
            raise NotSolved(f"status {self.status}: {self.message}")
        return self

    def component_of(self) -> Ints:
        """Number of the component of each point, shape (n,)."""
        label = np.empty(self.n, np.int64)
        for number, component in enumerate(self.components):
            label[component.points] = number
        return label
