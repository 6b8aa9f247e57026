"""Operations as JavaScript expressions, with the parentheses that they need and no more."""

import json
import math
from typing import Any, NamedTuple

ATOM, UNARY, TIMES, PLUS, SHIFT, ORDER, EQUAL, AND, XOR, OR, BOTH, EITHER, CHOICE = 20, 14, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2  # fmt: skip


class Text(NamedTuple):
    """An expression and how tightly its last operation binds."""

    text: str
    binds: int = ATOM

    def inside(self, least: int) -> str:
        """As an operand of an operation that binds so tightly."""
        return self.text if self.binds >= least else f"({self.text})"


def literal(value: Any) -> Text:
    """A constant; numbers are written so that reading them gives the same bits."""
    if isinstance(value, bool):
        return Text("true" if value else "false")
    if isinstance(value, int):
        return Text(str(value), ATOM if value >= 0 else UNARY)
    if math.isnan(value):
        return Text("NaN")
    if math.isinf(value):
        return Text("Infinity") if value > 0 else Text("-Infinity", UNARY)
    shown = repr(value)
    shown = shown[:-2] if shown.endswith(".0") else shown
    return Text(shown, UNARY if shown.startswith("-") else ATOM)


def quoted(text: Any) -> str:
    """A text as a JavaScript literal that nothing around it can read as code or markup."""
    shown = json.dumps(text, ensure_ascii=False)
    for sign in "<>&\u2028\u2029":
        shown = shown.replace(sign, f"\\u{ord(sign):04x}")
    return shown


def comment(text: str) -> str:
    """A text as one line of comment: no line end and no tag in it ends the comment."""
    plain = "".join(c if c.isprintable() else " " for c in " ".join(str(text).split()))
    return plain.replace("</", "<\\/").replace("<!", "<\\!").replace("*/", "*\\/")


BINARY = {
    "add": ("+", PLUS),
    "sub": ("-", PLUS),
    "mul": ("*", TIMES),
    "div": ("/", TIMES),
    "rem": ("%", TIMES),
    "lt": ("<", ORDER),
    "le": ("<=", ORDER),
    "gt": (">", ORDER),
    "ge": (">=", ORDER),
    "eq": ("===", EQUAL),
    "ne": ("!==", EQUAL),
}
LOGICAL = {"and": ("&&", BOTH), "or": ("||", EITHER), "xor": ("!==", EQUAL)}
BITWISE = {"and": ("&", AND), "or": ("|", OR), "xor": ("^", XOR)}
MATH = {"exp", "log", "log1p", "expm1", "sqrt", "cbrt", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "atan2", "floor", "ceil", "abs", "max", "min", "sign", "pow"}  # fmt: skip
OWN = {"erf": "erf", "erfc": "erfc", "erf_inv": "erfInverse", "lgamma": "logGamma", "digamma": "digamma", "round_even": "roundEven", "round_away": "roundAway", "from_bits": "fromBits", "single_from_bits": "singleFromBits", "population_count": "countBits", "phi": "phi", "exprel": "exprel"}  # fmt: skip
"""Functions that JavaScript has not: they stand in ``runtime.js`` under these names."""
WHOLE = ("i32", "u32")
COMPARED = ("lt", "le", "gt", "ge", "eq", "ne")


def joined(op: tuple[str, int], a: Text, b: Text) -> Text:
    """Two operands; the right one is put in parentheses where it binds no tighter, as sums do not associate."""
    sign, binds = op
    right = b.inside(binds + 1)
    return Text(f"{a.inside(binds)} {sign} {f'({right})' if right.startswith('-') else right}", binds)


def called(name: str, *args: Text) -> Text:
    return Text(f"{name}({', '.join(a.text for a in args)})")


def wrapped(kind: str, x: Text) -> Text:
    """A whole number kept to 32 bits, a single precision number to its own."""
    if kind == "i32":
        return Text(f"{x.inside(OR)} | 0", OR)
    if kind == "u32":
        return Text(f"{x.inside(SHIFT)} >>> 0", SHIFT)
    return called("Math.fround", x) if kind == "f32" else x


def single(kind: str, x: Text) -> Text:
    """The result of a function, in single precision where it is one."""
    return called("Math.fround", x) if kind == "f32" else x


