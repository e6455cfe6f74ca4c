"""What callers hand in, checked before it is queued: whole records, and references that fit the commands they name."""

from __future__ import annotations

from collections.abc import Sequence

from tarazy.domain.instructions import InstructionError
from tarazy.domain.records import COMMANDS, LAYOUT, RECORD_SIZE, CommandKind
from tarazy.facility.sequencer.submission import Submission
from tarazy.journal.sections import TEXT_BYTES_MAX, RequestReference, client_order_number

U32_MAX = (1 << 32) - 1
DIGEST_SIZE = 32
# Where a command of each kind has its client_order_id.
CLIENT_ORDER_ID_AT = {
    kind: offset
    for kind, record in COMMANDS.items()
    for field, _, _, offset in LAYOUT[record.__name__]
    if field == "client_order_id"
}


class ReferenceRefusedError(ValueError):
    """A request reference that does not fit the command it names; nothing was ordered."""

    def __init__(self, expected: str, found: str) -> None:
        self.expected, self.found = expected, found
        super().__init__(f"a request reference: expected {expected}, found {found}. Nothing was ordered; correct it.")


def checked_commands(commands: bytes | list[bytes]) -> bytes:
    """Return the commands as one run of bytes."""
    joined = commands if isinstance(commands, bytes) else b"".join(commands)
    if not joined or len(joined) % RECORD_SIZE:
        raise ValueError(f"commands are a multiple of {RECORD_SIZE} bytes and at least one, found {len(joined)} bytes")
    return joined


def check_fits(submission: Submission, frame_commands_max: int, bytes_max: int) -> None:
    """Refuse commands that must stay together and do not fit into one frame."""
    if submission.command_count > frame_commands_max or submission.whole_bytes > bytes_max:
        raise InstructionError(
            expected=f"an instruction of at most {frame_commands_max} commands and {bytes_max} bytes",
            found=f"{submission.command_count} commands and {submission.whole_bytes} bytes",
            action="Nothing was ordered; split it into several instructions.",
        )


def checked_references(commands: bytes, references: Sequence[RequestReference]) -> tuple[RequestReference, ...]:
    """Return the references when each fits its command, in the commands' order and at most one for each.

    Raises: ReferenceRefusedError.
    """
    count, last = len(commands) // RECORD_SIZE, -1
    for reference in references:
        if not last < reference.command_index < count:
            expected = f"a command_index from {last + 1} to {count - 1}"
            raise ReferenceRefusedError(expected, str(reference.command_index))
        last = reference.command_index
        _check_form(reference)
        _check_number(commands, reference)
    return tuple(references)


def _check_form(reference: RequestReference) -> None:
    """Refuse what does not fit into an entry."""
    if not 0 <= reference.key_id <= U32_MAX:
        raise ReferenceRefusedError(f"a key_id from 0 to {U32_MAX}", str(reference.key_id))
    if len(reference.request_hash) != DIGEST_SIZE:
        raise ReferenceRefusedError(f"a request_hash of {DIGEST_SIZE} bytes", f"{len(reference.request_hash)} bytes")
    try:
        size = len(reference.text.encode())
    except UnicodeEncodeError as error:
        raise ReferenceRefusedError("a text in UTF-8", repr(reference.text)) from error
    if size > TEXT_BYTES_MAX:
        raise ReferenceRefusedError(f"a text of 1 to {TEXT_BYTES_MAX} bytes", f"{size} bytes")


def _check_number(commands: bytes, reference: RequestReference) -> None:
    """Refuse a command whose number is not that of its text.

    A new order has a text and carries its number, but for one of a signed batch, whose number is the client's own and
    which names its request alone; another command carries it, or 0 where it names its order otherwise or has no text.
    """
    at = reference.command_index * RECORD_SIZE
    kind = int.from_bytes(commands[at : at + 2], "little")
    offset = CLIENT_ORDER_ID_AT.get(kind)
    if offset is None:
        return
    found = int.from_bytes(commands[at + offset : at + offset + 8], "little")
    if not reference.text and reference.key_id:
        return
    if not reference.text and (found or kind == CommandKind.place_order):
        raise ReferenceRefusedError(f"a text of 1 to {TEXT_BYTES_MAX} bytes", "0 bytes")
    expected = client_order_number(reference.text)
    if found != expected and (found or kind == CommandKind.place_order):
        raise ReferenceRefusedError(f"client_order_id {expected} for the text {reference.text!r}", str(found))
