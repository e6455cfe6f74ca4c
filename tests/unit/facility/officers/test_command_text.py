"""Commands as text: every command goes to text and back, and every slip is answered with the nearest right word."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from tarazy.domain.records import COMMANDS, LAYOUT, AdmitAsset, CommandKind, GrantMandate, SetMarketState
from tarazy.facility.officers.command_text import OPTIONAL, command_from, moment_from, moment_text, text_from
from tarazy.facility.officers.errors import CommandTextError
from tests.house.repository import ROOT

HASH = "ab" * 32


def filled(kind: int) -> Any:
    """Return a command with a value in every field."""
    values: dict[str, Any] = {}
    for place, (field, wire, enum, _) in enumerate(LAYOUT[COMMANDS[kind].__name__], 1):
        if field == "ts_ns":
            continue
        values[field] = place
        if enum is not None or field in ("mandated_kind", "command_kind"):
            values[field] = 1
        elif wire == "bytes32":
            values[field] = bytes([place]) * 32
        elif wire == "ascii16":
            values[field] = b"CODE" + bytes(12)
        elif field.endswith("_ns"):
            values[field] = 1_700_000_000_000_000_000 + place * (1_000 if place % 2 else 1)
    return COMMANDS[kind](**values)


@pytest.mark.parametrize("kind", COMMANDS)
def test_every_command_goes_to_text_and_back(kind: int) -> None:
    command = filled(kind)
    text = text_from(command)
    assert text.pop("command") == type(command).__name__
    assert command_from(type(command).__name__, text) == command
    assert command_from(type(command).__name__, {field: str(value) for field, value in text.items()}) == command


def test_optional_fields_are_those_of_the_schema() -> None:
    schema = tomllib.loads((ROOT / "schemas" / "journal" / "records.toml").read_text())
    assert {name for name, field in schema["fields"].items() if field.get("optional")} == OPTIONAL
    halted = command_from("SetMarketState", {"market_state": "halted", "market_id": 1, **dict.fromkeys(REST, 0)})
    assert halted == SetMarketState(5, 0, 0, 1)


REST = ("reference_price_ticks", "auction_end_ns")


@pytest.mark.parametrize(
    ("name", "values", "words"),
    [
        ("AdmitAset", {}, "The nearest is AdmitAsset"),
        ("admitasset", {}, "The nearest is AdmitAsset"),
        ("Qqqq", {}, "There are: RegisterAsset"),
        (
            "AdmitAsset",
            {"asset": 1, "decision_hash": HASH},
            "AdmitAsset: expected a field of it, found 'asset'. .*asset_id",
        ),
        ("AdmitAsset", {"asset_id": 1}, "every field, found no decision_hash"),
        ("AdmitAsset", {"asset_id": 1, "decision_hash": HASH, "ts_ns": 5}, "found 'ts_ns'"),
        (
            "AdmitAsset",
            {"asset_id": "one", "decision_hash": HASH},
            "AdmitAsset.asset_id: expected a whole number from 0 to",
        ),
        ("AdmitAsset", {"asset_id": -1, "decision_hash": HASH}, "found -1"),
        ("AdmitAsset", {"asset_id": 1 << 32, "decision_hash": HASH}, "from 0 to 4294967295"),
        ("AdmitAsset", {"asset_id": True, "decision_hash": HASH}, "found True"),
        ("AdmitAsset", {"asset_id": 1, "decision_hash": HASH[:-1]}, "64 hexadecimal digits"),
        ("AdmitAsset", {"asset_id": 1, "decision_hash": 7}, "64 hexadecimal digits, found 7"),
        ("SetAccountState", {"account_state": "freezed", "account_id": 1, "decision_hash": HASH}, "nearest is frozen"),
        ("SetAccountState", {"account_state": 3, "account_id": 1, "decision_hash": HASH}, "one of active, restricted"),
    ],
)
def test_slip_is_answered_with_what_is_right(name: str, values: dict[str, Any], words: str) -> None:
    with pytest.raises(CommandTextError, match=words):
        command_from(name, values)


def test_mandate_names_its_kind_and_its_end_in_words() -> None:
    text = {
        "signers_needed": 2,
        "mandated_kind": "CreditDeposit",
        "officer_id": 3,
        "asset_id": 1,
        "valid_until_ns": "2027-01-31T00:00:00Z",
        "amount_max_minor": 10**30,
        "day_max_minor": str(10**31),
    }
    mandate = command_from("GrantMandate", text)
    # 31 January 2027 is day 20,849 after 1 January 1970: 57 years of 365 days, 14 leap days and 30 days.
    end_ns = (57 * 365 + 14 + 30) * 86_400 * 10**9
    assert mandate == GrantMandate(2, CommandKind.credit_deposit, 0, 3, 1, end_ns, 10**30, 10**31)
    assert text_from(mandate)["valid_until_ns"] == "2027-01-31T00:00:00Z"
    with pytest.raises(CommandTextError, match=r"the name of a command.*nearest is CreditDeposit"):
        command_from("GrantMandate", {**text, "mandated_kind": "CreditDeposits"})
    for wrong in ("soon", "2027-01-31T00:00:00", "2027-13-31T00:00:00Z"):
        with pytest.raises(CommandTextError, match="a time such as"):
            command_from("GrantMandate", {**text, "valid_until_ns": wrong})


def test_roles_are_named_and_joined() -> None:
    text = {"officer_roles": "custody+finance", "valid_from_ns": 1, "valid_until_ns": 2, "public_key": HASH}
    assert command_from("RegisterOfficer", text).officer_roles == 4 + 8
    assert text_from(command_from("RegisterOfficer", text))["officer_roles"] == "custody+finance"
    with pytest.raises(CommandTextError, match="The nearest is custody"):
        command_from("RegisterOfficer", {**text, "officer_roles": "custodian"})


def test_moments_go_to_text_and_back() -> None:
    for ts_ns in (1_000, 1_700_000_000_000_001_000, 253_402_300_799_999_999_000):
        assert moment_from("here", moment_text(ts_ns)) == ts_ns
    for ts_ns in (1, 253_402_300_800_000_000_000):
        with pytest.raises(ValueError, match="whole microseconds"):
            moment_text(ts_ns)


def test_admission_reads_as_it_was_written() -> None:
    assert text_from(AdmitAsset(0, 3, bytes.fromhex(HASH))) == {
        "command": "AdmitAsset",
        "asset_id": 3,
        "decision_hash": HASH,
    }
