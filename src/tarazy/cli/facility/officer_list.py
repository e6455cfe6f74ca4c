"""`tarazy officer list DIR`: officers with roles and state, and machines' mandates, from the replayed record."""

from __future__ import annotations

import argparse
from typing import Any

from rich.table import Table

from tarazy.cli.arguments import add_journal
from tarazy.cli.journal.seek import reference_state
from tarazy.cli.output import Output
from tarazy.cli.words import Words, enum_word, moment
from tarazy.domain.arithmetic import AMOUNT_MAX
from tarazy.domain.records import COMMANDS
from tarazy.facility.officers.roles import roles_text
from tarazy.spec.state import State
from tarazy.spec.state_parts import Mandate, Officer

FOR_EVER_NS = 253_402_300_800 * 1_000_000_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    add_journal(parser)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """List the officers of one facility."""
    state = reference_state(arguments.directory)
    authority = state.authority
    output.show(officer_table(authority.officers))
    mandates = list(authority.mandates.values())
    if mandates:
        output.say()
        output.show(mandate_table(state, mandates))
    output.result(
        {
            "officers": [officer_as_json(officer) for officer in authority.officers],
            "mandates": [mandate_as_json(mandate) for mandate in mandates],
        }
    )
    return 0


def officer_table(officers: list[Officer]) -> Table:
    """Return the officers for people."""
    table = Table("officer", "public key", "state", "valid until", "roles", box=None, padding=(0, 2, 0, 0))
    table.columns[1].no_wrap = True
    table.columns[1].min_width = 64
    for officer in officers:
        state, roles = enum_word("OfficerState", officer.officer_state), roles_text(officer.officer_roles)
        until = until_text(officer.valid_until_ns)
        table.add_row(str(officer.officer_id), officer.public_key.hex(), state, until, roles.replace("+", ", "))
    return table


def mandate_table(state: State, mandates: list[Mandate]) -> Table:
    """Return the mandates for people."""
    words = Words(state)
    table = Table(
        "mandate",
        "officer",
        "may",
        "signers",
        "at once",
        "a day",
        "used",
        "valid until",
        box=None,
        padding=(0, 2, 0, 0),
    )
    for mandate in mandates:
        amounts = (mandate.amount_max_minor, mandate.day_max_minor, mandate.used_minor)
        table.add_row(
            str(mandate.mandate_id),
            str(mandate.officer_id),
            f"{COMMANDS[mandate.mandated_kind].__name__} {words.asset(mandate.asset_id) if mandate.asset_id else ''}",
            str(mandate.signers_needed),
            *("any" if amount >= AMOUNT_MAX else words.amount(mandate.asset_id, amount) for amount in amounts),
            until_text(mandate.valid_until_ns),
        )
    return table


def until_text(ts_ns: int) -> str:
    """Return an end of validity in words."""
    return "no end" if ts_ns >= FOR_EVER_NS or ts_ns == (1 << 63) - 1 else moment(ts_ns)


def officer_as_json(officer: Officer) -> dict[str, Any]:
    """Return an officer for programs."""
    return {
        "officer_id": officer.officer_id,
        "roles": roles_text(officer.officer_roles).split("+"),
        "state": enum_word("OfficerState", officer.officer_state),
        "valid_from_ns": officer.valid_from_ns,
        "valid_until_ns": officer.valid_until_ns,
        "public_key": officer.public_key,
    }


def mandate_as_json(mandate: Mandate) -> dict[str, Any]:
    """Return a mandate for programs."""
    return {
        "mandate_id": mandate.mandate_id,
        "officer_id": mandate.officer_id,
        "command": COMMANDS[mandate.mandated_kind].__name__,
        "asset_id": mandate.asset_id,
        "signers_needed": mandate.signers_needed,
        "amount_max_minor": mandate.amount_max_minor,
        "day_max_minor": mandate.day_max_minor,
        "used_minor": mandate.used_minor,
        "valid_until_ns": mandate.valid_until_ns,
    }
