"""What is said in C++ of single elements: operations as expressions, and the types of what they are about."""

from collections.abc import Callable
from typing import Any

import numpy as np

from ..written import Op, Var

TYPES = {"float32": "float", "float64": "double", "bool": "bool", "int32": "int32_t", "int64": "int64_t", "uint32": "uint32_t", "uint64": "uint64_t", "int16": "int16_t", "uint16": "uint16_t", "int8": "int8_t", "uint8": "uint8_t"}  # fmt: skip

FLOATS = {
    "div": "{} / {}", "abs": "__builtin_fabs{f}({})", "sqrt": "__builtin_sqrt{f}({})", "rsqrt": "1 / __builtin_sqrt{f}({})",
    "floor": "__builtin_floor{f}({})", "ceil": "__builtin_ceil{f}({})", "exp": "Exp({})", "expm1": "Expm1({})",
    "log": "Log({})", "log1p": "Log1p({})", "tanh": "Tanh({})", "logistic": "Logistic({})",
    "brainnb_phi": "Phi({})", "brainnb_exprel": "Exprel({})",
}  # fmt: skip
"""Operations on real numbers; ``f`` is the letter of the C functions for single precision."""

ALONE = {"sin": "__builtin_sin{f}({})", "cos": "__builtin_cos{f}({})", "pow": "__builtin_pow{f}({}, {})"}
"""Operations on one real number, of a time or a drive: no compiler does them for many at once."""

NUMBERS = {
    "add": "{} + {}", "sub": "{} - {}", "mul": "{} * {}", "neg": "-{}",
    "square": "{0} * {0}",
}  # fmt: skip

COMPARED = {"lt": "<", "le": "<=", "gt": ">", "ge": ">=", "eq": "==", "ne": "!="}
BITS = {"and": "&", "or": "|", "xor": "^"}
SAME = {"copy", "copy_p", "stop_gradient", "reshape", "squeeze", "expand_dims", "optimization_barrier"}
"""Operations that change no element."""


def expression(op: Op, given: list[str]) -> str | None:
    """One element of the result, from one of each argument; None for what cannot be said."""
    if not op.given or not _in_line(op):
        return None
    kind = np.dtype(dtype_of(op.given[0])).kind
    say = SAID.get(op.name)
    if say is not None:
        return say(op, kind, given)
    real = FLOATS | ALONE if not op.made[0].shape else FLOATS
    if op.name in real and kind == "f":
        return real[op.name].format(*given, f="f" if op.made[0].dtype == np.float32 else "")
    if op.name in NUMBERS and kind in "fiu":
        return NUMBERS[op.name].format(*given)
    if op.name in COMPARED:
        return f"{given[0]} {COMPARED[op.name]} {given[1]}"
    if op.name in BITS and kind in "biu":
        return f"{given[0]} {BITS[op.name]} {given[1]}"
    return given[0] if op.name in SAME else None


def _in_line(op: Op) -> bool:
    """Whether every argument has one element for each of the result, or one for all."""
    made = op.made[0]
    if op.name in SAME:
        return (
            len(op.given) == 1 and np.size(op.given[0]) == made.size and bool(np.shape(op.given[0])) == bool(made.shape)
        )
    return all(np.shape(x) in ((), made.shape) for x in op.given)


def dtype_of(x: Any) -> Any:
    return x.dtype if isinstance(x, Var) else np.asarray(x).dtype


# --- what takes more than a pattern -----------------------------------------------------------------------------------


def _select(op: Op, kind: str, given: list[str]) -> str | None:
    return f"{given[0]} ? {given[2]} : {given[1]}" if kind == "b" and len(given) == 3 else None


def _converted(op: Op, kind: str, given: list[str]) -> str | None:
    made = op.made[0].dtype
    if made.kind == "b":
        return f"{given[0]} != 0"
    if kind == "b":  # as a choice, which compilers know how to do for many at once
        return f"({TYPES[made.name]})({given[0]} ? 1 : 0)"
    if kind == "f" and made.kind != "f":  # beyond its range C++ leaves open what comes
        return f"Whole({given[0]})" if made == np.int32 else None
    return f"({TYPES[made.name]})({given[0]})"


def _power(op: Op, kind: str, given: list[str]) -> str | None:
    """Products in the order in which XLA takes them."""
    y, x = op.settings["y"], given[0]
    if kind != "f" or not 0 < abs(y) <= 64:
        return None
    found, power, left = "", x, abs(y)
    while left:
        if left & 1:
            found = f"{found} * ({power})" if found else power
        left >>= 1
        power = f"({power}) * ({power})"
    return f"1 / ({found})" if y < 0 else found


def _bound(op: Op, kind: str, given: list[str]) -> str | None:
    """The larger or the smaller; NaN if one is, as in XLA."""
    if kind in "iu":
        return "{0} {2} {1} ? {0} : {1}".format(*given, ">" if op.name == "max" else "<")
    if kind != "f":
        return None
    fixed = [k for k, x in enumerate(op.given) if not isinstance(x, Var) and not np.isnan(x)]
    if fixed:  # the comparison with NaN is false, and the other is it
        return f"{'AtLeast' if op.name == 'max' else 'AtMost'}({given[fixed[0]]}, {given[1 - fixed[0]]})"
    return f"{'Most' if op.name == 'max' else 'Least'}({given[0]}, {given[1]})"


def _clamped(op: Op, kind: str, given: list[str]) -> str | None:
    low, x, high = given
    if kind in "iu":
        return f"{x} < {low} ? {low} : {high} < {x} ? {high} : {x}"
    return f"Least(Most({x}, {low}), {high})" if kind == "f" else None


def _signed(op: Op, kind: str, given: list[str]) -> str | None:
    return "{0} > 0 ? 1 : {0} < 0 ? -1 : {0}".format(*given) if kind == "f" else None


def _rounded(op: Op, kind: str, given: list[str]) -> str | None:
    f = "f" if op.made[0].dtype == np.float32 else ""
    return f"__builtin_rint{f}({given[0]})" if kind == "f" and int(op.settings["rounding_method"]) == 1 else None


def _finite(op: Op, kind: str, given: list[str]) -> str | None:
    return "{0} - {0} == 0".format(*given) if kind == "f" else None


def _inverted(op: Op, kind: str, given: list[str]) -> str | None:
    return {"b": f"!{given[0]}", "i": f"~{given[0]}", "u": f"~{given[0]}"}.get(kind)


def _spread(op: Op, kind: str, given: list[str]) -> str | None:
    return given[0] if np.shape(op.given[0]) == () else None


SAID: dict[str, Callable[[Op, str, list[str]], str | None]] = {
    "select_n": _select, "max": _bound, "min": _bound, "convert_element_type": _converted, "integer_pow": _power, "clamp": _clamped, "sign": _signed,
    "round": _rounded, "is_finite": _finite, "not": _inverted, "broadcast_in_dim": _spread,
}  # fmt: skip


def literal(value: Any) -> str:
    """A number that is known now."""
    number = np.asarray(value).reshape(())
    kind, name = number.dtype.kind, TYPES[number.dtype.name]
    if kind == "f" and np.isnan(number):
        return f'({name})__builtin_nan("")'
    if kind == "f":
        return f"({name})" + float(number).hex().replace("inf", "__builtin_inf()")
    return f"({name}){int(number)}"
