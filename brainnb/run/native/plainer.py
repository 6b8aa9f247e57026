"""A program without detours: flags that became numbers, and flags again."""

from typing import Any

import numpy as np

from ..written import Op, Program, Var, needed


def plainer(program: Program) -> None:
    """Let every operation read a flag itself, where it reads what was made of one; what nobody reads any more goes."""
    numbers: dict[Var, Var] = {}  # 0 or 1 as a number, and the flag that says which
    same: dict[Var, Var] = {}
    for op in program.ops:
        op.given = [same.get(x, x) if isinstance(x, Var) else x for x in op.given]
        made, x = op.made[0], op.given[0] if op.given else None
        if op.name == "convert_element_type" and isinstance(x, Var) and x.dtype == bool:
            numbers[made] = x
        elif isinstance(x, Var) and x in numbers and _asks(op):
            same[made] = numbers[x]
    program.results = [same.get(x, x) if isinstance(x, Var) else x for x in program.results]
    program.ops = needed(program.ops, [x for x in program.results if isinstance(x, Var)])


def _asks(op: Op) -> bool:
    """Whether it asks of 0 or 1 which of them it is."""
    return (op.name == "convert_element_type" and op.made[0].dtype == bool) or (
        op.name in ("ne", "gt") and _is_zero(op.given[1])
    )


def _is_zero(x: Any) -> bool:
    return not isinstance(x, Var) and np.shape(x) == () and x == 0
