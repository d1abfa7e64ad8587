"""Frozen dataclasses to JSON values and back, by their type hints."""

from __future__ import annotations

import dataclasses
import types
import typing
from enum import Enum
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin

T = TypeVar("T")


def encode(value: object) -> Any:
    """The value as JSON knows it: dataclasses become objects, tuples arrays, enums their value."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: encode(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (tuple, list, frozenset)):
        return [encode(item) for item in value]
    return value


def decode(kind: type[T], data: object) -> T:
    """The dataclass from its JSON object.

    Unknown keys are passed over and missing ones take their default, so that older and newer
    versions read each other's files. Raises ValueError for anything that does not fit.
    """
    try:
        return typing.cast(T, _decode(kind, data))
    except (TypeError, KeyError) as error:
        raise ValueError(f"not a {kind.__name__}: {error}") from error


@cache
def _hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def _decode(kind: Any, data: object) -> object:
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        return _decode_union(get_args(kind), data)
    if origin is tuple:
        if not isinstance(data, list):
            raise ValueError(f"expected a list, found {type(data).__name__}")
        return tuple(_decode(get_args(kind)[0], item) for item in data)
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        if not isinstance(data, dict):
            raise ValueError(f"expected an object, found {type(data).__name__}")
        hints = _hints(kind)
        return kind(**{k: _decode(hints[k], v) for k, v in data.items() if k in hints})
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(data)
    return _scalar(kind, data)


def _decode_union(options: tuple[Any, ...], data: object) -> object:
    if data is None and type(None) in options:
        return None
    return _decode(next(o for o in options if o is not type(None)), data)


def _scalar(kind: Any, data: object) -> object:
    # bool is an int for Python, but not for a reader of the file.
    if isinstance(kind, type) and (
        not isinstance(data, kind) or (kind is int and isinstance(data, bool))
    ):
        raise ValueError(f"expected {kind.__name__}, found {type(data).__name__}")
    return data
