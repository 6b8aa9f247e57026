"""How many processors this process may keep busy."""

import os
from pathlib import Path

GROUP = Path("/sys/fs/cgroup")


def count() -> int:
    """Those that the system lets it run on, and no more than its group has time for (as in a container)."""
    own = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, int(min(own, _share())))


def _share() -> float:
    """Processors that a group of processes is given time for."""
    for files in (("cpu.max",), ("cpu/cpu.cfs_quota_us", "cpu/cpu.cfs_period_us")):
        try:
            told = " ".join((GROUP / name).read_text(encoding="ascii") for name in files).split()
            quota, period = float(told[0]), float(told[1])  # "max" is no number: no limit
        except (OSError, ValueError, IndexError):
            continue
        if quota > 0 and period > 0:
            return quota / period
    return float("inf")
