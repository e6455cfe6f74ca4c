"""Drafts collect signatures; a draft that was changed, or that is not well formed, says what is wrong with it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tarazy.domain.instructions import signed_bytes
from tarazy.domain.records import AdmitAsset, SuspendAsset
from tarazy.domain.signer import KeySigner
from tarazy.facility.officers import drafts as d
from tarazy.facility.officers.errors import DraftError
from tarazy.journal.signatures import is_signed

KEYS = [KeySigner.from_seed(bytes([number]) * 32) for number in (1, 2, 3)]
OFFICERS = tuple(d.DraftSigner(number, key.public_key) for number, key in zip((4, 7), KEYS, strict=False))
UNTIL_NS = 1_800_000_000_000_000_000
COMMANDS = (AdmitAsset(0, 1, bytes([9]) * 32), SuspendAsset(0, 2, bytes([8]) * 32))
DRAFT = d.Draft("Honest Venue", bytes(range(16)), 77, UNTIL_NS, OFFICERS, COMMANDS, (d.Document("a.pdf", bytes(32)),))


def complete() -> d.Draft:
    """Return the draft with both signatures."""
    return d.sign_draft(d.sign_draft(DRAFT, KEYS[1]), KEYS[0])


def test_complete_draft_becomes_the_instruction_that_both_signed() -> None:
    draft = complete()
    assert draft.missing == []
    instruction = d.instruction_of(draft)
    message = signed_bytes(DRAFT.facility_id, UNTIL_NS, 77, b"".join(c.pack() for c in COMMANDS), [bytes(32)])
    assert (instruction.officer_id, instruction.approver_id) == (4, 7)
    assert instruction.message(DRAFT.facility_id) == message
    for key, signature in zip(instruction.public_keys, instruction.signatures, strict=True):
        assert is_signed(key, signature, message)


def test_draft_with_one_signature_waits_in_its_file(tmp_path: Path) -> None:
    path = tmp_path / "draft.json"
    d.write_draft(path, DRAFT, new=True)
    d.write_draft(path, d.sign_draft(d.read_draft(path), KEYS[0]), new=False)
    waiting = d.read_draft(path)
    assert waiting.missing == [7]
    with pytest.raises(DraftError, match="every signature, found none of officer 7"):
        d.instruction_of(waiting)
    assert list(tmp_path.iterdir()) == [path]


def test_one_officer_is_enough_where_one_is_named() -> None:
    alone = d.sign_draft(DRAFT._replace(officers=OFFICERS[:1]), KEYS[0])
    instruction = d.instruction_of(alone)
    assert (instruction.officer_id, instruction.approver_id, len(instruction.signatures)) == (4, 0, 1)


def test_strangers_key_and_a_second_signature_of_the_same_officer_are_refused() -> None:
    with pytest.raises(DraftError, match=f"found {KEYS[2].public_key.hex()}"):
        d.sign_draft(DRAFT, KEYS[2])
    with pytest.raises(DraftError, match="an officer who has not signed, found officer 4"):
        d.sign_draft(d.sign_draft(DRAFT, KEYS[0]), KEYS[0])


def test_new_draft_never_takes_the_place_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "draft.json"
    path.write_text("mine")
    with pytest.raises(DraftError, match="Choose another name"):
        d.write_draft(path, DRAFT, new=True)
    assert path.read_text() == "mine"
    assert list(tmp_path.iterdir()) == [path]


Change = Callable[[dict[str, Any]], object]
CHANGES: dict[str, tuple[Change, str]] = {
    "a command's field": (lambda j: j["commands"][0].update(asset_id=2), "changed after it was drafted"),
    "a command more": (lambda j: j["commands"].append(j["commands"][0]), "changed after it was drafted"),
    "the order of commands": (lambda j: j["commands"].reverse(), "changed after it was drafted"),
    "the number": (lambda j: j.update(instruction_number=78), "changed after it was drafted"),
    "the end of validity": (lambda j: j.update(valid_until="2028-01-15T08:00:01Z"), "changed after it was drafted"),
    "the facility": (lambda j: j.update(facility_id="00" * 16), "changed after it was drafted"),
    "a document": (lambda j: j["documents"][0].update(sha256="01" * 32), "changed after it was drafted"),
    "a document less": (lambda j: j["documents"].clear(), "changed after it was drafted"),
    "an officer's key": (lambda j: j["officers"][0].update(public_key="02" * 32), "the signature of officer 4"),
    "a signature": (lambda j: j["signatures"][0].update(signature="00" * 64), "the signature of officer 7"),
    "whose signature": (lambda j: j["signatures"][0].update(officer_id=4), "at most one of each"),
    "a stranger's signature": (lambda j: j["signatures"][0].update(officer_id=5), "at most one of each"),
    "a third officer": (
        lambda j: j["officers"].append({"officer_id": 9, "public_key": "01" * 32}),
        "one officer or two",
    ),
    "one officer twice": (lambda j: j["officers"][1].update(officer_id=4), "one officer or two different ones"),
    "no officer": (lambda j: j["officers"].clear(), "one officer or two"),
    "no command": (lambda j: j["commands"].clear(), "1 to 4095 commands"),
    "a field's name": (lambda j: j["commands"][0].update(aset_id=1), "The nearest is asset_id"),
    "a command's name": (lambda j: j["commands"][0].update(command="AdmitAssets"), "The nearest is AdmitAsset"),
    "a command without a name": (lambda j: j["commands"][0].pop("command"), 'objects with a "command"'),
    "a field of the draft": (lambda j: j.update(comands=[]), "The nearest is commands"),
    "a field less": (lambda j: j.pop("documents"), "the field 'documents', found none"),
    "the format": (lambda j: j.update(format="other"), "tarazy instruction 1"),
    "a list": (lambda j: j.update(officers={}), "officers|a list"),
    "a number's type": (lambda j: j.update(instruction_number="77"), "a whole number"),
    "a text's type": (lambda j: j.update(facility=7), "a printable text"),
    "control characters": (lambda j: j.update(facility="a\x1b[2Jb"), "a printable text"),
    "a hash's length": (lambda j: j.update(digest="00"), "64 hexadecimal digits"),
    "a time": (lambda j: j.update(valid_until="tomorrow"), "a time such as"),
}


@pytest.mark.parametrize("what", CHANGES)
def test_changed_draft_is_refused_and_says_why(tmp_path: Path, what: str) -> None:
    change, words = CHANGES[what]
    document = json.loads(json.dumps(d.draft_as_json(complete())))
    change(document)
    path = tmp_path / "draft.json"
    path.write_text(json.dumps(document))
    with pytest.raises(DraftError, match=words) as caught:
        d.read_draft(path)
    assert str(caught.value).startswith(str(path))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "a JSON object"),
        ("[]", "an object"),
        ("[" * 200_000, "a JSON object"),
        ('{"a": 1, "a": 2}', "'a' twice"),
        ('{"format": 1.5}', "whole numbers, found '1.5'"),
        ('{"format": Infinity}', "whole numbers, found 'Infinity'"),
        ("\udcff", "a JSON object"),
    ],
)
def test_what_is_no_draft_is_said_so(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "draft.json"
    path.write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(DraftError, match=words):
        d.read_draft(path)


def test_endless_file_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "draft.json"
    with path.open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(DraftError, match="at most 8388608 bytes"):
        d.read_draft(path)


def test_pipe_and_link_are_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    for name, found in (("pipe", "a FIFO"), ("link", "a link")):
        with pytest.raises(DraftError, match=f"expected a plain file, found {found}"):
            d.read_draft(tmp_path / name)
