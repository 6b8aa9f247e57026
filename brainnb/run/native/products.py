"""What is said in C++ of whole arrays: event products, rings of spikes and Poisson numbers, each by its function."""

from typing import Any, NamedTuple

import jax
import numpy as np

from brainnb.ops import CSR, DelayedCSR, FixedPostNumber, kernels

from ..written import Op, Var
from .vocabulary import dtype_of


class Product(NamedTuple):
    """The name of a C++ function, what it reads, the weights of an event product, and what is added to or replaced.

    ``rising``: every row of synapses has its targets in their order.
    """

    name: str
    given: list
    weight: Any = None
    onto: Any = None
    rising: bool = False


def product(op: Op) -> Product | None:
    """What an operation on whole arrays consists of; None for others."""
    return delivery(op) or _packed(op) or _put(op) or _counted(op)


def delivery(op: Op) -> Product | None:
    """An event product."""
    if op.name != "custom_vmap_call":
        return None
    match _arguments(op):
        case (events, CSR(indptr=begins, indices=targets, weight=weight, rising=rising), onto):
            found = Product("Delivered", [events, begins, targets], weight, onto, rising)
        case (events, FixedPostNumber(indices=targets, weight=weight), onto):
            found = Product("Delivered", [events, np.zeros(0, np.int32), targets], weight, onto)
        case (events, DelayedCSR(indptr=begins, indices=targets, weight=weight, slots=1, rising=rising), onto):
            found = Product("Delivered", [events, begins, targets], weight, onto, rising)
        case (line, row, DelayedCSR(indptr=begins, indices=targets, weight=weight, rising=rising), onto):
            found = Product("Arrived", [line, row, begins, targets], weight, onto, rising)
        case _:
            return None
    if found.name == "Delivered" and dtype_of(found.given[0]).kind == "b":
        found = found._replace(name="Sent")
    kinds = {dtype_of(found.weight), dtype_of(found.onto)}
    known = {"Delivered": kinds, "Sent": {np.dtype(bool)}, "Arrived": {np.dtype(np.uint32)}}[found.name]
    fits = len(kinds) == 1 and dtype_of(found.given[0]) in known and dtype_of(found.onto).kind == "f"
    return found if fits and all(isinstance(x, Var) for x in (found.given[0], found.onto)) else None


def _arguments(op: Op) -> tuple:
    """Those of a function with a rule for batches, without what it closes over."""
    return jax.tree.unflatten(op.settings["in_tree"], op.given)[1]


def _packed(op: Op) -> Product | None:
    """The row of a ring in which some fired."""
    if op.settings.get("name") != "ring_row" or not isinstance(op.given[0], Var) or op.given[0].dtype != bool:
        return None
    return Product("Packed", op.given)


def _put(op: Op) -> Product | None:
    """One row of a ring replaced."""
    if op.name != "scatter" or not all(isinstance(x, Var) for x in op.given):
        return None
    ring, at, row = op.given
    told = op.settings["dimension_numbers"]
    dimensions = (told.update_window_dims, told.inserted_window_dims, told.scatter_dims_to_operand_dims)
    of_a_row = dimensions == ((0,), (0,), (0,)) and op.settings["mode"] == jax.lax.GatherScatterMode.FILL_OR_DROP
    fits = ring.dtype == row.dtype == np.uint32 and at.dtype == np.int32
    if not (of_a_row and fits and at.shape == (1,) and ring.shape[1:] == row.shape):
        return None
    return Product("Put", [row, at], onto=ring)


def _counted(op: Op) -> Product | None:
    """Poisson numbers, where they are drawn by a kernel."""
    if op.name != "custom_vmap_call" or not all(isinstance(x, Var) for x in op.given):
        return None
    calls = [eqn for eqn in op.settings["call"].jaxpr.eqns if eqn.primitive.name == "ffi_call"]
    if [eqn.params["target_name"] for eqn in calls] != [kernels.COUNTS]:
        return None
    words, expected = _arguments(op)
    return Product("Counted", [words, expected])
