"""Wiener increments: one for every source of noise, laid out as the noise itself."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from brainnb.core.errors import ModelError
from brainnb.core.noise import Common, Sources, is_sources
from brainnb.core.randoms import GENERATORS
from brainnb.core.record import Record, flat


class Wiener(NamedTuple):
    r"""What the Wiener processes did within a step, in the layout of the noise amplitudes.

    ``dW`` is the increment, $W(t + dt) - W(t)$; ``area`` its integral over the step,
    $\int_t^{t+dt} (W(r) - W(t))\,dr$, drawn only for methods that need it.
    """

    dW: Record
    area: Record | None = None


def draw(like: Record, dt: Array, key: Array, area: bool = False, generator: str = "threefry") -> Wiener:
    """Increments for noise amplitudes of the shapes ``like``.

    The increments depend on the key and the generator and not on the method: two methods with one seed follow the
    same path.
    """
    normal = GENERATORS[generator]
    shapes = sources(like)
    keys = jax.random.split(key, len(shapes)) if shapes else ()
    root = jnp.sqrt(dt)
    steps, areas = {}, {}
    for k, (source, (shape, dtype)) in zip(keys, shapes.items(), strict=True):
        xi = normal(k, shape, dtype)
        steps[source] = (root * xi).astype(dtype)
        if area:
            other = normal(jax.random.fold_in(k, 1), shape, dtype)
            areas[source] = (0.5 * dt * root * (xi + other / 3.0**0.5)).astype(dtype)
    return Wiener(_laid_out(like, steps), _laid_out(like, areas) if area else None)


def sources(like: Record) -> dict[Any, tuple[tuple[int, ...], Any]]:
    """Every source with the shape and type of its increments: named ones by name, a state's own by its path."""
    found: dict[Any, tuple[tuple[int, ...], Any]] = {}
    first: dict[Any, tuple[str, bool]] = {}
    for path, x in flat(like).items():
        if not is_sources(x):
            found[path,] = x.shape, x.dtype
            continue
        for name, amplitude in zip(x.names, x.values, strict=True):
            shape = x.units(name, amplitude)
            other, common = first.setdefault(str(name), (path, isinstance(name, Common)))
            here, there = path.partition(".")[2], other.partition(".")[2]
            if common != isinstance(name, Common):
                raise ModelError(
                    f"diffusion: the source {str(name)!r} is bn.Common for one of `{there}` and `{here}` and not for "
                    f"the other; write bn.Common({str(name)!r}) for both, or give them different names."
                )
            if found.setdefault(str(name), (shape, amplitude.dtype))[0] != shape:
                raise ModelError(
                    f"diffusion: `{there}` and `{here}` share the source {str(name)!r}, but one has units of shape "
                    f"{found[str(name)][0]} and the other {shape}; use different names, or bn.Common({str(name)!r}) "
                    f"for one fluctuation that all units hear."
                )
    return found


def _laid_out(like: Record, values: Mapping[Any, Array]) -> Record:
    """The value of every source, where the noise needs it."""

    def place(tree: Mapping, prefix: str) -> Iterator[tuple[str, Any]]:
        for name, x in tree.items():
            if isinstance(x, Mapping):
                yield name, Record(place(x, f"{prefix}{name}."))
            elif is_sources(x):
                found = [values[str(n)] for n in x.names]
                yield (
                    name,
                    Sources(x.names, [v.reshape(v.shape + (1,) * x.inner * bool(v.shape)) for v in found], x.inner),
                )
            else:
                yield name, values[f"{prefix}{name}",]

    return Record(place(like, ""))


def one_by_one(w: Record) -> Iterator[Record]:
    """For each source in turn the layout that is 1 for it and 0 for all others."""
    here: dict[Any, list[int]] = {}
    i = 0
    for path, x in flat(w).items():
        for source in map(str, x.names) if is_sources(x) else [(path,)]:
            here.setdefault(source, []).append(i)
            i += 1
    leaves, tree = jax.tree.flatten(w)
    for mine in here.values():
        yield jax.tree.unflatten(
            tree, [jnp.ones_like(x) if i in mine else jnp.zeros_like(x) for i, x in enumerate(leaves)]
        )


def kick(amplitudes: Mapping[str, Any], w: Mapping[str, Any]) -> Record:
    """The displacement of every noisy state: amplitudes times increments, summed over its sources."""
    return Record(
        (
            name,
            kick(b, w[name])
            if isinstance(b, Mapping)
            else sum(a * x for a, x in zip(b.values, w[name].values, strict=True))
            if is_sources(b)
            else b * w[name],
        )
        for name, b in amplitudes.items()
    )
