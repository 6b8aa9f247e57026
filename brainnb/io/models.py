"""Models as JSON text: readable, diffable, and safe to open.

A file names classes and values, never code.  Classes are looked up among those that exist already; nothing is
imported or run because a file says so.
"""

import dataclasses
import json
import math
import os
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from brainnb.core.compat import is_traced
from brainnb.core.errors import ModelError, UnknownName, unknown_message
from brainnb.core.model import Model
from brainnb.core.record import Record

from .classes import find, public_name

FORMAT = 1
"""Version of the layout; a newer one is refused, an older one is read."""

MAX_BYTES = 16 * 2**20
"""Longest text that is read."""

DTYPES = ("float16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "bool")
KEYS = ("class", "values", "static", "parts", "groups")


def to_json(model: Model) -> str:
    """A model as JSON text, with every part, channel, stimulus and structural field.

    Raises
    ------
    ModelError
        When a value is NaN, infinite or traced, or a structural field is no plain value (a function, say).

    Examples
    --------
    >>> import brainnb as bn
    >>> from_json(to_json(bn.neurons.LIF(tau=15)))
    LIF(tau=15 ms, R=0.1 Gohm, V_rest=-60 mV, V_th=-50 mV, V_reset=-60 mV, t_ref=5 ms)
    """
    from brainnb import __version__

    if not isinstance(model, Model):
        raise ModelError(f"to_json takes a bn.Model; got {type(model).__name__}.")
    document = {"brainnb_model": FORMAT, "brainnb_version": __version__, "model": pack(model, type(model).__name__)}
    return json.dumps(document, indent=1, allow_nan=False, ensure_ascii=False)


def from_json(text: str, *, max_bytes: int = MAX_BYTES) -> Model:
    """The model that :func:`to_json` wrote.

    Parameters
    ----------
    text : str
        JSON; classes are found among those of the library and those that exist in this session (run the cell that
        defines yours first).
    max_bytes : int
        Longer text is refused.

    Raises
    ------
    ModelError, UnknownName, OutOfBounds
        What is wrong, at which path, and what was expected; bounds are checked as in the constructor.
    """
    if not isinstance(text, str):
        raise ModelError(f"from_json takes text; got {type(text).__name__}.")
    if len(text) > max_bytes:
        raise ModelError(f"The text is {len(text):,} characters long; at most {max_bytes:,} are read (max_bytes=).")
    try:
        document = json.loads(text, parse_constant=_refuse_constant)
    except RecursionError:
        raise ModelError("The text is nested too deeply to be a model.") from None
    except ValueError as error:
        if isinstance(error, _NotFinite):
            raise ModelError(str(error)) from None
        raise ModelError(f"This is no JSON: {error}.") from None
    if not isinstance(document, dict) or "brainnb_model" not in document:
        raise ModelError(
            "This JSON holds no model: a mapping with `brainnb_model` was expected, as bn.save_model writes."
        )
    version = document["brainnb_model"]
    if not isinstance(version, int) or isinstance(version, bool) or not 1 <= version <= FORMAT:
        raise ModelError(
            f"The file has layout {version!r} (written by brainnb {document.get('brainnb_version', '?')}); "
            f"this version reads up to {FORMAT}: upgrade with `pip install -U brainnb`."
        )
    shortened: list[str] = []
    model = unpack(document.get("model"), "model", shortened)
    if shortened:
        warnings.warn(
            f"{shortened[0]}"
            + (f" and {len(shortened) - 1} more values were" if len(shortened) > 1 else " was")
            + " saved in a precision that JAX does not compute in now; load the file under jax.enable_x64(True) "
            "to keep every digit.",
            stacklevel=2,
        )
    return model


def save_model(model: Model, path: str | os.PathLike) -> Path:
    """Write a model to a JSON file; an existing file is replaced as a whole or not at all.

    Examples
    --------
    >>> import tempfile, brainnb as bn
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     bn.load_model(bn.save_model(bn.neurons.FitzHughNagumo(a=0.5), folder + "/fhn.json"))
    FitzHughNagumo(a=0.5, b=0.8, tau=12.5 ms)
    """
    text = to_json(model)
    path = Path(path)
    draft = path.with_name(path.name + ".part")
    draft.write_text(text + "\n", encoding="utf8")
    draft.replace(path)
    return path


def load_model(path: str | os.PathLike, *, max_bytes: int = MAX_BYTES) -> Model:
    """Read a model from a JSON file; see :func:`from_json`."""
    path = Path(path)
    if (size := path.stat().st_size) > max_bytes:
        raise ModelError(f"{path.name} is {size:,} bytes long; at most {max_bytes:,} are read (max_bytes=).")
    try:
        text = path.read_text(encoding="utf8")
    except UnicodeDecodeError:
        raise ModelError(f"{path.name} is no text: a JSON file of bn.save_model was expected.") from None
    return from_json(text, max_bytes=max_bytes)


# --- a model as plain data --------------------------------------------------------------------------------------


def pack(model: Model, where: str) -> dict[str, Any]:
    """One model as nested mappings of plain values."""
    packed: dict[str, Any] = {"class": public_name(type(model))}
    units = {name: p.unit for name, p in model.parameters().items()}
    for field in dataclasses.fields(model):
        name, value = field.name, getattr(model, field.name)
        path = f"{where}.{name}"
        if field.metadata.get("static"):
            packed.setdefault("static", {})[name] = plain(value, path)
        elif isinstance(value, Model):
            packed.setdefault("parts", {})[name] = pack(value, path)
        elif isinstance(value, Mapping):
            group = {k: pack(v, f"{path}.{k}") for k, v in value.items()}
            packed.setdefault("groups", {})[name] = group
        else:
            packed.setdefault("values", {})[name] = pack_array(value, units.get(name), path)
    return packed


def pack_array(value: Any, unit: str | None, path: str) -> dict[str, Any]:
    """An array leaf: numbers, dtype, unit."""
    if is_traced(value):
        raise ModelError(f"{path} is traced: save the model outside jit, vmap and grad.")
    host = np.asarray(value)
    if host.dtype.name not in DTYPES:
        raise ModelError(f"{path} has dtype {host.dtype}, which JSON does not hold; known: {', '.join(DTYPES)}.")
    if not np.isfinite(host).all():
        raise ModelError(f"{path} is NaN or infinite; JSON holds finite numbers only.")
    if host.dtype.kind == "f":
        # the shortest decimal that is this number at its own precision: 0.1, not 0.10000000149
        numbers = np.array([float(str(x)) for x in host.ravel()]).reshape(host.shape).tolist()
    else:
        numbers = host.tolist()
    return {"value": numbers, "dtype": host.dtype.name} | ({} if unit is None else {"unit": unit})


def plain(value: Any, path: str) -> Any:
    """A structural value as JSON: text, numbers, None, and tuples of them."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    if isinstance(value, tuple):
        return [plain(v, f"{path}[{i}]") for i, v in enumerate(value)]
    hint = ": a function cannot be stored as data; give the model a declared stimulus" if callable(value) else ""
    raise ModelError(f"{path} holds {type(value).__name__}, which JSON does not hold{hint}.")


# --- and back ---------------------------------------------------------------------------------------------------


def unpack(node: Any, where: str, shortened: list[str]) -> Model:
    """The model that one nested mapping describes; paths that lose digits are added to ``shortened``."""
    if not isinstance(node, dict) or not isinstance(node.get("class"), str):
        raise ModelError(f"{where}: a mapping with `class` was expected, got {type(node).__name__}.")
    for key in node:
        if key not in KEYS:
            raise UnknownName(unknown_message("entry", key, KEYS, where=where))
    cls = find(node["class"], where)
    fields = {f.name: f for f in dataclasses.fields(cls)}
    given: dict[str, Any] = {}
    dtypes: dict[str, np.dtype] = {}
    for kind in KEYS[1:]:
        entries = node.get(kind, {})
        if not isinstance(entries, dict):
            raise ModelError(f"{where}.{kind}: a mapping was expected, got {type(entries).__name__}.")
        for name, entry in entries.items():
            path = f"{where}.{name}"
            if name not in fields:
                raise UnknownName(f"{where}: " + unknown_message(SINGULAR[kind], name, fields, where=cls.__name__))
            if (kind == "static") is not bool(fields[name].metadata.get("static")):
                raise ModelError(f"{path}: does not belong under `{kind}` of {cls.__name__}.")
            if kind == "values":
                given[name], dtypes[name] = unpack_array(entry, fields[name], path)
            elif kind == "static":
                given[name] = hashable(entry)
            elif kind == "parts":
                given[name] = unpack(entry, path, shortened)
            elif not isinstance(entry, dict):
                raise ModelError(f"{path}: a mapping of names to models was expected, got {type(entry).__name__}.")
            else:
                given[name] = Record({k: unpack(v, f"{path}.{k}", shortened) for k, v in entry.items()})
    return _built(cls, given, dtypes, where, shortened)


SINGULAR = {"values": "parameter", "static": "structural field", "parts": "part", "groups": "group of parts"}


def _built(cls: type, given: dict[str, Any], dtypes: dict[str, np.dtype], where: str, shortened: list[str]) -> Model:
    """Construct through the front door, so that every check applies; then restore the dtypes."""
    try:
        model = cls(**given)
    except TypeError as error:
        if isinstance(error, ModelError):
            raise
        raise ModelError(f"{where}: {cls.__name__} cannot be built from the file: {error}") from error
    restored = {}
    for name, dtype in dtypes.items():
        value = getattr(model, name)
        if not np.isfinite(np.asarray(value)).all():
            raise ModelError(f"{where}.{name} does not fit into {value.dtype}: it became infinite.")
        if value.dtype != dtype:
            possible = jax.dtypes.canonicalize_dtype(dtype)
            if possible != dtype:
                shortened.append(f"{where}.{name}")
            restored[name] = jnp.asarray(value, possible)
    return model._with(restored) if restored else model


def unpack_array(entry: Any, field: dataclasses.Field, path: str) -> tuple[Any, np.dtype]:
    """The numbers of one leaf, in the unit that the class declares today."""
    if not isinstance(entry, dict) or "value" not in entry or not entry.keys() <= {"value", "dtype", "unit"}:
        raise ModelError(f"{path}: a mapping with `value`, `dtype` and `unit` was expected.")
    name = entry.get("dtype", "float32")
    if name not in DTYPES:
        raise UnknownName(unknown_message("dtype", str(name), DTYPES, where=path))
    dtype = np.dtype(name)
    try:
        numbers = np.array(entry["value"])
        if numbers.dtype.kind not in "fiub":
            raise TypeError(f"it holds {numbers.dtype}")
        numbers = numbers.astype(np.float64 if dtype.kind == "f" else dtype)
    except (TypeError, ValueError, OverflowError) as error:
        raise ModelError(f"{path}: numbers were expected ({error}).") from None
    if not np.isfinite(numbers).all():
        raise ModelError(f"{path} is NaN or infinite; finite numbers were expected.")
    declaration = field.metadata.get("brainnb")
    unit, own = entry.get("unit"), getattr(declaration, "unit", None)
    if own is not None and unit not in (None, own):
        numbers = converted(numbers, unit, own, path)
    return numbers, dtype


def converted(numbers: np.ndarray, unit: Any, own: str, path: str) -> Any:
    """Numbers of an older declaration in the unit of today's."""
    from brainnb.core.quantities import parse, registry, to_magnitude

    if not isinstance(unit, str) or len(unit) > 100:
        raise ModelError(f"{path}: the unit {unit!r} is no text; {own} was expected.")
    return to_magnitude(registry().Quantity(numbers, parse(unit)), own, path)


def hashable(entry: Any) -> Any:
    """Lists of a file as the tuples they were."""
    if isinstance(entry, list):
        return tuple(hashable(e) for e in entry)
    if isinstance(entry, dict):
        raise ModelError("A structural field holds a mapping; text, a number, null or a list was expected.")
    return entry


class _NotFinite(ValueError):
    """NaN or Infinity in the text."""


def _refuse_constant(name: str) -> Any:
    raise _NotFinite(f"The file holds {name}; finite numbers were expected.")
