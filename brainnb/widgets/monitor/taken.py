"""The histories of one run or several as they are taken away: a Dataset, a table, plain data."""

from collections.abc import Mapping
from typing import Any

from ...train.running import tables


def joined(runs: Mapping[str, Any]) -> Any:
    """The history as a Dataset; over ``run`` too where there are several."""
    import xarray as xr

    found = [run.history for run in runs.values()]
    if len(found) == 1:
        return found[0]
    named = [history.expand_dims(run=[name]) for name, history in zip(runs, found, strict=True)]
    return xr.concat(named, "run", join="outer", combine_attrs="drop_conflicts", data_vars="all")


def table(runs: Mapping[str, Any]) -> Any:
    """One table with a row for each step."""
    import pandas as pd

    found = [pd.DataFrame(tables.columns(run.history)).set_index("step") for run in runs.values()]
    return found[0] if len(found) == 1 else pd.concat(found, keys=list(runs), names=["run"])


def plain(runs: Mapping[str, Any]) -> dict[str, Any]:
    """Every series of every run, as JSON holds it."""
    return {
        name or "run": {n: [tables.plain(x) for x in y] for n, y in tables.columns(run.history).items()}
        for name, run in runs.items()
    }
