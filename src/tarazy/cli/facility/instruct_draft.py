"""`tarazy instruct draft FILE --facility DIR --officer N [--approver N] --command NAME FIELD=VALUE ...`.

Several commands have a `--command` each, or come from a JSON file. A value `@PATH` is the SHA-256 of that file, which
the draft then lists among its documents. Who may sign is looked up in the facility's record, so that a
draft that the venue would refuse for its signers is not written in the first place.
"""

from __future__ import annotations

import argparse
import secrets
import time
from pathlib import Path
from typing import Any

from tarazy.cli.arguments import positive
from tarazy.cli.errors import CliError
from tarazy.cli.facility.digests import file_digest
from tarazy.cli.facility.instruct_show import show_draft
from tarazy.cli.journal.seek import reference_state
from tarazy.cli.output import Output
from tarazy.cli.words import Words
from tarazy.domain.records import (
    PRIVILEGES,
    ROLE_COMPLIANCE,
    ROLE_MACHINE,
    ROLE_OPERATIONS,
    CommandKind,
    OfficerState,
    ParameterTable,
)
from tarazy.facility.officers.command_text import command_from
from tarazy.facility.officers.drafts import Document, Draft, DraftSigner, command_of, draft_as_json, write_draft
from tarazy.facility.officers.errors import DraftError
from tarazy.facility.officers.json_text import load_json
from tarazy.facility.officers.roles import roles_text
from tarazy.journal.identity import Identity, load_identity
from tarazy.spec.authority import signers_needed
from tarazy.spec.instructions import VALIDITY_MAX_MS
from tarazy.spec.state import State
from tarazy.spec.state_parts import Officer

