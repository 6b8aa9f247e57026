"""Random wirings of whole circuits: populations side by side, a fixed number of synapses between any two."""

from typing import Any, NamedTuple

import numpy as np
from scipy.special import ndtr

from brainnb.core.errors import ModelError
from brainnb.core.fields import float_dtype

from . import checks, draws
from .delayed import DelayedCSR

TAIL = 6.5
"""Standard deviations up to which delays reach: 32 random bits tell nothing beyond."""


class Blocks(NamedTuple):
    """What is drawn: numbers of each pair of blocks by ``[target, source]``."""

    begins: np.ndarray  # (blocks + 1,) int64: first neuron of each
    counts: np.ndarray  # int64
    mean: np.ndarray  # float64, of the weights
    sd: np.ndarray
    cut: np.ndarray  # (blocks, blocks, slots) uint32: Walker's table of the delays
    alias: np.ndarray  # (blocks, blocks, slots) int32
    keys: np.ndarray  # (3,) uint64: of the streams


def draw_blocks(
    sizes: Any,
    counts: Any,
    weight_mean: Any,
    weight_sd: Any = 0.0,
    delay_mean: Any = 1.0,
    delay_sd: Any = 0.0,
    resolution: float = 0.1,
    seed: int = 0,
) -> DelayedCSR:
    r"""Draw a circuit of blocks: for every ordered pair a fixed total number of synapses, ends chosen uniformly.

    The rule "random, fixed total number, with autapses and multapses" of [1]_: each of the ``counts[p][q]`` synapses
    from block ``q`` to block ``p`` chooses its source and its target alone, among all neurons of the two blocks.

    * Weights are normal; what would change its sign is 0.
    * Delays are normal, those that would round to less than one step are drawn again, and all are rounded to the
      ``resolution``.

    Parameters
    ----------
    sizes : (blocks,) int
        Neurons of each block; the wiring numbers them through, block by block.
    counts : (blocks, blocks) int
        Synapses by ``[target][source]``.
    weight_mean, weight_sd : float, or anything that broadcasts to (blocks, blocks)
        By ``[target][source]``; so a list of ``blocks`` numbers is one for each source.
    delay_mean, delay_sd : float, or anything that broadcasts to (blocks, blocks)
        In ms, as the weights.
    resolution : float
        The step between two delays that differ, ms: the ``dt`` of the runs.
    seed : int
        From 0 to :math:`2^{32} - 1`.  The network of a seed is the same with compiled code and without.

    Returns
    -------
    DelayedCSR
        Over all neurons of all blocks.

    Raises
    ------
    OutOfBounds, ModelError
        Sizes that do not fit, numbers that are negative, NaN or no numbers, synapses to or from a block of nobody.

    Notes
    -----
    Random numbers have a counter (SplitMix64 [2]_): the outgoing synapses of every neuron are counted first, then
    drawn and sorted row by row in the cache.  The 299 million synapses of the cortical microcircuit [1]_ take 2.4 GB,
    and nothing more while they are drawn.  Targets are uniform up to one part in :math:`2^{32} / N`, weights normal to
    :math:`10^{-4}` of their standard deviation and up to 6.3 of them.

    References
    ----------
    .. [1] Potjans and Diesmann (2014), Cereb. Cortex 24:785, doi:10.1093/cercor/bhs358.
    .. [2] Steele, Lea and Flood (2014), OOPSLA, doi:10.1145/2660193.2660195.

    Examples
    --------
    >>> wiring = draw_blocks([40, 10], [[80, 20], [40, 0]], [0.1, -0.4], 0.01, [1.5, 0.8], [0.7, 0.4], seed=1)
    >>> wiring.shape, wiring.size
    ((50, 50), 140)
    >>> pre, post, weight = wiring.to_edges()
    >>> int(((pre >= 40) & (post < 40)).sum()), bool((weight[pre >= 40] < 0).all())
    (20, True)
    """
    resolution = checks.positive("resolution", resolution)
    sizes, counts = _whole("sizes", sizes), _whole("counts", counts)
    checks.flat("sizes", sizes)
    pairs = (len(sizes), len(sizes))
    if counts.shape != pairs:
        raise ModelError(f"counts: shape {counts.shape} was given; {len(sizes)} sizes need {pairs}, [target][source].")
    total, neurons = int(counts.sum()), int(sizes.sum())
    checks.countable(total, "synapses")
    for p, q in np.argwhere(counts):
        if not sizes[p] or not sizes[q]:
            raise ModelError(f"counts[{p}][{q}]={counts[p, q]}: a block of no neurons has no synapses.")
    mean, sd = _numbers("weight_mean", weight_mean, pairs), _numbers("weight_sd", weight_sd, pairs, 0.0)
    delays = _numbers("delay_mean", delay_mean, pairs, 0.0), _numbers("delay_sd", delay_sd, pairs, 0.0)
    cut, alias = _delays(*delays, resolution, counts > 0)
    checks.countable(neurons * cut.shape[-1], "neurons times delays")
    begins = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    keys = draws.bits(np.uint64(np.asarray(checks.as_seed(seed))), np.arange(3, dtype=np.uint64))
    blocks = Blocks(begins, counts, mean, sd, cut, alias, keys)
    indptr, indices, weight = draws.drawn(blocks, np.dtype(float_dtype()))
    # delays that nobody has
    indptr, there = _without_empty(indptr, neurons, cut.shape[-1])
    return DelayedCSR.trusted(indptr, indices, weight, (there + 1) * resolution, (neurons, neurons))


