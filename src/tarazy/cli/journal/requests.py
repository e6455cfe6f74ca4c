"""What a record and its clients' signed requests come to, said for people and for programs.

`tarazy verify DIR --requests` checks all of them; `tarazy explain DIR SEQ` shows the one behind a command.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tarazy.cli.engines import fastest, load_engine
from tarazy.cli.output import Output
from tarazy.cli.words import counted
from tarazy.domain.records import RECORD_SIZE, CommandKind, ExecuteBlockTrade, RegisterClientKey
from tarazy.journal.frame import FrameKind
from tarazy.journal.reader import JournalReader
from tarazy.journal.sections import RequestReference, decode_references
from tarazy.oversight.requests.checking import RequestsReport
from tarazy.oversight.requests.consent import ConsentError, ConsentParty, decode_consent
from tarazy.oversight.requests.document import RequestDocument, RequestDocumentError, decode_document
from tarazy.oversight.requests.request_files import find_request
from tarazy.oversight.requests.verify_requests import frames_up_to, kinds_of, verify_requests

NOT_FOLLOWED = 5
ACCOUNTS_SHOWN = 20
PROVES = (
    "Proven: the operator neither made up nor altered the signed commands; each request was ordered at most once, by a "
    "key that the record had in force."
)
LIMITS = (
    "Not proven: that no request was left out; that a key is the client's, which compares its public key itself; and, "
    "as the dialect signs neither method nor path, that a question was not shown as a cancel or a test as an order."
)


def check_requests(directory: Path, output: Output) -> RequestsReport:
    """Check a journal against its clients' requests, with the fastest engine there is."""
    with output.progress() as bar:
        task = bar.add_task("requests", total=None)
        engine = load_engine(fastest())()
        return verify_requests(directory, engine, lambda done: bar.update(task, completed=done))


def show_requests(output: Output, report: RequestsReport) -> None:
    """Print what was found."""
    style = "bold" if report.ok else "bold red"
    output.say("signed requests: all followed" if report.ok else "signed requests: NOT FOLLOWED", style=style)
    output.say(
        f"{counted(report.signed, 'command')} of signed requests, {report.unsigned:,} without one, "
        f"{report.by_officers:,} by officers; {counted(sum(report.faults.values()), 'fault')}"
    )
    for account_id in sorted(report.signed_of)[:ACCOUNTS_SHOWN]:
        unsigned = report.unsigned_of[account_id]
        output.say(f"  account {account_id}: {report.signed_of[account_id]:,} signed, {unsigned:,} without a request")
    for finding in report.findings:
        output.say(f"  command {finding.seq:,}, account {finding.account_id}: {finding.fault.value}", style="red")
        output.say(f"    expected {finding.expected}")
        output.say(f"    found {finding.found}")
    output.say(PROVES if report.ok else "The commands above do not follow from what the clients signed.")
    output.say(LIMITS)


def requests_as_json(report: RequestsReport) -> dict[str, Any]:
    """Return what was found for programs."""
    return {
        "ok": report.ok,
        "signed": report.signed,
        "unsigned": report.unsigned,
        "by_officers": report.by_officers,
        "accounts": {
            str(account_id): {"signed": count, "unsigned": report.unsigned_of[account_id]}
            for account_id, count in sorted(report.signed_of.items())
        },
        "faults": dict(sorted(report.faults.items())),
        "findings": [finding.plain() for finding in report.findings],
        "not_proven": LIMITS,
    }


# ---------------------------------------------------------------- one command
def request_behind(directory: Path, seq: int, record: bytes) -> dict[str, Any]:
    """Return what stands behind one command: its reference, the kept request, and which registered key signed it.

    Empty where the record names no request. Whether the command is what the request asks for, `verify --requests` says.
    """
    reference = reference_of(directory, seq)
    if reference is None:
        return {}
    parties = consent_behind(directory, seq, record)
    return request_named(directory, seq, reference) | ({"consent": parties} if parties else {})


