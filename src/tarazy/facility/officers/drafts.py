"""Drafts: an instruction as a JSON file that goes from signer to signer until it is complete.

A draft says everything that is signed in words, and the digest of the exact bytes. Whoever reads it computes the digest
again from the words, so that a file that was changed on its way is noticed, and a signature is only taken together with
the digest that it is over. Signatures are added; nothing else changes. The file is replaced as a whole, never in part.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import secrets
from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from tarazy.domain.instructions import Instruction, InstructionError, signed_bytes
from tarazy.domain.signer import Signer
from tarazy.facility.officers.command_text import command_from, moment_from, moment_text, text_from
from tarazy.facility.officers.errors import CommandTextError, DraftError, file_error, nearest, shown
from tarazy.facility.officers.json_text import load_json
from tarazy.facility.officers.key_files import sync_folder
from tarazy.journal.errors import NotAPlainFileError
from tarazy.journal.opening import open_plain
from tarazy.journal.signatures import is_signed

FORMAT = "tarazy instruction 1"
DRAFT_BYTES_MAX = 1 << 23
FIELDS = (
    "format",
    "facility",
    "facility_id",
    "instruction_number",
    "valid_until",
    "known_seq",
    "officers",
    "commands",
    "documents",
    "digest",
    "signatures",
)


class DraftSigner(NamedTuple):
    """An officer who is to sign, and the key that its facility knows."""

    officer_id: int
    public_key: bytes


class Document(NamedTuple):
    """A file that the signers have read; its name is for them, its hash is signed."""

    name: str
    digest: bytes


class Draft(NamedTuple):
    """An instruction with none, some or all of its signatures, by officer number.

    `known_seq` is the last command of the record that it was drafted from: a number that a later command assigns may
    not be named, unless by this instruction's own.
    """

    facility: str
    facility_id: bytes
    instruction_number: int
    valid_until_ns: int
    officers: tuple[DraftSigner, ...]
    commands: tuple[Any, ...]
    documents: tuple[Document, ...] = ()
    signatures: tuple[tuple[int, bytes], ...] = ()
    known_seq: int = 0

    @property
    def message(self) -> bytes:
        """Return the bytes that every officer signs."""
        commands = b"".join(command.pack() for command in self.commands)
        hashes = [document.digest for document in self.documents]
        terms = (self.valid_until_ns, self.instruction_number, commands, hashes)
        return signed_bytes(self.facility_id, *terms, known_seq=self.known_seq)

    @property
    def digest(self) -> bytes:
        """Return SHA-256 of those bytes: what two officers compare by voice."""
        return sha256(self.message).digest()

    @property
    def missing(self) -> list[int]:
        """Return the numbers of the officers who have not signed."""
        signed = [officer_id for officer_id, _ in self.signatures]
        return [officer.officer_id for officer in self.officers if officer.officer_id not in signed]


def sign_draft(draft: Draft, key: Signer) -> Draft:
    """Return the draft with one more signature.

    Raises: DraftError where the key is none of its officers', or has signed already.
    """
    public_key = key.public_key
    officer = next((each for each in draft.officers if each.public_key == public_key), None)
    if officer is None:
        wanted = ", ".join(f"officer {each.officer_id} ({each.public_key.hex()})" for each in draft.officers)
        raise DraftError("signature", expected=f"the key of {wanted}", found=public_key.hex())
    if officer.officer_id not in draft.missing:
        raise DraftError("signature", expected="an officer who has not signed", found=f"officer {officer.officer_id}")
    return draft._replace(signatures=(*draft.signatures, (officer.officer_id, key.sign(draft.message))))


def add_signature(draft: Draft, signature: bytes) -> Draft:
    """Return the draft with a signature that was made elsewhere, by one of its officers who has not signed yet.

    Raises: DraftError where it is none of theirs over these bytes.
    """
    for officer in draft.officers:
        if officer.officer_id in draft.missing and is_signed(officer.public_key, signature, draft.message):
            return draft._replace(signatures=(*draft.signatures, (officer.officer_id, signature)))
    missing = " or ".join(f"officer {number}" for number in draft.missing) or "nobody: all have signed"
    raise DraftError("signature", expected=f"one of {missing} over {draft.digest.hex()}", found="another")


def instruction_of(draft: Draft) -> Instruction:
    """Return the complete instruction.

    Raises: DraftError while a signature is missing.
    """
    if draft.missing:
        names = " and ".join(f"officer {number}" for number in draft.missing)
        raise DraftError("draft", expected="every signature", found=f"none of {names}", action="Let them sign first")
    signatures = dict(draft.signatures)
    numbers = [officer.officer_id for officer in draft.officers]
    return Instruction(
        numbers[0],
        numbers[1] if len(numbers) > 1 else 0,
        draft.instruction_number,
        draft.valid_until_ns,
        b"".join(command.pack() for command in draft.commands),
        tuple(document.digest for document in draft.documents),
        tuple(officer.public_key for officer in draft.officers),
        tuple(signatures[number] for number in numbers),
        draft.known_seq,
    )


# ---------------------------------------------------------------- as a file
def write_draft(path: Path, draft: Draft, *, new: bool) -> None:
    """Write a draft as a whole; a new one never takes the place of a file.

    Raises: DraftError.
    """
    text = (json.dumps(draft_as_json(draft), indent=2, ensure_ascii=False) + "\n").encode()
    temporary = path.with_name(f".{secrets.token_hex(8)}.new")  # nobody can have put a link there
    try:
        with open(temporary, "xb") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if new:
            os.link(temporary, path)
        else:
            os.replace(temporary, path)
        sync_folder(path.parent)
    except FileExistsError as error:
        raise DraftError(path, expected="no file of this name", found="one", action="Choose another name") from error
    except OSError as error:
        raise file_error(DraftError, path, "write the draft", error) from error
    finally:
        with contextlib.suppress(OSError):
            os.unlink(temporary)


@contextlib.contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Keep other signers out of a folder of drafts, in this process and in others, so that no signature is lost.

    Known limit: where the file system knows no locks, the later of two signatures at the same moment stays.
    """
    try:
        fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise file_error(DraftError, folder, "open the folder", error) from error
    try:
        with contextlib.suppress(OSError):
            fcntl.flock(fd, fcntl.LOCK_EX)
        yield
    finally:
        os.close(fd)


