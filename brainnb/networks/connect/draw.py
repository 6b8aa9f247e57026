"""Ways to draw many synapses at once, in time and memory proportional to what is drawn."""

import numpy as np

Array = np.ndarray


def bernoulli(rng: np.random.Generator, n: int, p: float) -> Array:
    """Which of ``n`` trials succeed, each with probability ``p``; sorted.

    Jumps from success to success by geometric gaps, so that failures cost nothing.
    """
    if p == 1:
        return np.arange(n)
    found = [np.zeros(0, np.int64)]
    last = -1
    while p > 0 and last < n:
        expected = (n - last) * p
        gaps = rng.geometric(p, int(expected + 4 * np.sqrt(expected)) + 16)
        found.append(last + np.cumsum(np.minimum(gaps, n + 1)))
        last = found[-1][-1]
    positions = np.concatenate(found)
    return positions[: np.searchsorted(positions, n)]


def distinct(rng: np.random.Generator, rows: int, n: int, k: int) -> Array:
    """For each row ``k`` different numbers below ``n``, every set equally likely; shape (rows, k), sorted.

    Draws with repetition and draws again what repeats.  Where most are chosen, the few left out are drawn.
    """
    if 2 * k > n:
        chosen = np.ones((rows, n), bool)
        np.put_along_axis(chosen, distinct(rng, rows, n, n - k), False, axis=1)
        return np.nonzero(chosen)[1].reshape(rows, k)
    found = rng.integers(0, n, (rows, k), dtype=np.int32 if n < 2**31 else np.int64)
    found.sort(axis=1)
    unsettled = np.flatnonzero((found[:, 1:] == found[:, :-1]).any(axis=1))
    while unsettled.size:
        part = found[unsettled]
        repeats = np.zeros(part.shape, bool)
        repeats[:, 1:] = part[:, 1:] == part[:, :-1]
        part[repeats] = rng.integers(0, n, repeats.sum(), dtype=part.dtype)
        part.sort(axis=1)
        found[unsettled] = part
        unsettled = unsettled[(part[:, 1:] == part[:, :-1]).any(axis=1)]
    return found


def past_self(chosen: Array, own: Array) -> Array:
    """Numbers among all but one's own: those from one's own on are one higher."""
    return chosen + (chosen >= own)


def pairs_at(places: Array, n_post: int, self_connections: bool) -> tuple[Array, Array]:
    """Pre and post of places counted row by row in the matrix of pairs, with or without its diagonal."""
    width = n_post if self_connections else n_post - 1
    pre = (places // width).astype(np.int32)  # small at once: there may be many millions
    post = (places - pre.astype(np.int64) * width).astype(np.int32)
    return pre, post if self_connections else past_self(post, pre)
