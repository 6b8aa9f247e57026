"""Which devices of this machine a sweep spreads its points over."""

from typing import Any

import jax
import numpy as np

from brainnb.core.errors import ModelError


def chosen(devices: Any) -> tuple[Any, ...]:
    """The devices that ``devices=`` names: all of this machine, so many of them, or exactly these."""
    here = tuple(jax.local_devices())
    listed = ", ".join(map(str, here))
    if devices is None:
        return here if jax.config.jax_default_device is None else ()
    if isinstance(devices, bool | np.bool_ | str):
        raise ModelError(f"devices={devices!r}: a number of devices or a list from jax.devices() was expected.")
    if isinstance(devices, int | np.integer):
        if not 1 <= devices <= len(here):
            raise ModelError(f"devices={devices}: this machine has {len(here)} ({listed}); devices=None takes all.")
        return here[: int(devices)]
    asked = tuple(devices) if isinstance(devices, list | tuple | np.ndarray) else (devices,)
    for device in asked:
        if not isinstance(device, jax.Device):
            raise ModelError(f"devices: {device!r} is no device; take them from jax.devices(). Here: {listed}.")
        if device.process_index != jax.process_index():
            raise ModelError(f"devices: {device} belongs to another process; here: {listed}.")
    if not asked or len(set(asked)) < len(asked):
        raise ModelError(f"devices: {len(asked)} given, {len(set(asked))} of them different; name each one once.")
    if len({device.platform for device in asked}) > 1:
        raise ModelError(f"devices: {', '.join(map(str, asked))} are of different kinds; a sweep uses one kind.")
    return asked