def _without_empty(indptr: np.ndarray, neurons: int, slots: int) -> tuple[np.ndarray, np.ndarray]:
    """``(pointers, slots)`` without the slots that no synapse has."""
    lengths = np.diff(indptr).reshape(neurons, slots)
    there = np.flatnonzero(lengths.any(axis=0))
    kept = indptr[:-1].reshape(neurons, slots)[:, there].reshape(-1)
    return np.append(kept, indptr[-1]), there


def _delays(mean: np.ndarray, sd: np.ndarray, resolution: float, asked: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Tables from which the delay of each pair is drawn; slot ``s`` is a delay of ``s + 1`` steps."""
    if (least := np.min(mean, where=asked, initial=np.inf)) < resolution / 2:
        raise ModelError(f"delay_mean: {least:g} ms was given; half a step of {resolution:g} ms is the least.")
    longest = np.max(mean + TAIL * sd, where=asked, initial=resolution)
    slots = max(1, int(np.rint(longest / resolution)))
    checks.countable(slots * mean.size, "steps of the longest delay")
    edges = (np.arange(slots + 1) + 0.5) * resolution
    cut, alias = np.zeros((*mean.shape, slots), np.uint32), np.zeros((*mean.shape, slots), np.int32)
    for pair in np.argwhere(asked):
        m, s = mean[*pair], sd[*pair]
        alone = np.arange(1, slots + 1) == max(1.0, np.rint(m / resolution))
        chance = np.diff(ndtr((edges - m) / s)) if s else alone
        cut[*pair], alias[*pair] = draws.walker(chance / chance.sum())
    return cut, alias


def _whole(name: str, value: Any) -> np.ndarray:
    """Whole numbers that are not negative."""
    host = np.asarray(value)
    if (host.size and host.dtype.kind not in "iu") or host.min(initial=0) < 0:
        raise ModelError(f"{name}: whole numbers from 0 on were expected, got {value!r}.")
    return host.astype(np.int64)


def _numbers(name: str, value: Any, pairs: tuple[int, int], least: float = -np.inf) -> np.ndarray:
    """One finite number for each pair of blocks."""
    host = np.asarray(value)
    if host.dtype.kind not in "fiu" or not np.isfinite(host).all() or host.min(initial=least) < least:
        bound = "" if least == -np.inf else f" from {least:g} on"
        raise ModelError(f"{name}: finite numbers{bound} were expected, got {value!r}.")
    try:
        return np.ascontiguousarray(np.broadcast_to(host.astype(np.float64), pairs))
    except ValueError:
        raise ModelError(
            f"{name}: shape {host.shape} was given; one number, one for each of {pairs[0]} sources, or {pairs} by "
            f"[target][source] was expected."
        ) from None
