"""Recordings from text: one column a variable, one row a sample."""

import csv
import os
import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from brainnb.core.errors import ModelError, UnknownName, unknown_message
from brainnb.core.quantities import to_magnitude

from .recordings import Series, dataset, opened, renamed, working

HEADER = re.compile(r"^\s*(?P<name>.*?)\s*[(\[]\s*(?P<unit>[^()\[\]]*)\s*[)\]]\s*$")
TIMES = ("time", "t", "times")


def read_csv(
    path: str | os.PathLike,
    *,
    time: str | None = None,
    dt: Any = None,
    rename: Mapping[str, str] | None = None,
    units: Mapping[str, str] | None = None,
    delimiter: str | None = None,
) -> Any:
    """A recording in a text file as a Dataset over ``time`` (ms): what :func:`brainnb.fit` and ``bn.inputs.FromData`` take.

    The first line names the columns, with a unit in brackets where there is one: ``time (s), V (mV), I [nA]``.  Lines that
    begin with # are left out.

    Parameters
    ----------
    path : path
    time : str, optional
        The column that holds the times; by default one called ``time`` or ``t``.  Without a unit they are ms.
    dt : number or text, optional
        The sampling step where no column holds the times, ms or ``"50 us"``.
    rename : mapping, optional
        ``{"Vm": "V"}``: names as the model has them.
    units : mapping, optional
        Units by column (its name in the file) where the file has none: ``{"Vm": "mV"}``.
    delimiter : str, optional
        What separates columns; by default what the first line is full of, one of ``, ; tab``.

    Returns
    -------
    xarray.Dataset
        Voltages in mV, currents in pA, all others in the unit that they have.

    Raises
    ------
    ModelError
        Without a file or a time, with a value that is no number, or with rows of different lengths; it says where.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "cell.csv"
    >>> _ = file.write_text("time (s), Vm (V)\\n0, -0.065\\n0.001, -0.064\\n0.002, -0.063\\n")
    >>> ds = read_csv(file, rename={"Vm": "V"})
    >>> ds.V.values.round(6).tolist(), ds.V.attrs["units"], ds.time.values.tolist()
    ([-65.0, -64.0, -63.0], 'mV', [0.0, 1.0, 2.0])
    """
    source = opened(path, "read_csv")
    with source.open(encoding="utf-8-sig", newline="") as file:
        lines = [(n, line) for n, line in enumerate(file, 1) if line.strip() and not line.lstrip().startswith("#")]
    if len(lines) < 3:
        raise ModelError(
            f"{source.name}: a line of names and at least two samples were expected; it has {len(lines)} lines."
        )
    first = lines[0][1]
    delimiter = delimiter or max(",;\t", key=first.count)
    rows = list(csv.reader([line for _, line in lines], delimiter=delimiter, skipinitialspace=True))
    headers = [cell.strip() for cell in rows[0]]
    if all(is_number(h) for h in headers):
        raise ModelError(
            f"{source.name}: line {lines[0][0]} holds numbers; names of the columns were expected there, such as "
            f"'time (ms){delimiter} V (mV)'."
        )
    names, told = zip(*(split(h) for h in headers), strict=True)
    table = numbers(rows[1:], names, [n for n, _ in lines[1:]], source.name)
    for name in units or {}:
        if name not in names:
            raise UnknownName(unknown_message("column", name, names, where=source.name))
    known = dict(zip(names, told, strict=True)) | dict(units or {})
    column = time_column(names, time, dt, source.name)
    start, step = 0.0, 0.0
    if column is None:
        step = float(to_magnitude(dt, "ms", "dt")) if isinstance(dt, str) else float(dt)
    else:
        times, _ = working(table[column], known[column], "ms", f"{source.name}: {column}")
        gaps = np.diff(times)
        start, step = float(times[0]), float(gaps.mean())
        if (gaps <= 0).any() or not np.allclose(gaps, step, rtol=1e-2):
            raise ModelError(
                f"{source.name}: the times in `{column}` are not even (steps from {gaps.min():g} to {gaps.max():g} ms); "
                "interpolate them first, or check the unit."
            )
    called = renamed([n for n in names if n != column], rename, source.name)
    series = {}
    for name, new in called.items():
        values, unit = working(table[name], known[name], None, f"{source.name}: {name}")
        series[new] = [Series(values, unit, start, float(f"{step:.9g}"))]
    return dataset(series, source)


def split(header: str) -> tuple[str, str | None]:
    """The name and the unit of ``V (mV)``."""
    found = HEADER.match(header)
    return (found["name"], found["unit"] or None) if found and found["name"] else (header, None)


def is_number(text: str) -> bool:
    """Whether a cell reads as a number."""
    try:
        float(text)
    except ValueError:
        return False
    return True


def numbers(rows: list[list[str]], names: tuple[str, ...], lines: list[int], where: str) -> dict[str, np.ndarray]:
    """The columns as numbers; empty cells are NaN."""
    for line, row in zip(lines, rows, strict=True):
        if len(row) != len(names):
            raise ModelError(f"{where}: line {line} has {len(row)} cells, the first line {len(names)}.")
        for name, cell in zip(names, row, strict=True):
            if cell.strip() and not is_number(cell):
                raise ModelError(f"{where}: line {line}, `{name}`: {cell.strip()!r} is no number.")
    table = np.array([[float(cell) if cell.strip() else np.nan for cell in row] for row in rows])
    return dict(zip(names, table.T, strict=True))


def time_column(names: tuple[str, ...], time: str | None, dt: Any, where: str) -> str | None:
    """The column that holds the times, None where ``dt`` says how far apart samples are."""
    if time is not None:
        if time not in names:
            raise UnknownName(unknown_message("column", time, names, where=where))
        return time
    found = [n for n in names if n.lower() in TIMES]
    if found:
        return found[0]
    if dt is None:
        raise ModelError(
            f"{where}: which column holds the times? It has {', '.join(names)}: give time='{names[0]}', or dt='0.1 ms' when "
            "none does."
        )
    return None
