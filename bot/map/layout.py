"""Place unit vectors on a plane so that similar ones are close together.

Up to MAX_LANDMARKS people are laid out by an exact t-SNE. With more people, the landmarks are the
centres of as many clusters (k-means), and each person is placed between the nearest landmarks.
Nothing is random, and every step is an array operation short enough to let other threads run.

t-SNE, k-means and PCA are our own because scikit-learn's t-SNE takes 8 to 60 times the processor
time for 1,000 people, keeps fewer neighbours together, and, like its k-means, gives a different map
with a different number of threads.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

MAX_LANDMARKS = 1000  # t-SNE takes time and memory by the square of this: here 0.4 s
NEIGHBOURS = 10  # that attract a person; fewer tear clusters apart, more blur them

KMEANS_SAMPLE = 8000  # vectors; more of them hardly move the centres
KMEANS_PASSES = 2  # more passes don't keep more neighbours together
BLOCK_ROWS = 1024  # of a matrix product at a time, so that it doesn't occupy a core for long
COLUMN_PARTS = 8  # summed one at a time, because reduceat holds the interpreter lock meanwhile

STEPS, EARLY_STEPS = 120, 50  # of gradient descent; more change the map but don't improve it
EARLY_EXAGGERATION = 4.0  # of the attraction, so that clusters can pass each other early on
EARLY_MOMENTUM, MOMENTUM = 0.5, 0.8
POWER_ITERATIONS = 20  # the start only needs approximate principal axes

INTERPOLATION_LANDMARKS = 3  # that a person is placed between
SHARPNESS = 40.0  # how much more a landmark weighs for being nearer, per unit of cosine
SCATTER = 0.5  # half the distance between landmarks, roughly; separates people with equal vectors

EPSILON = 1e-9  # added to norms that may be zero
GOLDEN_ANGLE, PLASTIC_SHARE = np.pi * (3 - 5**0.5), 0.7548777  # multiples spread out evenly


def lay_out(vectors: Floats) -> Floats:
    """Return a position for each unit vector.

    *vectors* is float32[n, d]; the result is float32[n, 2], centred on the origin, in no
    particular unit.
    """
    if len(vectors) <= MAX_LANDMARKS:
        return _tsne(vectors)
    landmarks = _cluster_centres(vectors, MAX_LANDMARKS)
    positions = interpolate(vectors, landmarks, _tsne(landmarks))
    return (positions + SCATTER * _spiral(len(vectors))).astype(np.float32)


def interpolate(vectors: Floats, landmarks: Floats, landmark_positions: Floats) -> Floats:
    """Place vectors between the landmarks that are most similar to them.

    *vectors* is float32[n, d], *landmarks* float32[m, d], *landmark_positions* float32[m, 2]; the
    result is float32[n, 2].
    """
    positions = np.empty((len(vectors), 2), np.float32)
    count = min(INTERPOLATION_LANDMARKS, len(landmarks))
    for start in range(0, len(vectors), BLOCK_ROWS):
        rows = slice(start, start + BLOCK_ROWS)
        nearest, cosines = _take_highest(vectors[rows] @ landmarks.T, count)
        weights = np.exp(SHARPNESS * (cosines - cosines[:, :1]))
        weights /= weights.sum(axis=1, keepdims=True)
        positions[rows] = (landmark_positions[nearest] * weights[:, :, None]).sum(axis=1)
    return positions


def _take_highest(cosines: Floats, count: int) -> tuple[NDArray[np.intp], Floats]:
    """Return the columns and values of the *count* highest entries of each row, highest first.

    Overwrites *cosines*. A few calls of argmax are faster than one partition.
    """
    rows = np.arange(len(cosines))
    columns = np.empty((len(cosines), count), np.intp)
    values = np.empty((len(cosines), count), np.float32)
    for rank in range(count):
        columns[:, rank] = cosines.argmax(axis=1)
        values[:, rank] = cosines[rows, columns[:, rank]]
        cosines[rows, columns[:, rank]] = -np.inf
    return columns, values


def _cluster_centres(vectors: Floats, count: int) -> Floats:
    """Return the centres of at most *count* clusters, by spherical k-means.

    The centres are unit vectors, float32[count, d]; clusters that become empty are dropped.
    """
    sample = vectors[:: -(-len(vectors) // KMEANS_SAMPLE)]
    centres = sample[np.linspace(0, len(sample) - 1, count).astype(int)]
    for _ in range(KMEANS_PASSES):
        nearest = np.concatenate(
            [
                (sample[start : start + BLOCK_ROWS] @ centres.T).argmax(axis=1)
                for start in range(0, len(sample), BLOCK_ROWS)
            ]
        )
        order = nearest.argsort(kind="stable")
        _, starts = np.unique(nearest[order], return_index=True)
        parts = np.array_split(sample[order], COLUMN_PARTS, axis=1)
        centres = np.concatenate([np.add.reduceat(part, starts) for part in parts], axis=1)
        centres /= np.linalg.norm(centres, axis=1, keepdims=True) + EPSILON
    return centres


def _tsne(vectors: Floats) -> Floats:
    """Lay out *vectors* by exact t-SNE, in which the nearest neighbours attract equally.

    Returns float32[n, 2].
    """
    n = len(vectors)
    if n < 2:
        return np.zeros((n, 2), np.float32)
    attraction = _attraction(vectors)
    early_attraction = EARLY_EXAGGERATION * attraction
    x, y = _initial_positions(vectors)
    speed_x, speed_y = np.zeros_like(x), np.zeros_like(y)
    difference_x, difference_y, similarity, force = (np.empty((n, n), np.float32) for _ in range(4))
    for step in range(STEPS):
        is_early = step < EARLY_STEPS
        np.subtract.outer(x, x, out=difference_x)
        np.subtract.outer(y, y, out=difference_y)
        np.multiply(difference_x, difference_x, out=similarity)
        np.multiply(difference_y, difference_y, out=force)
        similarity += force
        similarity += 1
        np.reciprocal(similarity, out=similarity)
        np.multiply(similarity, -1 / (similarity.sum() - n), out=force)
        force += early_attraction if is_early else attraction
        force *= similarity
        momentum = EARLY_MOMENTUM if is_early else MOMENTUM
        speed_x = momentum * speed_x - n * np.einsum("ij,ij->i", force, difference_x)
        speed_y = momentum * speed_y - n * np.einsum("ij,ij->i", force, difference_y)
        x, y = x + speed_x, y + speed_y
    return np.stack([x - x.mean(), y - y.mean()], axis=1)


def _attraction(vectors: Floats) -> Floats:
    """Return how strongly each pair of vectors attracts each other: float32[n, n] with sum 1."""
    n = len(vectors)
    cosines = vectors @ vectors.T
    np.fill_diagonal(cosines, -np.inf)
    nearest, _ = _take_highest(cosines, min(NEIGHBOURS, n - 1))
    attraction = np.zeros((n, n), np.float32)
    attraction[np.arange(n)[:, None], nearest] = 1
    attraction += attraction.T.copy()
    return attraction / attraction.sum()


def _initial_positions(vectors: Floats) -> tuple[Floats, Floats]:
    """Return x and y along the two principal axes, near the origin.

    A tiny spiral is added so that equal vectors don't start at the same point.
    """
    centred = vectors - vectors.mean(axis=0)
    components = centred @ _principal_axes(centred.T @ centred)
    scale = float(components.std()) or 1.0
    positions = 0.01 * components / scale + 1e-4 * _spiral(len(vectors))
    return positions[:, 0].copy(), positions[:, 1].copy()


def _principal_axes(covariance: Floats) -> Floats:
    """Approximate the two main axes of *covariance*, float32[d, d], as columns, float32[d, 2].

    Uses power iteration, because LAPACK's many small parallel steps can take seconds on busy cores.
    """
    axes = _spiral(len(covariance))
    for _ in range(POWER_ITERATIONS):
        first, second = np.einsum("ij,jk->ki", covariance, axes)
        first = first / (np.linalg.norm(first) + EPSILON)
        second = second - (second @ first) * first
        axes = np.stack([first, second / (np.linalg.norm(second) + EPSILON)], axis=1)
    return axes


def _spiral(n: int) -> Floats:
    """Return *n* points, float32[n, 2], spread evenly over the unit disc.

    Any run of consecutive points is spread evenly, too.
    """
    steps = np.arange(n)
    angles, radii = GOLDEN_ANGLE * steps, np.sqrt(steps * PLASTIC_SHARE % 1)
    return np.stack([radii * np.cos(angles), radii * np.sin(angles)], axis=1).astype(np.float32)