def sign_in_place(path: Path, read: Callable[[], Draft], sign: Callable[[Draft], Draft]) -> Draft:
    """Read a draft again, sign it and write it, alone.

    Raises: DraftError, and what `read` and `sign` raise; then nothing was written.
    """
    with alone_in(path.parent):
        signed = sign(read())
        write_draft(path, signed, new=False)
    return signed


def read_draft(path: Path) -> Draft:
    """Read a draft and check its digest and its signatures.

    Raises: DraftError.
    """
    try:
        with os.fdopen(open_plain(path), "rb") as file:
            text = file.read(DRAFT_BYTES_MAX + 1)
    except NotAPlainFileError as error:
        raise DraftError(path, expected=error.expected, found=error.found) from error
    except OSError as error:
        raise file_error(DraftError, path, "read the draft", error) from error
    if len(text) > DRAFT_BYTES_MAX:
        raise DraftError(path, expected=f"at most {DRAFT_BYTES_MAX} bytes", found="more")
    try:
        return draft_from_json(load_json(text))
    except (CommandTextError, InstructionError, DraftError) as error:
        raise DraftError(path, expected=error.expected, found=error.found, action=error.action) from error
    except ValueError as error:
        raise DraftError(path, expected="a JSON object as `tarazy instruct draft` writes", found=str(error)) from error


def draft_as_json(draft: Draft) -> dict[str, object]:
    """Return a draft as plain data, its digest beside it."""
    return {
        "format": FORMAT,
        "facility": draft.facility,
        "facility_id": draft.facility_id.hex(),
        "instruction_number": draft.instruction_number,
        "valid_until": moment_text(draft.valid_until_ns),
        "known_seq": draft.known_seq,
        "officers": [{"officer_id": each.officer_id, "public_key": each.public_key.hex()} for each in draft.officers],
        "commands": [text_from(command) for command in draft.commands],
        "documents": [{"name": each.name, "sha256": each.digest.hex()} for each in draft.documents],
        "digest": draft.digest.hex(),
        "signatures": [{"officer_id": number, "signature": value.hex()} for number, value in draft.signatures],
    }


