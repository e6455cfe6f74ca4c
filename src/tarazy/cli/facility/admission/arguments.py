"""What the verbs of the admission desk share: the desk beside a record, its officers, the assets of the record."""

from __future__ import annotations

import argparse
from pathlib import Path

from tarazy.cli.arguments import add_journal
from tarazy.cli.journal.seek import reference_state
from tarazy.domain.records import OfficerState
from tarazy.facility.admission.desk import AdmissionDesk, DeskOfficer
from tarazy.facility.admission.gate import KnownAsset, code_text
from tarazy.journal.identity import load_identity
from tarazy.spec.state import State


def add_facility_folder(parser: argparse.ArgumentParser) -> None:
    """Declare the facility's folder."""
    add_journal(parser)


def officers_of(state: State) -> dict[int, DeskOfficer]:
    """Return the officers of a record, with the keys and roles that they have now."""
    return {
        each.officer_id: DeskOfficer(
            each.officer_id,
            each.public_key.hex(),
            each.officer_roles,
            each.officer_state == OfficerState.active,
        )
        for each in state.authority.officers
    }


def open_admission(
    directory: Path, *, new: bool = False, reads_only: bool = False, state: State | None = None
) -> AdmissionDesk:
    """Open the desk beside a record. Raises: ActRecordError, JournalError."""
    identity = load_identity(directory)
    officers = officers_of(state or reference_state(directory))
    return AdmissionDesk.open(directory, identity.facility_id, officers, new=new, reads_only=reads_only)


def known_assets(state: State) -> dict[int, KnownAsset]:
    """Return the assets of a record as the gate asks for them."""
    return {each.asset_id: KnownAsset(each.asset_kind, code_text(each.asset_code)) for each in state.assets}


def asset_of(state: State, code: str) -> int | None:
    """Return the number of an asset, None where it is not registered."""
    return next((number for number, each in known_assets(state).items() if each.code == code), None)
