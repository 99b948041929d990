"""Vectors to places on a plane, so that the like stand together.

Up to LANDMARKS people are laid out by t-SNE, computed in full. Of more, the centres of as many
clusters are, and everybody stands between the centres nearest to them. All steps are array
operations short enough to leave the interpreter to other threads, and none is random.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

LANDMARKS = 1000  # t-SNE takes the square of this: here 0.4 s
NEIGHBOURS = 10  # that attract a person: fewer tear clusters apart, more smear them
CLUSTERED = 8000  # people who settle where the centres are; more move them no further
PASSES = 2  # of k-means; further ones keep no more neighbours together
BLOCK = 1024  # rows of a matrix product at once, so that it takes no core for long
PARTS = 8  # of the columns, each summed at once: reduceat holds the interpreter meanwhile

STEPS, EARLY_STEPS = 120, 50  # of gradient descent; more change the picture, not its quality
EARLY_PULL = 4.0  # in the early steps clusters are pulled together, so that they can pass by
EARLY_MOMENTUM, MOMENTUM = 0.5, 0.8
BETWEEN = 3  # centres that a person may stand between
SHARPNESS = 40.0  # how much more a centre counts for being nearer, per unit of cosine
POWERS = 20  # of the covariance; the start need not be exact
TINY = 1e-9  # where a length may be zero
SCATTER = 0.5  # half the distance of two centres; people of the same words would hide each other
GOLDEN_ANGLE, PLASTIC_SHARE = np.pi * (3 - 5**0.5), 0.7548777  # their multiples never meet


def lay_out(vectors: Floats) -> Floats:
    """Where people with these unit vectors, float32[n, d], stand: float32[n, 2] around the
    origin, in no particular unit."""
    if len(vectors) <= LANDMARKS:
        return _tsne(vectors)
    centres = _centres(vectors, LANDMARKS)
    between = interpolate(vectors, centres, _tsne(centres))
    return (between + SCATTER * _spiral(len(vectors))).astype(np.float32)


def interpolate(vectors: Floats, landmarks: Floats, places: Floats) -> Floats:
    """Where ``vectors``, float32[n, d], stand among ``landmarks``, float32[m, d], that stand at
    ``places``, float32[m, 2]: float32[n, 2]."""
    found = np.empty((len(vectors), 2), np.float32)
    for start in range(0, len(vectors), BLOCK):
        rows = slice(start, start + BLOCK)
        nearest, cosines = _nearest(vectors[rows] @ landmarks.T, min(BETWEEN, len(landmarks)))
        weights = np.exp(SHARPNESS * (cosines - cosines[:, :1]))
        weights /= weights.sum(axis=1, keepdims=True)
        found[rows] = (places[nearest] * weights[:, :, None]).sum(axis=1)
    return found


def _nearest(cosines: Floats, count: int) -> tuple[NDArray[np.intp], Floats]:
    """The columns of the ``count`` highest in each row of ``cosines``, best first, and these.
    They are overwritten; a few searches for the highest are faster than one partition."""
    rows = np.arange(len(cosines))
    columns = np.empty((len(cosines), count), np.intp)
    highest = np.empty((len(cosines), count), np.float32)
    for place in range(count):
        columns[:, place] = cosines.argmax(axis=1)
        highest[:, place] = cosines[rows, columns[:, place]]
        cosines[rows, columns[:, place]] = -np.inf
    return columns, highest


def _centres(vectors: Floats, count: int) -> Floats:
    """The centres of ``count`` clusters by spherical k-means, unit vectors float32[count, d]."""
    sample = vectors[:: -(-len(vectors) // CLUSTERED)]
    centres = sample[np.linspace(0, len(sample) - 1, count).astype(int)]
    for _ in range(PASSES):
        nearest = np.concatenate(
            [
                (sample[start : start + BLOCK] @ centres.T).argmax(axis=1)
                for start in range(0, len(sample), BLOCK)
            ]
        )
        order = nearest.argsort(kind="stable")
        _, starts = np.unique(nearest[order], return_index=True)
        parts = np.array_split(sample[order], PARTS, axis=1)
        centres = np.concatenate([np.add.reduceat(part, starts) for part in parts], axis=1)
        centres /= np.linalg.norm(centres, axis=1, keepdims=True) + TINY
    return centres


def _tsne(vectors: Floats) -> Floats:
    """t-SNE of ``vectors``, each attracted alike by its nearest: float32[n, 2]."""
    n = len(vectors)
    if n < 2:
        return np.zeros((n, 2), np.float32)
    attraction = _attraction(vectors)
    early = EARLY_PULL * attraction
    x, y = _start(vectors)
    speed_x, speed_y = np.zeros_like(x), np.zeros_like(y)
    across, down, near, force = (np.empty((n, n), np.float32) for _ in range(4))
    for step in range(STEPS):
        is_early = step < EARLY_STEPS
        np.subtract.outer(x, x, out=across)
        np.subtract.outer(y, y, out=down)
        np.multiply(across, across, out=near)
        np.multiply(down, down, out=force)
        near += force
        near += 1
        np.reciprocal(near, out=near)
        np.multiply(near, -1 / (near.sum() - n), out=force)
        force += early if is_early else attraction
        force *= near
        momentum = EARLY_MOMENTUM if is_early else MOMENTUM
        speed_x = momentum * speed_x - n * np.einsum("ij,ij->i", force, across)
        speed_y = momentum * speed_y - n * np.einsum("ij,ij->i", force, down)
        x, y = x + speed_x, y + speed_y
    return np.stack([x - x.mean(), y - y.mean()], axis=1)


def _attraction(vectors: Floats) -> Floats:
    """How strongly each two attract each other, float32[n, n] with the sum 1."""
    n = len(vectors)
    cosines = vectors @ vectors.T
    np.fill_diagonal(cosines, -np.inf)
    nearest, _ = _nearest(cosines, min(NEIGHBOURS, n - 1))
    attraction = np.zeros((n, n), np.float32)
    attraction[np.arange(n)[:, None], nearest] = 1
    attraction += attraction.T.copy()
    return attraction / attraction.sum()


def _start(vectors: Floats) -> tuple[Floats, Floats]:
    """Close together, along the two principal components; the spiral parts equal vectors."""
    centred = vectors - vectors.mean(axis=0)
    components = centred @ _principal_axes(centred.T @ centred)
    spread = float(components.std()) or 1.0
    start = 0.01 * components / spread + 1e-4 * _spiral(len(vectors))
    return start[:, 0].copy(), start[:, 1].copy()


def _principal_axes(covariance: Floats) -> Floats:
    """About the two main axes of ``covariance``, float32[d, d], as columns, float32[d, 2]: by power
    iteration, for LAPACK's many small parallel steps can take seconds while the cores are busy."""
    axes = _spiral(len(covariance))
    for _ in range(POWERS):
        first, second = np.einsum("ij,jk->ki", covariance, axes)
        first = first / (np.linalg.norm(first) + TINY)
        second = second - (second @ first) * first
        axes = np.stack([first, second / (np.linalg.norm(second) + TINY)], axis=1)
    return axes


def _spiral(n: int) -> Floats:
    """``n`` points that fill the unit disc evenly, and so do any of them that follow each other:
    float32[n, 2]."""
    steps = np.arange(n)
    angles, radii = GOLDEN_ANGLE * steps, np.sqrt(steps * PLASTIC_SHARE % 1)
    return np.stack([radii * np.cos(angles), radii * np.sin(angles)], axis=1).astype(np.float32)