def draft_from_json(document: object) -> Draft:
    """Return the draft that plain data describes, checked as a whole.

    Raises: DraftError, CommandTextError, InstructionError.
    """
    values = _object("draft", document, FIELDS)
    if values["format"] != FORMAT:
        raise DraftError("format", expected=repr(FORMAT), found=shown(values["format"]))
    draft = Draft(
        facility=_text("facility", values["facility"]),
        facility_id=_hex("facility_id", values["facility_id"], 16),
        instruction_number=_number("instruction_number", values["instruction_number"]),
        valid_until_ns=moment_from("valid_until", _text("valid_until", values["valid_until"])),
        officers=tuple(_signer(each) for each in _list("officers", values["officers"])),
        commands=tuple(command_of(each) for each in _list("commands", values["commands"])),
        documents=tuple(_document(each) for each in _list("documents", values["documents"])),
        signatures=tuple(_signature(each) for each in _list("signatures", values["signatures"])),
        known_seq=_number("known_seq", values["known_seq"]),
    )
    _check(draft, _hex("digest", values["digest"], 32))
    return draft


def command_of(value: object) -> Any:
    """Return the command that an object with its name and fields describes."""
    if not isinstance(value, dict) or not isinstance(value.get("command"), str):
        raise DraftError("commands", expected='objects with a "command" and its fields', found=shown(value))
    return command_from(value["command"], {field: each for field, each in value.items() if field != "command"})


def _check(draft: Draft, digest: bytes) -> None:
    """Refuse a draft whose words and digest differ, and signatures that do not hold."""
    numbers = [officer.officer_id for officer in draft.officers]
    if not 1 <= len(set(numbers)) == len(numbers) <= 2 or not all(numbers):
        raise DraftError("officers", expected="one officer or two different ones", found=f"officers {numbers}")
    if draft.digest != digest:
        action = "It was changed after it was drafted: make it again, and ask who changed it"
        raise DraftError("digest", expected=draft.digest.hex(), found=digest.hex(), action=action)
    keys = dict(draft.officers)
    signed = [number for number, _ in draft.signatures]
    if len(set(signed)) != len(signed) or not set(signed) <= set(numbers):
        raise DraftError("signatures", expected=f"at most one of each of officers {numbers}", found=f"of {signed}")
    for number, signature in draft.signatures:
        if not is_signed(keys[number], signature, draft.message):
            found = "another signature"
            raise DraftError("signatures", expected=f"the signature of officer {number}", found=found)


def _signer(value: object) -> DraftSigner:
    """Return an officer who is to sign."""
    values = _object("officers", value, ("officer_id", "public_key"))
    return DraftSigner(_number("officer_id", values["officer_id"]), _hex("public_key", values["public_key"], 32))


def _document(value: object) -> Document:
    """Return a document."""
    values = _object("documents", value, ("name", "sha256"))
    return Document(_text("name", values["name"]), _hex("sha256", values["sha256"], 32))


def _signature(value: object) -> tuple[int, bytes]:
    """Return an officer's signature."""
    values = _object("signatures", value, ("officer_id", "signature"))
    return _number("officer_id", values["officer_id"]), _hex("signature", values["signature"], 64)


# ---------------------------------------------------------------- plain data, checked
def _object(where: str, value: object, fields: Sequence[str]) -> dict[str, Any]:
    """Return an object that has exactly these fields."""
    if not isinstance(value, dict):
        raise DraftError(where, expected="an object", found=shown(value))
    for field in value:
        if field not in fields:
            raise DraftError(where, expected="a field of it", found=shown(field), action=nearest(field, [*fields]))
    for field in fields:
        if field not in value:
            raise DraftError(where, expected=f"the field {field!r}", found="none")
    return value


def _list(where: str, value: object) -> list[Any]:
    """Return a list."""
    if not isinstance(value, list):
        raise DraftError(where, expected="a list", found=shown(value))
    return value


def _text(where: str, value: object) -> str:
    """Return a text."""
    if not isinstance(value, str) or not value.isprintable():
        raise DraftError(where, expected="a printable text", found=shown(value))
    return value


def _number(where: str, value: object) -> int:
    """Return a whole number from 0 to the largest of 64 bits."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 1 << 64:
        raise DraftError(where, expected="a whole number of at most 64 bits", found=shown(value))
    return value


def _hex(where: str, value: object, size: int) -> bytes:
    """Return bytes of a size from hexadecimal digits."""
    try:
        found = bytes.fromhex(value) if isinstance(value, str) else b""
    except ValueError:
        found = b""
    if len(found) != size:
        raise DraftError(where, expected=f"{2 * size} hexadecimal digits", found=shown(value))
    return found
