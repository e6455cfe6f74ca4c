"""What identifies an answer: everything that shaped it, in one digest.

Two questions share an answer only where every part is the same: the code and whether it is runtime or creation code
(constructor arguments are the end of creation code), name, symbol, chain, criteria, software, engine, and for a
contract on a chain the state that was read. What is asked is taken from all fields of the request, so that a field that
is added later counts as well.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from importlib.metadata import version
from typing import Any

from tarazy.screening.criteria.file import HOUSE_CRITERIA, criteria_named
from tarazy.screening.request import ScreenRequest

ENGINE = f"revm {version('pyrevm')}"
# The id is ours; what the node told stands in `state`; the criteria stand in the setting.
NOT_ASKED = frozenset({"id", "rpc_url", "criteria"})


def setting_of(software: str, criteria: str | None, day: date | None = None) -> str:
    """Return the digest of what shapes every answer of a service: software, engine, all figures of its criteria.

    Raises: CriteriaError where there are no such criteria.
    """
    edition = criteria_named(criteria or HOUSE_CRITERIA, day or datetime.now(UTC).date())
    return digest([software, ENGINE, edition])


def identity_of(request: ScreenRequest, setting: str, state: tuple[str, int, str] | None = None) -> str:
    """Return the digest of all that shaped an answer. `state`: code hash, number and hash of the block; None: none."""
    names = [each.name for each in dataclasses.fields(request) if each.name not in NOT_ASKED]
    return digest([{name: getattr(request, name) for name in names}, setting, state])


def digest(value: Any) -> str:
    """Return SHA-256 of data, names sorted."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=written).encode()).hexdigest()


def written(value: Any) -> Any:
    """Return what JSON has no form for, each kind in its own.

    Raises: TypeError for a kind that has none here.
    """
    if isinstance(value, bytes):
        return {"bytes": value.hex()}
    if isinstance(value, date):
        return {"date": value.isoformat()}
    if isinstance(value, Mapping):
        return dict(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {each.name: getattr(value, each.name) for each in dataclasses.fields(value)}
    raise TypeError(f"expected data that identifies an answer, found {type(value).__name__}")
