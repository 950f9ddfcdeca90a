"""Groups of pictures that are alike in one view: spectral clustering, and small dense groups apart from the rest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from xai_core.types import IntArray

MOST_CLUSTERS = 6
COMPONENTS = 10  # of the PCA, at most
NEIGHBOURS = 8  # in the graph, at most
NULLS = 20  # permutations
BOOTSTRAPS = 8
STABLE = 0.6  # mean adjusted Rand index of the clusters of bootstrap samples
SMALLEST = 5  # pictures of a group


@dataclass(frozen=True, eq=False)
class Space:
    """Scaling and principal components, learned on the half that is looked at."""

    mean: np.ndarray
    spread: np.ndarray
    axes: np.ndarray

    @classmethod
    def of(cls, values: np.ndarray) -> Space:
        """From float (n, d); columns that never vary play no part."""
        mean, spread = values.mean(axis=0), values.std(axis=0)
        scaled = (values - mean) / np.where(spread > 1e-12, spread, np.inf)
        few = len(scaled) < scaled.shape[1]  # by the smaller of the two products
        products = scaled @ scaled.T if few else scaled.T @ scaled
        side = len(products)
        from scipy.linalg import eigh

        squares, vectors = eigh(products, subset_by_index=(max(0, side - COMPONENTS), side - 1))
        count = int((squares > 1e-9 * max(1.0, float(squares[-1]))).sum())
        best = slice(len(squares) - count, None)
        axes = scaled.T @ vectors[:, best] / np.sqrt(squares[best]) if few else vectors[:, best]
        return cls(mean, spread, axes.T[::-1])

    def __call__(self, values: np.ndarray) -> np.ndarray:
        """float (n, d) -> (n, components)."""
        scaled = (values - self.mean) / np.where(self.spread > 1e-12, self.spread, np.inf)
        return scaled @ self.axes.T


@dataclass(frozen=True, eq=False)
class Clustering:
    """Clusters of n pictures in one view.

    Attributes
    ----------
    labels : ndarray
        int64 (n,), from 0.
    small : ndarray
        int64 (n,), numbers of small dense groups, -1 for none.
    count : int
        Clusters; 1 where there is no structure beyond chance.
    gap, null : float
        The eigengap at that number, and the 95th percentile of the largest gap with permuted columns.
    stability : float
        Mean adjusted Rand index of bootstrap samples; NaN for one cluster.
    """

    labels: IntArray
    small: IntArray
    count: int
    gap: float
    null: float
    stability: float


@dataclass(frozen=True, eq=False)
class Spectrum:
    """The smallest eigenvalues (m,), ascending, and their eigenvectors (n, m); m is MOST_CLUSTERS + 1 at most."""

    values: np.ndarray
    vectors: np.ndarray


def spectrum(points: np.ndarray) -> Spectrum:
    """Of the normalised Laplacian of the graph of nearest neighbours.

    Parameters
    ----------
    points : ndarray
        float (n, d), n of 4 or more.

    Returns
    -------
    Spectrum
    """
    n = len(points)
    squares = (points**2).sum(axis=1)
    distances = np.maximum(squares[:, None] + squares[None] - 2 * points @ points.T, 0)
    np.fill_diagonal(distances, np.inf)
    near = np.argsort(distances, axis=1)[:, : min(NEIGHBOURS, n - 1)]
    graph = np.zeros((n, n))
    graph[np.arange(n)[:, None], near] = 1
    graph = np.maximum(graph, graph.T)
    scale = 1 / np.sqrt(graph.sum(axis=1))
    laplacian = np.eye(n) - graph * scale[:, None] * scale[None]
    from scipy.linalg import eigh

    return Spectrum(*eigh(laplacian, subset_by_index=(0, min(MOST_CLUSTERS, n - 1))))


def eigengaps(values: np.ndarray) -> np.ndarray:
    """How much eigenvalues jump after the second, the third, ...: the gaps of two clusters, three, ..."""
    return np.diff(values)[1:]


def _assigned(vectors: np.ndarray, count: int, seed: int) -> IntArray:
    from sklearn.cluster import KMeans

    rows = vectors[:, :count]
    rows = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
    return KMeans(count, n_init=4, random_state=seed).fit_predict(rows).astype(np.int64)


def _stability(points: np.ndarray, labels: IntArray, count: int, rng: np.random.Generator) -> float:
    from sklearn.metrics import adjusted_rand_score

    found = []
    for turn in range(BOOTSTRAPS):
        rows = np.unique(rng.integers(0, len(points), len(points)))
        again = _assigned(spectrum(points[rows]).vectors, count, turn)
        found.append(adjusted_rand_score(labels[rows], again))
    return float(np.mean(found))


def cluster(values: np.ndarray, seed: int) -> Clustering:
    """Clusters of one view.

    Parameters
    ----------
    values : ndarray
        float (n, d), n of 10 or more.
    seed : int

    Returns
    -------
    Clustering

    Examples
    --------
    >>> import numpy as np
    >>> from xai_core.discovery.clusters import cluster
    >>> rng = np.random.default_rng(0)
    >>> two = np.concatenate([rng.normal(0, 1, (20, 6)), rng.normal(8, 1, (20, 6))])
    >>> cluster(two, 0).count, cluster(rng.normal(0, 1, (40, 6)), 0).count
    (2, 1)
    """
    rng = np.random.default_rng(seed)
    points = Space.of(values)(values)
    alone = np.zeros(len(values), np.int64)
    if points.shape[1] == 0:
        return Clustering(alone, alone - 1, 1, 0.0, 0.0, float("nan"))
    own = spectrum(points)
    gaps = eigengaps(own.values)
    null = []
    for _ in range(NULLS):
        shuffled = rng.permuted(values, axis=0)
        null.append(eigengaps(spectrum(Space.of(shuffled)(shuffled)).values).max())
    edge = float(np.quantile(null, 0.95))
    # The fewest clusters with a gap that chance does not give: more of them would divide what tests need whole.
    count = int(np.argmax(gaps > edge)) + 2
    gap = float(gaps[count - 2])
    small = _small(points)
    if gap <= edge:
        return Clustering(alone, small, 1, gap, edge, float("nan"))
    labels = _assigned(own.vectors, count, seed)
    stability = _stability(points, labels, count, rng)
    if stability < STABLE:
        return Clustering(alone, small, 1, gap, edge, stability)
    return Clustering(labels, small, count, gap, edge, stability)


def _small(points: np.ndarray) -> IntArray:
    """Dense groups, by HDBSCAN; -1 for pictures in none."""
    from sklearn.cluster import HDBSCAN

    least = max(SMALLEST, len(points) // 20)
    if len(points) <= 2 * least:
        return np.full(len(points), -1, np.int64)
    return HDBSCAN(min_cluster_size=least, copy=True).fit_predict(points).astype(np.int64)


def nearest(known: np.ndarray, others: np.ndarray) -> IntArray:
    """The row of `known` (n, d) that is nearest to each of `others` (m, d): int64 (m,)."""
    distances = (known**2).sum(axis=1)[None] - 2 * others @ known.T
    return distances.argmin(axis=1).astype(np.int64)
