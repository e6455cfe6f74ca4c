"""Commands as text: a name and its fields with their values, as people write and read them in drafts.

Every field is given, because every byte is signed; only an enum's field that may be empty can be left out. Values:
integers (minor units, ticks, lots, parts per million), enums by name, hashes as 64 hexadecimal digits, codes as text,
times as UTC (`2027-01-31T00:00:00Z`) or nanoseconds, kinds of commands by the command's name, roles by their names
(`custody+finance`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from typing import Any

from tarazy.domain import records
from tarazy.domain.records import COMMANDS, LAYOUT
from tarazy.facility.officers.errors import CommandTextError, nearest, shown
from tarazy.facility.officers.roles import roles_from, roles_text

BITS = {"u8": 8, "u16": 16, "u32": 32, "u64": 64, "u128": 128}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
YEAR_10000_US = 253_402_300_800 * 1_000_000
NAMES = {kind.__name__: number for number, kind in COMMANDS.items()}
OPTIONAL = {
    *("cap_exempt", "exemptible", "limit_class", "limit_residency", "next_market_state", "side_filter", "signed_only"),
}
Values = Mapping[str, object]


def command_from(name: str, values: Values) -> Any:
    """Return the command of this name with these values; its time is left to the sequencer.

    Raises: CommandTextError, which names the nearest right word.
    """
    if name not in NAMES:
        raise CommandTextError(
            "command", expected="a command's name", found=shown(name), action=nearest(name, [*NAMES])
        )
    fields = {field: (wire, enum) for field, wire, enum, _ in LAYOUT[name] if field != "ts_ns"}
    for field in values:
        if field not in fields:
            action = nearest(field, [*fields]) if fields else f"{name} has no fields"
            raise CommandTextError(name, expected="a field of it", found=shown(field), action=action)
    missing = [field for field in fields if field not in values and field not in OPTIONAL]
    if missing:
        found = f"no {', '.join(missing)}"
        raise CommandTextError(name, expected="every field", found=found, action="Give 0 where a field has no value")
    given = {field: value_from(f"{name}.{field}", field, *fields[field], values[field]) for field in values}
    return COMMANDS[NAMES[name]](**given)


def text_from(command: Any) -> dict[str, object]:
    """Return a command's name and its fields as text, the opposite of `command_from`."""
    name = type(command).__name__
    told: dict[str, object] = {"command": name}
    for field, wire, enum, _ in LAYOUT[name]:
        value = getattr(command, field)
        if field != "ts_ns" and not (field in OPTIONAL and value == 0):
            told[field] = value_text(field, wire, enum, value)
    return told


def value_from(where: str, field: str, wire: str, enum: str | None, value: object) -> int | bytes:
    """Return a field's value from text.

    Raises: CommandTextError.
    """
    if enum is not None:
        return _enum(where, _enum_type(enum), value)
    if wire == "bytes32":
        return _hash(where, value)
    if wire == "ascii16":
        return _code(where, value)
    if is_kind(field):
        return _kind(where, value)
    if field == "officer_roles" and isinstance(value, str) and not value.isdecimal():
        value = roles_from(where, value)
    if field.endswith("_ns") and isinstance(value, str) and not value.isdecimal():
        value = moment_from(where, value)
    return _integer(where, BITS[wire], value)


def value_text(field: str, wire: str, enum: str | None, value: Any) -> object:
    """Return a field's value as text; what has no words stays a number."""
    if enum is not None:
        return next((member.name for member in _enum_type(enum) if member == value), value)
    if wire == "bytes32":
        return value.hex()
    if wire == "ascii16":
        return value.rstrip(b"\0").decode("ascii", "replace")
    if is_kind(field):
        return COMMANDS[value].__name__ if value in COMMANDS else value
    if field == "officer_roles":
        return roles_text(value)
    if field.endswith("_ns") and value and not value % 1_000 and value < YEAR_10000_US * 1_000:
        return moment_text(value)
    return value


def moment_from(where: str, value: str) -> int:
    """Return UTC nanoseconds from a time as text.

    Raises: CommandTextError.
    """
    try:
        moment = datetime.fromisoformat(value.replace("Z", "+00:00"))
    except ValueError:
        moment = EPOCH.replace(tzinfo=None)
    if moment.tzinfo is None:
        raise CommandTextError(where, expected="a time such as 2027-01-31T00:00:00Z", found=shown(value))
    return (moment - EPOCH) // timedelta(microseconds=1) * 1_000


def moment_text(ts_ns: int) -> str:
    """Return UTC nanoseconds as text; they are whole microseconds.

    Raises: ValueError for a time after the year 9999 or below a microsecond.
    """
    micros, rest = divmod(ts_ns, 1_000)
    if rest or not 0 <= micros < YEAR_10000_US:
        raise ValueError(f"expected whole microseconds before the year 10000, found {ts_ns} ns")
    return (EPOCH + timedelta(microseconds=micros)).isoformat().replace("+00:00", "Z")


def is_kind(field: str) -> bool:
    """Say whether a field names a kind of command."""
    return field in ("command_kind", "mandated_kind")


def _enum_type(enum: str) -> type[IntEnum]:
    """Return the enum of this name."""
    found: type[IntEnum] = getattr(records, enum)
    return found


def _enum(where: str, kind: type[IntEnum], value: object) -> int:
    """Return an enum's number from its name."""
    names = [member.name for member in kind]
    if value not in names:
        found = shown(value)
        raise CommandTextError(
            where, expected=f"one of {', '.join(names)}", found=found, action=nearest(str(value), names)
        )
    return int(kind[str(value)])


def _hash(where: str, value: object) -> bytes:
    """Return 32 bytes from hexadecimal digits."""
    try:
        digest = bytes.fromhex(value) if isinstance(value, str) else b""
    except ValueError:
        digest = b""
    if len(digest) != 32:
        action = "It is the SHA-256 of the document"
        raise CommandTextError(where, expected="64 hexadecimal digits", found=shown(value), action=action)
    return digest


def _code(where: str, value: object) -> bytes:
    """Return a code of at most 16 letters, padded."""
    if not isinstance(value, str) or len(value) > 16 or not value.isascii() or not value.isprintable():
        raise CommandTextError(where, expected="a code of at most 16 ASCII letters", found=shown(value))
    return value.encode().ljust(16, b"\0")


def _kind(where: str, value: object) -> int:
    """Return a command's number from its name."""
    if value not in NAMES:
        action = nearest(str(value), [*NAMES])
        raise CommandTextError(where, expected="the name of a command", found=shown(value), action=action)
    return NAMES[str(value)]


def _integer(where: str, bits: int, value: object) -> int:
    """Return an integer that fits."""
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) <= 40:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 1 << bits:
        expected = f"a whole number from 0 to {(1 << bits) - 1}"
        raise CommandTextError(where, expected=expected, found=shown(value))
    return value
