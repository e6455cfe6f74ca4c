"""JSON Schema (draft 2020-12) as far as our schemas use it. A keyword that is not known is an error, never skipped."""

from __future__ import annotations

import re
from typing import Any

TYPES: dict[str, Any] = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}
NOTES = {"$schema", "$id", "title", "description", "$defs"}


class SchemaError(AssertionError):
    """The schema uses what this file does not know."""


def faults(value: Any, schema: dict[str, Any], root: dict[str, Any] | None = None, at: str = "$") -> list[str]:
    """Return every place where a value is not as a schema says."""
    root = root or schema
    found: list[str] = []
    for keyword, wanted in schema.items():
        if keyword not in NOTES | CHECKS.keys():
            raise SchemaError(f"{at}: keyword {keyword} is not known")
        if keyword in CHECKS:
            found += CHECKS[keyword](value, wanted, schema, root, at)
    return found


def is_of(value: Any, name: str) -> bool:
    if name == "integer":
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, TYPES[name])


def check_type(value: Any, wanted: Any, _s: Any, _r: Any, at: str) -> list[str]:
    names = wanted if isinstance(wanted, list) else [wanted]
    return [] if any(is_of(value, name) for name in names) else [f"{at}: expected {names}, found {value!r:.60}"]


def check_properties(value: Any, wanted: Any, _s: Any, root: Any, at: str) -> list[str]:
    given = value if isinstance(value, dict) else {}
    return [
        f for name, part in wanted.items() if name in given for f in faults(given[name], part, root, f"{at}.{name}")
    ]


def check_required(value: Any, wanted: Any, _s: Any, _r: Any, at: str) -> list[str]:
    given = value if isinstance(value, dict) else dict.fromkeys(wanted)
    return [f"{at}: {name} is missing" for name in wanted if name not in given]


def check_additional(value: Any, wanted: Any, schema: Any, root: Any, at: str) -> list[str]:
    given = value if isinstance(value, dict) else {}
    others = [name for name in given if name not in schema.get("properties", {})]
    if wanted is False:
        return [f"{at}: {name} is not expected" for name in others]
    return [fault for name in others for fault in faults(given[name], wanted, root, f"{at}.{name}")]


def check_items(value: Any, wanted: Any, _s: Any, root: Any, at: str) -> list[str]:
    given = value if isinstance(value, list) else []
    return [fault for i, item in enumerate(given) for fault in faults(item, wanted, root, f"{at}[{i}]")]


def check_any(value: Any, wanted: Any, _s: Any, root: Any, at: str) -> list[str]:
    tried = [faults(value, part, root, at) for part in wanted]
    return [] if any(not each for each in tried) else tried[-1]


def check_reference(value: Any, wanted: str, _s: Any, root: Any, at: str) -> list[str]:
    return faults(value, root["$defs"][wanted.removeprefix("#/$defs/")], root, at)


def check_pattern(value: Any, wanted: str, _s: Any, _r: Any, at: str) -> list[str]:
    wrong = isinstance(value, str) and not re.search(wanted, value)
    return [f"{at}: expected {wanted}, found {value!r}"] if wrong else []


def simple(test: Any) -> Any:
    """Return a check of one value against one wanted value."""

    def check(value: Any, wanted: Any, _s: Any, _r: Any, at: str) -> list[str]:
        return [] if test(value, wanted) else [f"{at}: expected {wanted!r}, found {value!r:.60}"]

    return check


CHECKS: dict[str, Any] = {
    "type": check_type,
    "properties": check_properties,
    "required": check_required,
    "additionalProperties": check_additional,
    "items": check_items,
    "anyOf": check_any,
    "$ref": check_reference,
    "pattern": check_pattern,
    "enum": simple(lambda value, wanted: value in wanted),
    "const": simple(lambda value, wanted: value == wanted and type(value) is type(wanted)),
    "minimum": simple(lambda value, wanted: not isinstance(value, int) or value >= wanted),
    "minLength": simple(lambda value, wanted: not isinstance(value, str) or len(value) >= wanted),
    "minItems": simple(lambda value, wanted: not isinstance(value, list) or len(value) >= wanted),
    "maxItems": simple(lambda value, wanted: not isinstance(value, list) or len(value) <= wanted),
}
