"""Operators of networks: wirings (who reaches whom, how strongly) and what events and activity do along them."""

from .arrivals import event_product_delayed
from .base import Wiring
from .blocks import draw_blocks
from .compressed import CSC, CSR
from .delayed import DelayedCSR
from .dense import Dense
from .fixed import FixedPostNumber, FixedPreNumber
from .plasticity import update_on_post, update_on_pre
from .products import event_product, product, product_transposed
from .random import JITHomogeneous, JITNormal, JITUniform
from .reductions import post_to_synapse, pre_to_synapse, synapse_to_post, synapse_to_pre
from .structured import AllToAll, OneToOne

__all__ = [
    "CSC",
    "CSR",
    "AllToAll",
    "DelayedCSR",
    "Dense",
    "FixedPostNumber",
    "FixedPreNumber",
    "JITHomogeneous",
    "JITNormal",
    "JITUniform",
    "OneToOne",
    "Wiring",
    "draw_blocks",
    "event_product",
    "event_product_delayed",
    "post_to_synapse",
    "pre_to_synapse",
    "product",
    "product_transposed",
    "synapse_to_post",
    "synapse_to_pre",
    "update_on_post",
    "update_on_pre",
]
