"""Operators of networks: wirings (who reaches whom, how strongly) and what events and activity do along them."""

from .base import Wiring
from .compressed import CSC, CSR
from .dense import Dense
from .fixed import FixedPostNumber, FixedPreNumber
from .products import event_product, product, product_transposed
from .random import JITHomogeneous, JITNormal, JITUniform

__all__ = [
    "CSC",
    "CSR",
    "Dense",
    "FixedPostNumber",
    "FixedPreNumber",
    "JITHomogeneous",
    "JITNormal",
    "JITUniform",
    "Wiring",
    "event_product",
    "product",
    "product_transposed",
]
