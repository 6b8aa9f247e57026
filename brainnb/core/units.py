"""Whether the equations of a model fit its declared units.

The check walks the traced equations (their jaxpr) and carries a unit along every operation, so hooks stay
plain array code.  Number literals fit any sum (``V + 40``) and scale any product.
"""

import functools
from collections.abc import Callable
from typing import Any

import jax
import numpy as np
from jax.extend import core as jex

from .errors import ModelError, UnitError
from .history import at_rest
from .model import Model
from .orders import orders
from .quantities import parse, registry
from .record import Inputs, Record, flat

EMPIRICAL = "brainnb_empirical"


def empirical(function: Callable) -> Callable:
    """Mark a fitted rate function: its numbers carry hidden units, so :func:`check_units` takes its result as is.

    Examples
    --------
    >>> import jax.numpy as jnp
    >>> @empirical
    ... def beta_m(V):
    ...     return 4.0 * jnp.exp(-(V + 65.0) / 18.0)
    """

    @functools.wraps(function)
    def marked(*args: Any, **kwargs: Any) -> Any:
        with jax.named_scope(EMPIRICAL):
            return function(*args, **kwargs)

    return marked


def check_units(model: Model) -> None:
    """Check that the equations of ``model`` fit their declared units.

    Every derivative must have the unit of its state per ms, noise per sqrt(ms).  Dimensionless states may have
    dimensionless derivatives (time in the model's own unit).  Functions marked with :func:`empirical` are
    taken as they are.

    Raises
    ------
    UnitError
        Listing each state whose derivative does not fit, or the operation that mixes units.

    Examples
    --------
    >>> import brainnb as bn
    >>> bn.check_units(bn.neurons.HodgkinHuxley())
    """
    if not isinstance(model, Model):
        raise ModelError(f"check_units takes a model, bn.check_units(LIF()); got {model!r}.")
    name = type(model).__name__
    s = model.init_state((), jax.random.key(0))
    u = Inputs({n: np.float32(np.asarray(d.default).ravel()[0]) for n, d in model.inputs().items()})
    leaves, tree = jax.tree.flatten([model, s, u])
    state_units = _state_units(model)
    if strangers := [path for path in flat(s) if path not in state_units]:
        raise ModelError(f"{name}.init_state returned {', '.join(strangers)}, which {name} does not declare.")
    ms = parse("ms")
    leaf_units = [
        *_leaf_units(model),
        *(state_units[path] for path in flat(s)),
        *(parse(d.unit) for d in model.inputs().values()),
    ]
    problems: list[str] = []
    fractional = orders(model)
    for hook, per in (("vector_field", ms), ("diffusion", ms**0.5)):

        def call(t: Any, leaves: list, hook: str = hook) -> Record:
            m, s, u = jax.tree.unflatten(tree, leaves)
            return Record(flat(getattr(m, hook)(t, at_rest(m, s, t), u)))

        closed, shape = jax.make_jaxpr(call, return_shape=True)(0.0, leaves)
        try:
            found = _propagate(closed, [ms, *leaf_units])
        except UnitError as error:
            raise UnitError(f"{name}.{hook}: {error}") from None
        for path, unit in zip(shape, found, strict=True):
            source = ""
            if hook == "diffusion" and path not in state_units:  # a state that names its sources
                path, _, source = path.rpartition(".")
            if path not in state_units:
                raise ModelError(f"{name}.{hook} returned `{path}`, which is no state of {name}.")
            expected = state_units[path] / per
            if path in fractional:  # per ms to a power that no unit has
                continue
            bare = state_units[path].dimensionless and _same(unit, parse("1"))
            if not (bare or _same(unit, expected)):
                problems.append(
                    f"d{path}/dt is in {_show(unit)}, expected {_show(expected)}"
                    if hook == "vector_field"
                    else f"noise of {path}{f' from {source!r}' if source else ''} is in {_show(unit)}, expected {_show(expected)}"
                )
    if problems:
        raise UnitError(f"{name}: " + "; ".join(problems) + ".")


def _state_units(model: Model, prefix: str = "") -> dict[str, Any]:
    found = {prefix + n: parse(d.unit) for n, d in model.states().items()}
    for name, part in model.parts().items():
        found |= _state_units(part, f"{prefix}{name}.")
    return found