MS_PER_HOUR = 3_600_000
HOURS_MAX = 366 * 24
# What a client does by itself, and an officer for it: under an instruction that names the paper with the reason.
ON_BEHALF = (CommandKind.cancel_order, CommandKind.cancel_all, CommandKind.cancel_order_list)
ON_BEHALF_ROLES = ROLE_OPERATIONS | ROLE_COMPLIANCE
JSON_BYTES_MAX = 1 << 23
JSON_WORDS = {
    dict: "an object",
    str: "a text",
    int: "a number",
    float: "a number",
    bool: "true or false",
    type(None): "null",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    parser.add_argument("file", type=Path, metavar="FILE", help="the draft to write; an existing file stays")
    parser.add_argument("--facility", type=Path, required=True, metavar="DIR", help="folder of the facility's journal")
    parser.add_argument("--officer", type=positive, required=True, metavar="N", help="number of the officer who acts")
    parser.add_argument("--approver", type=positive, metavar="N", help="number of the second officer")
    parser.add_argument("--hours", type=at_most_a_year, default=24, metavar="N", help="how long it is valid (24)")
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
    state = reference_state(arguments.facility)
    documents: list[Path] = list(arguments.document)
    commands = read_commands(arguments, documents)
    officers = [find_officer(state, number) for number in (arguments.officer, arguments.approver) if number]
    check_signers(state, commands, officers, has_paper=bool(documents))
    papers = tuple(document_of(path) for path in documents)
    draft = new_draft(identity, state, officers, commands, papers, arguments.hours)
    write_draft(arguments.file, draft, new=True)
    show_draft(output, draft, Words(state))
    warn_of_validity(output, state, arguments.hours)
    output.say(f"\nwrote {arguments.file}; each officer signs with: tarazy instruct sign {arguments.file} --key KEY")
    output.result({"file": str(arguments.file), "draft": draft_as_json(draft)})
    return 0


def new_draft(
    identity: Identity,
    state: State,
    officers: list[Officer],
    commands: list[Any],
    documents: tuple[Document, ...],
    hours: int,
) -> Draft:
    """Return a draft without signatures, valid for so many hours from now."""
    until_s = time.time_ns() // 10**9 + hours * 3_600
    return Draft(
        facility=identity.name,
        facility_id=identity.facility_id,
        instruction_number=secrets.randbits(63) or 1,
        valid_until_ns=until_s * 10**9,
        officers=tuple(DraftSigner(officer.officer_id, officer.public_key) for officer in officers),
        commands=tuple(commands),
        documents=documents,
        known_seq=state.next_seq - 1,
    )


def read_commands(arguments: argparse.Namespace, documents: list[Path]) -> list[Any]:
    """Return the commands of the command line or of the JSON file; files named by values join `documents`.

    Raises: CliError, CommandTextError.
    """
    if (arguments.command is None) == (arguments.source is None):
        raise CliError("expected one of --command NAME FIELD=VALUE ... and --from JSON, found both or neither")
    if arguments.command is not None:
        return [from_words(words, documents) for words in arguments.command]
    found = read_json(arguments.source)
    if not isinstance(found, list) or not found:
        kind = "an empty one" if found == [] else JSON_WORDS[type(found)]
        raise CliError(f"{arguments.source}: expected a list of commands, found {kind}")
    return [command_of(each) for each in found]


def read_json(path: Path) -> object:
    """Return what a JSON file holds.

    Raises: CliError.
    """
    with open(path, "rb") as file:
        text = file.read(JSON_BYTES_MAX + 1)
    if len(text) > JSON_BYTES_MAX:
        raise CliError(f"{path}: expected JSON of at most {JSON_BYTES_MAX:,} bytes, found more; make several drafts")
    try:
        return load_json(text)
    except DraftError as error:
        raise CliError(f"{path}: expected {error.expected}, found {error.found}") from None
    except ValueError as error:
        raise CliError(f"{path}: expected JSON, found {error}") from None


def warn_of_validity(output: Output, state: State, hours: int) -> None:
    """Say where the venue will not take an instruction yet, because its validity ends too late."""
    validity_ms = state.parameter(ParameterTable.instruction_validity_max_ms, 0) or VALIDITY_MAX_MS
    if hours * MS_PER_HOUR > validity_ms:
        last = validity_ms // MS_PER_HOUR
        output.warn(f"the venue takes this instruction only in the last {last:,} hours of its validity")


def at_most_a_year(text: str) -> int:
    """Return how many hours a draft is valid."""
    number = positive(text)
    if number > HOURS_MAX:
        raise argparse.ArgumentTypeError(f"expected at most {HOURS_MAX}, found {number}")
    return number


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


def document_of(path: Path) -> Document:
    """Return a file that the signers have read, by a name that every one of them can read.

    Raises: CliError.
    """
    if not path.name.isprintable():
        raise CliError(f"expected a document with a printable name, found {path.name!r}; give the file another name")
    return Document(path.name, file_digest(path))


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


def check_signers(state: State, commands: list[Any], officers: list[Officer], *, has_paper: bool = False) -> None:
    """Refuse a command that these people could not sign into force. What machines may do, their mandates say.

    Raises: CliError.
    """
    if len({officer.officer_id for officer in officers}) < len(officers):
        raise CliError("expected two different officers, found the same one twice")
    for command in commands:
        record, name = command.pack(), type(command).__name__
        kind = int.from_bytes(record[:2], "little")
        if kind in ON_BEHALF:
            check_on_behalf(name, officers, has_paper=has_paper)
            continue
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


def check_on_behalf(name: str, officers: list[Officer], *, has_paper: bool) -> None:
    """Refuse to cancel for a client without a role for it, or without a paper that says why.

    Raises: CliError.
    """
    if not has_paper:
        raise CliError(f"{name} for a client: expected --document with the reason, found none")
    for officer in officers:
        if not officer.officer_roles & ON_BEHALF_ROLES:
            found = f"officer {officer.officer_id} with {roles_text(officer.officer_roles)}"
            raise CliError(f"{name} for a client: expected one of {roles_text(ON_BEHALF_ROLES)}, found {found}")
