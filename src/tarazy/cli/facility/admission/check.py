"""`tarazy facility admission check DIR`: admissions past the committee, lists and papers that are missing or stale."""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.table import Table

from tarazy.cli.facility.admission.arguments import add_facility_folder, open_admission
from tarazy.cli.journal.seek import command_frames, reference_state
from tarazy.cli.output import Output
from tarazy.domain.records import RECORD_SIZE, AdmitAsset, CommandKind
from tarazy.facility.admission.checks import AdmissionSeen, AssetSeen, admission_findings
from tarazy.facility.admission.gate import code_text

ADMIT = int(CommandKind.admit_asset).to_bytes(2, "little")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    add_facility_folder(parser)
    parser.add_argument("--asof", metavar="DATE", help="the day (today, UTC)")


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Check it; 1 where something grave was found."""
    state = reference_state(arguments.directory)
    assets = {
        each.asset_id: AssetSeen(each.asset_kind, code_text(each.asset_code), each.asset_status)
        for each in state.assets
    }
    with open_admission(arguments.directory, reads_only=True, state=state) as desk:
        day = arguments.asof or desk.today
        seen = [each for each in admissions(arguments.directory) if each.asset_id in assets]
        found = admission_findings(desk, seen, assets, day)
    table = Table("finding", "grade", "expected", "found", "rule", title=f"Admission and disclosures on {day}")
    for each in found:
        table.add_row(each.code, each.grade, each.expected, each.found, each.rule)
    output.show(table)
    grave = sum(each.grade == "high" for each in found)
    output.say(f"{len(found)} findings, {grave} of them grave")
    output.result({"asof": day, "findings": [each.plain() for each in found], "grave": grave})
    return 1 if grave else 0


def admissions(directory: Path) -> list[AdmissionSeen]:
    """Return every command of a record that admits an asset, whether it was refused or not."""
    found = []
    for frame in command_frames(directory):
        if ADMIT not in frame.commands:
            continue
        for at in range(0, len(frame.commands), RECORD_SIZE):
            if frame.commands[at : at + 2] == ADMIT:
                command = AdmitAsset.unpack(frame.commands, at)
                found.append(AdmissionSeen(command.asset_id, command.ts_ns, command.decision_hash.hex()))
    return found
