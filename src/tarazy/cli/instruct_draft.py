"""`tarazy instruct draft FILE --facility DIR --officer N [--approver N] --command NAME FIELD=VALUE ...`.

Several commands have a `--command` each, or come from a JSON file. A value `@PATH` is the SHA-256 of that file, which
the draft then lists among its documents. Who may sign is looked up in the facility's record, so that a
draft that the venue would refuse for its signers is not written in the first place.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import secrets
import time
from pathlib import Path
from typing import Any

from tarazy.cli.arguments import positive
from tarazy.cli.errors import CliError
from tarazy.cli.instruct_show import show_draft
from tarazy.cli.output import Output
from tarazy.cli.seek import last_seq, venue_after
from tarazy.cli.words import Words
from tarazy.domain.records import PRIVILEGES, ROLE_MACHINE, OfficerState
from tarazy.facility.officers.command_text import command_from
from tarazy.facility.officers.drafts import Document, Draft, Signer, command_of, draft_as_json, write_draft
from tarazy.facility.officers.roles import roles_text
from tarazy.journal.identity import load_identity
from tarazy.spec.authority import signers_needed
from tarazy.spec.state import State
from tarazy.spec.state_parts import Officer

NS_PER_HOUR = 3_600 * 10**9
JSON_BYTES_MAX = 1 << 23


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    parser.add_argument("file", type=Path, metavar="FILE", help="the draft to write; an existing file stays")
    parser.add_argument("--facility", type=Path, required=True, metavar="DIR", help="folder of the facility's journal")
    parser.add_argument("--officer", type=positive, required=True, metavar="N", help="number of the officer who acts")
    parser.add_argument("--approver", type=positive, metavar="N", help="number of the second officer")
    parser.add_argument("--hours", type=positive, default=24, metavar="N", help="how long it is valid (24)")
    parser.add_argument(
        "--document", type=Path, action="append", default=[], metavar="PATH", help="a file that the signers have read"
    )
    parser.add_argument(
        "--command", nargs="+", action="append", metavar="WORD", help="a command's name and its FIELD=VALUE; repeat it"
    )
    parser.add_argument("--from", type=Path, dest="source", metavar="JSON", help="a file with a list of commands")


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Write one draft."""
    identity = load_identity(arguments.facility)
    state = venue_after(arguments.facility, last_seq(arguments.facility)).state
    documents: list[Path] = list(arguments.document)
    commands = read_commands(arguments, documents)
    officers = [find_officer(state, number) for number in (arguments.officer, arguments.approver) if number]
    check_signers(state, commands, officers)
    until_s = time.time_ns() // 10**9 + arguments.hours * 3_600
    draft = Draft(
        facility=identity.name,
        facility_id=identity.facility_id,
        instruction_number=secrets.randbits(63) or 1,
        valid_until_ns=until_s * 10**9,
        officers=tuple(Signer(officer.officer_id, officer.public_key) for officer in officers),
        commands=tuple(commands),
        documents=tuple(Document(path.name, file_digest(path)) for path in documents),
    )
    write_draft(arguments.file, draft, new=True)
    show_draft(output, draft, Words(state))
    output.say(f"\nwrote {arguments.file}; each officer signs with: tarazy instruct sign {arguments.file} --key KEY")
    output.result({"file": str(arguments.file), "draft": draft_as_json(draft)})
    return 0


def read_commands(arguments: argparse.Namespace, documents: list[Path]) -> list[Any]:
    """Return the commands of the command line or of the JSON file; files named by values join `documents`.

    Raises: CliError, CommandTextError.
    """
    if (arguments.command is None) == (arguments.source is None):
        raise CliError("expected one of --command NAME FIELD=VALUE ... and --from JSON, found both or neither")
    if arguments.command is not None:
        return [from_words(words, documents) for words in arguments.command]
    with open(arguments.source, "rb") as file:
        text = file.read(JSON_BYTES_MAX)
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise CliError(f"{arguments.source}: expected JSON, found {error}") from None
    if not isinstance(found, list) or not found:
        raise CliError(f"{arguments.source}: expected a list of commands, found {type(found).__name__}")
    return [command_of(each) for each in found]


def from_words(words: list[str], documents: list[Path]) -> Any:
    """Return the command of its words."""
    values: dict[str, object] = {}
    for word in words[1:]:
        field, equals, value = word.partition("=")
        if not equals:
            raise CliError(f"expected FIELD=VALUE after {words[0]}, found {word!r}")
        if field in values:
            raise CliError(f"expected {field} once, found it twice")
        if value.startswith("@"):
            path = Path(value[1:])
            if path not in documents:
                documents.append(path)
            value = file_digest(path).hex()
        values[field] = value
    return command_from(words[0], values)


def file_digest(path: Path) -> bytes:
    """Return the SHA-256 of a file."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def find_officer(state: State, number: int) -> Officer:
    """Return an active officer of the record.

    Raises: CliError.
    """
    known = state.authority.officers
    if number > len(known):
        raise CliError(f"expected an officer from 1 to {len(known)}, found {number}; see tarazy officer list")
    officer = known[number - 1]
    if officer.officer_state != OfficerState.active:
        found = OfficerState(officer.officer_state).name
        raise CliError(f"expected an active officer, found officer {number} {found}; see tarazy officer list")
    return officer


def check_signers(state: State, commands: list[Any], officers: list[Officer]) -> None:
    """Refuse a command that these people could not sign into force. What machines may do, their mandates say.

    Raises: CliError.
    """
    if len({officer.officer_id for officer in officers}) < len(officers):
        raise CliError("expected two different officers, found the same one twice")
    for command in commands:
        record, name = command.pack(), type(command).__name__
        kind = int.from_bytes(record[:2], "little")
        if kind not in PRIVILEGES:
            raise CliError(f"expected a command that needs an officer, found {name}, which needs none")
        if any(officer.officer_roles & ROLE_MACHINE for officer in officers):
            continue
        roles = PRIVILEGES[kind].roles
        for officer in officers:
            if not officer.officer_roles & roles:
                found = f"officer {officer.officer_id} with {roles_text(officer.officer_roles)}"
                raise CliError(f"{name}: expected an officer with one of {roles_text(roles)}, found {found}")
        needed = signers_needed(kind, record, PRIVILEGES[kind])
        if needed > len(officers):
            raise CliError(f"{name}: expected {needed} officers, found {len(officers)}; give --approver")