def expression(op: str, kind: str, given: str, args: list[Text]) -> Text:
    """An operation whose result is of ``kind`` and whose first operand is of kind ``given``."""
    if op == "select":
        where, no, yes = args
        return Text(f"{where.inside(EITHER)} ? {yes.inside(CHOICE)} : {no.inside(CHOICE)}", CHOICE)
    if op == "cast":
        return cast(kind, given, args[0])
    if op in COMPARED:
        return joined(BINARY[op], *args)
    if op == "not":
        return (
            Text(f"!{args[0].inside(UNARY)}", UNARY)
            if kind == "bool"
            else wrapped(kind, Text(f"~{args[0].inside(UNARY)}", UNARY))
        )
    if op in BITWISE:
        if kind == "bool":
            return joined(LOGICAL[op], *args)
        found = joined(BITWISE[op], *args)
        return wrapped("u32", found) if kind == "u32" else found
    if op.startswith("shift"):
        return shifted(op, kind, *args)
    if op in OWN:
        return single(kind, called(OWN[op], *args))
    if op == "clz":
        return called("Math.clz32", *args)
    if op in ("fill", "copy"):
        return args[0]
    return number(op, kind, args)


def number(op: str, kind: str, args: list[Text]) -> Text:
    """Arithmetic."""
    if op == "neg":
        inner = args[0].inside(UNARY)
        return wrapped(kind, Text(f"-({inner})" if inner.startswith("-") else f"-{inner}", UNARY))
    if op in BINARY:
        if kind in WHOLE and op == "mul":
            found = called("Math.imul", *args)
            return wrapped("u32", found) if kind == "u32" else found
        if kind == "i64" and op == "div":
            return called("Math.trunc", joined(BINARY[op], *args))
        return wrapped(kind, joined(BINARY[op], *args))
    if op == "logistic":
        return single(kind, Text(f"1 / (1 + Math.exp({number('neg', 'f64', args).text}))", TIMES))
    if op == "rsqrt":
        return single(kind, Text(f"1 / Math.sqrt({args[0].text})", TIMES))
    if op == "exp2":
        return single(kind, Text(f"Math.pow(2, {args[0].text})"))
    if op == "is_finite":
        return called("Number.isFinite", *args)
    if op == "abs" and kind == "i32":
        return wrapped(kind, called("Math.abs", *args))
    if op in MATH:
        return single(kind, called(f"Math.{op}", *args))
    raise KeyError(op)


def shifted(op: str, kind: str, x: Text, by: Text) -> Text:
    """A shift; by 32 places or more nothing is left, where JavaScript would begin again."""
    sign = {"shift_left": "<<", "shift_right_logical": ">>>", "shift_right_arithmetic": ">>"}[op]
    found = Text(f"{x.inside(SHIFT)} {sign} {by.inside(SHIFT + 1)}", SHIFT)
    if op != "shift_right_logical" and kind == "u32":
        found = Text(f"({found.text}) >>> 0", SHIFT)
    if op == "shift_right_logical" and kind == "i32":
        found = Text(f"({found.text}) | 0", OR)
    if by.text.isdigit() and int(by.text) < 32:
        return found
    beyond = f"({x.text}) >> 31" if op == "shift_right_arithmetic" else "0"
    return Text(f"{by.inside(SHIFT)} < 32 ? {found.text} : {beyond}", CHOICE)


def cast(kind: str, given: str, x: Text) -> Text:
    """A number of one kind as one of another."""
    if kind == given:
        return x
    if kind == "bool":
        return joined(BINARY["ne"], x, Text("0"))
    if given == "bool":
        return Text(f"{x.inside(EITHER)} ? 1 : 0", CHOICE)
    if given in ("f64", "f32"):
        if kind == "f32":
            return called("Math.fround", x)
        if kind == "f64":
            return x
        return called({"i32": "toInt", "u32": "toUint", "i64": "Math.trunc"}[kind], x)
    if kind == "f32":
        return called("Math.fround", x)
    return wrapped(kind, x) if kind in WHOLE else x


ARRAYS = {"f64": "Float64Array", "f32": "Float32Array", "i32": "Int32Array", "u32": "Uint32Array", "i64": "Float64Array", "bool": "Uint8Array"}  # fmt: skip
"""Typed arrays."""
