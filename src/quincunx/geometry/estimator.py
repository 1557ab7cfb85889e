"""The solver as a scikit-learn estimator, without importing scikit-learn.

    EuclideanEmbedding(3).fit_transform(D)      # D square, NaN = unknown
    EuclideanEmbedding(3).fit(D).transform(R)   # rows of R: new items, columns: fitted ones

``clone``, ``Pipeline``, ``get_params`` and ``set_params`` work because the class
speaks their protocol: parameters kept untouched under their own names, results in
attributes that end in an underscore, and ``__sklearn_tags__``.
"""

import inspect
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from quincunx.errors import InputError
from quincunx.geometry.edges import Edges
from quincunx.geometry.placement import place
from quincunx.geometry.solve import solve
from quincunx.geometry.solvers.auto import AutoSettings
from quincunx.geometry.types import Floats, Solution

__all__ = ["EuclideanEmbedding"]

INPUTS = ("dense", "sparse", "edges")


class EuclideanEmbedding:
    """Points from incomplete distances, as a scikit-learn transformer.

    Args:
        n_components: Dimension r of the points.
        method: Name of the method, see ``solve``.
        loss: ``"stress"``, ``"huber"`` or ``"cauchy"``; the last two name outliers and
            need ``method="auto"``.
        input: What ``fit`` is given: ``"dense"`` a square matrix of distances with NaN
            for unknown, ``"sparse"`` a SciPy sparse matrix whose stored entries are
            known, ``"edges"`` an array of rows (i, j, distance).
        random_state: Root seed, 0 or larger.

    Attributes:
        embedding_: Points, shape (n, r), in the unit of the distances.
        status_: How the solve ended; ``exact``, ``agreed`` and ``converged`` are solutions.
        stress_: Relative stress.
        determined_: Per point 1 determined, 0 not, -1 not known.
        components_: Number of the connected component of each point, shape (n,).
        n_iter_: Iterations.
        n_features_in_: Number of fitted items n: columns that ``transform`` expects.
        solution_: The whole ``Solution``.
    """

    def __init__(
        self,
        n_components: int = 3,
        *,
        method: str = "auto",
        loss: str = "stress",
        input: str = "dense",  # noqa: A002  # the name in the public interface
        random_state: int = 0,
    ) -> None:
        self.n_components = n_components
        self.method = method
        self.loss = loss
        self.input = input
        self.random_state = random_state

    def fit(self, X: Any, y: object = None) -> "EuclideanEmbedding":
        """Recover the points from the known distances ``X``; ``y`` is ignored.

        Raises:
            InputError: If the distances or parameters are not usable.
        """
        edges = self._edges(X)
        if self.method == "auto":
            loss: Any = self.loss  # AutoSettings refuses what is none
            settings: Any = AutoSettings(loss=loss)
        elif self.loss == "stress":
            settings = None
        else:
            raise InputError(f"loss {self.loss!r} needs method 'auto'; got {self.method!r}.")
        seed = int(self.random_state or 0)
        solution = solve(edges, self.n_components, method=self.method, settings=settings, seed=seed)
        self.solution_: Solution = solution
        self.embedding_: Floats = solution.points
        self.status_: str = solution.status
        self.stress_: float = solution.relative_stress
        self.determined_: NDArray[np.int8] = solution.determined
        self.components_: NDArray[np.int64] = solution.component_of()
        self.n_iter_: int = solution.iterations
        self.n_features_in_: int = edges.n
        return self

    def fit_transform(self, X: Any, y: object = None) -> Floats:
        """``fit`` and return ``embedding_``."""
        return self.fit(X, y).embedding_

    def transform(self, X: ArrayLike) -> Floats:
        """Places of new items, the fitted ones staying where they are.

        Args:
            X: Distances, shape (k, n): one row a new item, one column a fitted one, NaN
                where unknown. Undetermined fitted points are not used.

        Returns:
            Shape (k, r); NaN for an item without any usable distance.

        Raises:
            InputError: If not fitted, or X has another number of columns.
        """
        if not hasattr(self, "embedding_"):
            raise InputError("this EuclideanEmbedding is not fitted yet; call fit first.")
        D = np.atleast_2d(np.asarray(X, dtype=np.float64))
        if D.ndim != 2 or D.shape[1] != self.n_features_in_:
            raise InputError(
                f"X has shape {D.shape}; transform needs one column for each of the"
                f" {self.n_features_in_} fitted items (NaN = unknown)."
            )
        usable = np.isfinite(D) & (self.determined_ != 0)
        new, old = np.nonzero(usable)
        out = np.full((len(D), self.embedding_.shape[1]), np.nan)
        if len(new):
            placed = place(self.embedding_, (new, old, D[new, old]), loss=self.loss)
            out[: len(placed.points)] = placed.points
        return out

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The parameters by name, as given."""
        return {name: getattr(self, name) for name in self._parameters()}

    def set_params(self, **params: Any) -> "EuclideanEmbedding":
        """Change parameters by name.

        Raises:
            InputError: For a name that is not a parameter.
        """
        known = self._parameters()
        for name, value in params.items():
            if name not in known:
                raise InputError(f"unknown parameter {name!r}; known: {', '.join(known)}.")
            setattr(self, name, value)
        return self

    def get_feature_names_out(self, input_features: object = None) -> NDArray[np.object_]:
        """Names of the output columns: ``x1`` to ``xr``."""
        return np.array([f"x{a + 1}" for a in range(self.n_components)], dtype=object)

    def __sklearn_tags__(self) -> "_Tags":
        return _Tags(input_tags=_InputTags(pairwise=self.input == "dense"))

    def __repr__(self) -> str:
        defaults = inspect.signature(type(self)).parameters
        changed = {k: v for k, v in self.get_params().items() if v != defaults[k].default}
        return f"EuclideanEmbedding({', '.join(f'{k}={v!r}' for k, v in changed.items())})"

    def _edges(self, X: Any) -> Edges:
        if self.input == "dense":
            return Edges.from_dense(X)
        if self.input == "sparse":
            return Edges.from_sparse(X)
        if self.input == "edges":
            rows = np.asarray(X, dtype=np.float64)
            if rows.ndim != 2 or rows.shape[1] != 3:
                raise InputError(
                    f"input='edges' needs rows (i, j, distance); X has shape {rows.shape}."
                )
            return Edges.from_arrays(rows[:, 0], rows[:, 1], rows[:, 2])
        raise InputError(f"unknown input {self.input!r}; known: {', '.join(INPUTS)}.")

    @classmethod
    def _parameters(cls) -> tuple[str, ...]:
        return tuple(inspect.signature(cls).parameters)


@dataclass
class _InputTags:
    """The fields that scikit-learn's own record has; only ``pairwise`` depends on us."""

    one_d_array: bool = False
    two_d_array: bool = True
    three_d_array: bool = False
    sparse: bool = True
    categorical: bool = False
    string: bool = False
    dict: bool = False
    positive_only: bool = True
    allow_nan: bool = True
    pairwise: bool = True


@dataclass
class _TargetTags:
    required: bool = False
    one_d_labels: bool = False
    two_d_labels: bool = False
    positive_only: bool = False
    multi_output: bool = False
    single_output: bool = True


@dataclass
class _TransformerTags:
    preserves_dtype: list[str] = field(default_factory=lambda: ["float64"])


@dataclass
class _Tags:
    estimator_type: str | None = "transformer"
    target_tags: _TargetTags = field(default_factory=_TargetTags)
    transformer_tags: _TransformerTags = field(default_factory=_TransformerTags)
    classifier_tags: None = None
    regressor_tags: None = None
    array_api_support: bool = False
    no_validation: bool = False
    non_deterministic: bool = False
    requires_fit: bool = True
    _skip_test: bool = True
    input_tags: _InputTags = field(default_factory=_InputTags)
