"""Sums, products and multiples of stimuli."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jax import Array

from brainnb.core.errors import ModelError
from brainnb.core.fields import Declaration, Param, param
from brainnb.core.model import Parameter
from brainnb.core.paths import split
from brainnb.core.record import Record

from .base import Stimulus, unit_in
from .composite import Composite, as_stimulus, free, name_of, named


class Sum(Composite):
    r"""Several stimuli at once; written ``a + b``, ``a - b``, ``a + 3``.

    .. math:: I(t) = \sum_k I_k(t)

    Parameters
    ----------
    terms : mapping of name to stimulus, or list
        Names become the first word of the paths.  Without names they are those of the classes: ``step``, ``sine``,
        ``sine_2``.  Numbers are constants.

    Notes
    -----
    Noise in a sum evolves with it; two noises are independent.

    Examples
    --------
    >>> from brainnb.inputs import Noise, Ramp, Step
    >>> float((Step(amplitude=10, start=5) + Ramp(end_value=20))(50.0))
    20.0
    >>> list(Sum({"background": Noise(), "test": Step()}).parameters())[:3]
    ['background.mean', 'background.sigma', 'background.tau']
    """

    terms: Record = eqx.field(converter=lambda terms: named(terms, "Sum"))

    def value(self, t: Array, s: Record) -> Array:
        return sum(term.value(t, s[name]) for name, term in self.terms.items())


class Product(Composite):
    r"""Stimuli that multiply each other; written ``a * b``.

    .. math:: I(t) = \prod_k I_k(t)

    Parameters
    ----------
    factors : mapping of name to stimulus, or list
        The first is in the unit of the input; all others are plain ratios, such as an envelope between 0 and 1.

    Examples
    --------
    >>> from brainnb.inputs import Ramp, Sine
    >>> tone = Sine(amplitude=4, frequency=250) * Ramp(end_value=1, duration=10)
    >>> round(float(tone(5.0)), 3), round(float(tone(101.0)), 3)
    (2.0, 4.0)
    """

    factors: Record = eqx.field(converter=lambda factors: named(factors, "Product"))

    def value(self, t: Array, s: Record) -> Array:
        found = 1.0
        for name, factor in self.factors.items():
            found = found * factor.value(t, s[name])
        return found

    def parameters(self, prefix: str = "") -> dict[str, Parameter]:
        first = f"{prefix}{next(iter(self.factors))}."
        return {
            path: p if path.startswith(first) else p._replace(unit=unit_in(p.unit, "1"))
            for path, p in super().parameters(prefix).items()
        }

    def declaration(self, path: str) -> Declaration | None:
        found = super().declaration(path)
        if found is None or split(path)[0] == next(iter(self.factors)):
            return found
        return dataclasses.replace(found, unit=unit_in(found.unit, "1"))


class Scaled(Composite):
    r"""A multiple of a stimulus f; written ``2 * a``, ``a / 5``, ``-a``.

    .. math:: I(t) = factor \cdot f(t)

    Parameters
    ----------
    of : Stimulus or number
    factor : number
        An array of one value per unit gives every unit its own strength.

    Examples
    --------
    >>> from brainnb.inputs import Step
    >>> float((-Step(amplitude=10, start=5) / 2)(6.0))
    -5.0
    """

    of: Stimulus = eqx.field(converter=lambda x: as_stimulus(x, "Scaled"))
    factor: Param = param(1.0, "1", "what the stimulus is multiplied by")

    def value(self, t: Array, s: Record) -> Array:
        return self.factor * self.of.value(t, s.of)


def added(a: Any, b: Any) -> Stimulus:
    """``a + b``; the terms of sums are joined, so that paths stay short."""
    if isinstance(a, int) and not isinstance(a, bool) and a == 0:
        return b  # where Python's sum() begins
    found: dict[str, Stimulus] = {}
    for name, term in (*_terms(a), *_terms(b)):
        found[free(name, found)] = term
    return Sum(found)


def _terms(x: Any) -> list[tuple[str, Stimulus]]:
    x = as_stimulus(x, "A sum")
    return list(x.terms.items()) if type(x) is Sum else [(name_of(x), x)]


def multiplied(a: Stimulus, b: Any) -> Stimulus:
    """``a * b``: by a number, or by another stimulus."""
    if not isinstance(b, Stimulus) and _is_number(b):
        return Scaled(a, b)
    return Product([a, as_stimulus(b, "A product")])


def divided(a: Stimulus, b: Any) -> Stimulus:
    """``a / b`` for a number ``b``."""
    if isinstance(b, Stimulus) or not _is_number(b):
        raise ModelError(f"A stimulus is divided by a number; got {type(b).__name__}.")
    if not np.all(np.asarray(b)):
        raise ModelError(f"A stimulus is divided by {b}; a number other than 0 was expected.")
    return Scaled(a, 1.0 / jnp.asarray(b))


def negative(a: Any) -> Stimulus:
    """``-a``."""
    a = as_stimulus(a, "A difference")
    return Scaled(a, -1.0)


def _is_number(x: Any) -> bool:
    return not isinstance(x, str | bool | Mapping) and (hasattr(x, "__array__") or np.isscalar(x))