def request_named(directory: Path, seq: int, reference: RequestReference) -> dict[str, Any]:
    """Return the request that the record names beside a command."""
    found: dict[str, Any] = {"text": reference.text, "hash": reference.request_hash, "client_key_id": None}
    keys = registrations(directory, reference.key_id, seq)
    if not keys:
        return found
    document = kept_document(directory, reference.request_hash)
    key = next((key for key in keys if document is not None and document.is_signed_by(key.public_key)), None)
    found |= {"client_key_id": reference.key_id, "kept": document is not None, "signature_valid": key is not None}
    if document is not None:
        target = f"{document.channel} {document.method} {document.path}"
        found |= {"target": target, "payload": document.payload.decode("latin-1")}
    return found | ({"public_key": key.public_key} if key is not None else {})


def consent_behind(directory: Path, seq: int, record: bytes) -> list[dict[str, Any]]:
    """Return who asked for a quote and who quoted, by the consent that a trade off the book names; else nothing."""
    if int.from_bytes(record[:2], "little") != CommandKind.execute_block_trade:
        return []
    data = find_request(directory, ExecuteBlockTrade.unpack(record).consent_hash)
    try:
        consent = decode_consent(data or b"")
    except ConsentError:
        return []
    named = (("request for a quote", consent.request), ("quote", consent.quote))
    return [party_behind(directory, seq, what, party) for what, party in named]


def party_behind(directory: Path, seq: int, what: str, party: ConsentParty) -> dict[str, Any]:
    """Return one of the requests in a consent; whether its signature is valid is None where no key on record signed."""
    keys = registrations(directory, party.key_number, seq) if party.key_number else []
    document = kept_document(directory, party.request_hash)
    is_signed = document is not None and any(document.is_signed_by(key.public_key) for key in keys)
    return {
        "request": what,
        "account": party.account_id,
        "client_key_id": party.key_number or None,
        "hash": party.request_hash,
        "signature_valid": is_signed if keys else None,
    }


def party_line(party: dict[str, Any]) -> str:
    """Return one of the requests in a consent in words."""
    said = {True: "signed by", False: "NOT SIGNED by"}.get(party["signature_valid"])
    how = f"{said} key {party['client_key_id']} of the client" if said else "not signed by a key on record"
    return f"{party['request']} of account {party['account']}: {how}"


def request_lines(found: dict[str, Any]) -> list[str]:
    """Return what stands behind a command in words."""
    return [*own_lines(found), *map(party_line, found.get("consent", ()))]


def own_lines(found: dict[str, Any]) -> list[str]:
    """Return what stands behind a command in words."""
    if not found or found["client_key_id"] is None:
        return ["not signed by a key on record: this rests on the operator's word"]
    named = f"key {found['client_key_id']} of the client"
    if not found["kept"]:
        return [f"the record names a request of {named}, and it is NOT KEPT: {found['hash'].hex()}"]
    said = f"signed by {named}" if found["signature_valid"] else f"NOT SIGNED by {named}"
    return [
        f"{said}: {found['target']}",
        found["payload"],
        "`tarazy verify DIR --requests` holds the command against it",
    ]


def reference_of(directory: Path, seq: int) -> RequestReference | None:
    """Return the reference beside a command."""
    for frame in frames_up_to(directory, seq):
        if frame.header.kind == FrameKind.commands and seq < frame.header.next_seq:
            entries = decode_references(frame.references, frame.header.command_count)
            return next((each for each in entries if frame.header.first_seq + each.command_index == seq), None)
    return None


def registrations(directory: Path, key_id: int, seq: int) -> list[RegisterClientKey]:
    """Return what was asked to be registered under a key's number before a command; one of them at most was taken."""
    found: list[RegisterClientKey] = []
    for frame in JournalReader(directory):
        if frame.header.first_seq > seq:
            break
        if frame.header.kind != FrameKind.commands:
            continue
        for index, kind in enumerate(kinds_of(frame.commands)):
            if kind != CommandKind.register_client_key:
                continue
            command = RegisterClientKey.unpack(frame.commands, index * RECORD_SIZE)
            if command.client_key_id == key_id and frame.header.first_seq + index < seq:
                found.append(command)
    return found


def kept_document(directory: Path, digest: bytes) -> RequestDocument | None:
    """Return the request of a hash, None where it is not kept or is none."""
    data = find_request(directory, digest)
    try:
        return decode_document(data) if data is not None else None
    except RequestDocumentError:
        return None
