"""A report read back from the JSON that `Report.to_json` wrote, and the slim form that is held in memory."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from typing import Any

from tarazy.screening.model import Report


def read_report(plain: Mapping[str, Any]) -> Report:
    """Return the report that was written; keys that this version does not know are passed over.

    Raises: TypeError, ValueError, KeyError where the data are no report.
    """
    made = build(Report, plain)
    if not isinstance(made, Report):
        raise TypeError(f"expected a report, found {type(made).__name__}")
    return made


def slim(report: Report) -> Report:
    """Return the report without evidence and traces, which no wire mapping needs and which are most of its size."""
    capabilities = {name: dataclasses.replace(each, evidence=()) for name, each in report.capabilities.items()}
    simulation = report.simulation
    if simulation is not None:
        simulation = dataclasses.replace(simulation, attacks=())
    return dataclasses.replace(report, capabilities=capabilities, simulation=simulation)


def build(kind: Any, value: Any) -> Any:
    """Return a value of a type of the model from what JSON holds."""
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin in (types.UnionType, typing.Union):
        return None if value is None else build(next(each for each in inner if each is not type(None)), value)
    if origin is tuple:
        kinds = (inner[0],) * len(value) if inner[-1] is Ellipsis else inner
        return tuple(build(each, item) for each, item in zip(kinds, value, strict=True))
    if origin is not None and issubclass(origin, Mapping):
        return {str(key): build(inner[1], item) for key, item in value.items()}
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        given = {name: build(each, value[name]) for name, each in fields_of(kind) if name in value}
        return kind(**given)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return kind(value)
    if kind is int and isinstance(value, str):
        return int(value)  # beyond 2**53 it was written as text
    return value


@cache
def fields_of(kind: type[Any]) -> tuple[tuple[str, Any], ...]:
    """Return names and types of a dataclass' fields."""
    hints = typing.get_type_hints(kind)
    return tuple((item.name, hints[item.name]) for item in dataclasses.fields(kind))