def _leaf_units(model: Model) -> list[Any]:
    """Units in the order of the model's leaves; leaves that are no parameter are plain numbers."""
    units = {id(p.value): parse(p.unit) for p in model.parameters().values()}
    return [units.get(id(leaf), NUMBER) for leaf in jax.tree.leaves(model)]


class _Number:
    """Unit of a literal: fits whatever it meets."""


NUMBER = _Number()


def _show(unit: Any) -> str:
    return "any unit" if unit is NUMBER else (f"{unit:~}" or "1")


def _same(a: Any, b: Any) -> bool:
    if a is NUMBER or b is NUMBER:
        return True
    ratio = registry().Quantity(1.0, a / b).to_base_units()
    return ratio.dimensionless and abs(ratio.magnitude - 1.0) < 1e-9


_JOIN = {
    "add",
    "sub",
    "max",
    "min",
    "select_n",
    "concatenate",
    "rem",
    "clamp",
    "nextafter",
    "add_any",
    "scatter",
    "dynamic_update_slice",
    "pad",
}
_COMPARE = {"eq", "ne", "lt", "le", "gt", "ge"}
_BARE = {"exp", "exp2", "expm1", "log", "log1p", "tanh", "sinh", "cosh", "sin", "cos", "tan", "logistic", "erf", "erfc", "erf_inv", "asin", "acos", "atan", "asinh", "acosh", "atanh", "lgamma", "digamma"}  # fmt: skip
_KEEP = {"neg", "abs", "copy", "copy_p", "convert_element_type", "reshape", "broadcast_in_dim", "squeeze", "slice", "transpose", "reduce_sum", "reduce_max", "reduce_min", "cumsum", "rev", "real", "imag", "floor", "ceil", "round", "gather", "dynamic_slice", "stop_gradient", "reduce_precision", "expand_dims", "sort", "optimization_barrier"}  # fmt: skip


def _propagate(closed: Any, inputs: list[Any]) -> list[Any]:
    jaxpr = closed.jaxpr
    env: dict[Any, Any] = dict.fromkeys(jaxpr.constvars, NUMBER) | dict(zip(jaxpr.invars, inputs, strict=True))

    def read(atom: Any) -> Any:
        return NUMBER if isinstance(atom, jex.Literal) else env[atom]

    for eqn in jaxpr.eqns:
        given = [read(a) for a in eqn.invars]
        trusted = EMPIRICAL in str(eqn.source_info.name_stack)
        out = [NUMBER] * len(eqn.outvars) if trusted else _rule(eqn, given)
        env |= dict(zip(eqn.outvars, out, strict=True))
    return [read(a) for a in jaxpr.outvars]


def _rule(eqn: Any, given: list[Any]) -> list[Any]:
    name = eqn.primitive.name
    known = [g for g in given if g is not NUMBER]
    if name in _COMPARE or name in _JOIN:
        terms = given[1:] if name == "select_n" else given
        known = [g for g in terms if g is not NUMBER]
        for other in known[1:]:
            if not _same(known[0], other):
                raise UnitError(f"`{name}` mixes {_show(known[0])} and {_show(other)}")
        return [parse("1") if name in _COMPARE else (known[0] if known else NUMBER)]
    if name in ("mul", "div", "dot_general"):
        a, b = (parse("1") if g is NUMBER else g for g in given[:2])
        return [NUMBER if not known else (a / b if name == "div" else a * b)]
    if name in ("integer_pow", "sqrt", "rsqrt", "cbrt", "square"):
        power = {"sqrt": 0.5, "rsqrt": -0.5, "cbrt": 1 / 3, "square": 2}.get(name) or eqn.params["y"]
        return [NUMBER if given[0] is NUMBER else given[0] ** power]
    if name in _BARE or name in ("pow", "atan2"):
        for g in known:
            if not _same(g, parse("1")):
                raise UnitError(
                    f"`{name}` of a value in {_show(g)}: it needs a ratio, or mark the function with @bn.empirical"
                )
        return [parse("1")] * len(eqn.outvars)
    if name in _KEEP:
        return [given[0]] * len(eqn.outvars)
    inner = next((eqn.params[k] for k in ("jaxpr", "call_jaxpr", "fun_jaxpr") if k in eqn.params), None)
    if inner is not None and hasattr(inner, "jaxpr") and len(inner.jaxpr.invars) == len(given):
        return _propagate(inner, given)
    return [NUMBER] * len(eqn.outvars)
