"""Channels that share a voltage, as one channel."""

from collections.abc import Mapping
from typing import Any

import equinox as eqx
import jax.numpy as jnp
from jax import Array

from brainnb.core.errors import ModelError
from brainnb.core.fields import input
from brainnb.core.record import Inputs, Record

from .base import Channel


def named(channels: Any) -> Record:
    """Channels by name, in their order; explains what cannot be one."""
    if not isinstance(channels, Mapping):
        raise ModelError(
            f"channels takes a mapping of names, {{'Na': SodiumHH1952(), ...}}; got {type(channels).__name__}."
        )
    for name, channel in channels.items():
        if isinstance(channel, type):
            raise ModelError(f"channels[{name!r}] is the class {channel.__name__}; build it: {channel.__name__}().")
        if not isinstance(channel, Channel):
            raise ModelError(f"channels[{name!r}] is {type(channel).__name__}; a bn.channels.Channel was expected.")
        if not str(name).isidentifier():
            raise ModelError(f"channels: {name!r} is no name; use a word such as 'Na', so that paths read 'Na.g_max'.")
    return Record(channels)


class ChannelGroup(Channel):
    r"""Several channels at one voltage; groups nest to any depth.

    .. math:: I = \sum_k I_k(V)

    Parameters
    ----------
    channels : mapping of name to Channel
        Their paths are ``name.parameter``.

    Examples
    --------
    >>> from brainnb.channels import Leak, PotassiumHH1952
    >>> ChannelGroup({"K": PotassiumHH1952(), "leak": Leak()}).replace({"K.g_max": 20}).parameters()["K.g_max"].value.item()
    20.0
    """

    channels: Record = eqx.field(default_factory=dict, converter=named)
    V = input(-65.0, "mV", "membrane potential", bounds=(-100, 60))

    def vector_field(self, t: Array, s: Record, u: Record) -> Mapping[str, Any]:
        return derivatives(self, t, s, Inputs(V=u.V))

    def current(self, t: Array, s: Record, u: Record) -> Array:
        return total_current(self, t, s, Inputs(V=u.V))

    def steady_state(self, V: Any) -> Mapping[str, Any]:
        return at_rest(self, V)


def channels_of(model: Any) -> dict[str, Channel]:
    """The parts that carry current."""
    return {name: part for name, part in model.parts().items() if isinstance(part, Channel)}


def derivatives(model: Any, t: Array, s: Record, u: Record) -> dict[str, Any]:
    """Gate derivatives of every channel of ``model``."""
    return {name: channel.vector_field(t, s[name], u) for name, channel in channels_of(model).items()}


def total_current(model: Any, t: Array, s: Record, u: Record) -> Array:
    """Sum of the currents of every channel of ``model``, inward positive."""
    return sum(
        (channel.current(t, s[name], u) for name, channel in channels_of(model).items()),
        start=jnp.zeros_like(u.V),
    )


def at_rest(model: Any, V: Any) -> dict[str, Any]:
    """Gates of every channel of ``model`` settled at ``V``."""
    return {name: channel.steady_state(V) for name, channel in channels_of(model).items()}
