"""One message of a client: its header, then its fields and groups, held to the dictionary."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from tarazy.facility.gateway.fix.codec import FixFieldError, Pair, pairs_of, time_us
from tarazy.facility.gateway.fix.tables import HEADER, MESSAGES, TYPES, VALUES, Members

INVALID_TAG, MISSING, NOT_DEFINED, UNDEFINED, INCORRECT, BAD_FORMAT = 0, 1, 2, 3, 5, 6
UNKNOWN_TYPE, TWICE, BAD_COUNT = 11, 13, 16
ENTRIES_MAX = 1_000
WHOLE = re.compile(r"-?[0-9]{1,18}")
COUNT = re.compile(r"[0-9]{1,18}")
DECIMAL = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,20})?")
FORMS = {
    "INT": WHOLE,
    "LENGTH": COUNT,
    "SEQNUM": COUNT,
    "NUMINGROUP": COUNT,
    "PRICE": DECIMAL,
    "QTY": DECIMAL,
    "FLOAT": DECIMAL,
    "CHAR": re.compile(r"[\x21-\x7e]"),
    "BOOLEAN": re.compile(r"[YN]"),
}


@dataclass(slots=True)
class MessageBody:
    """Fields by their tags, and groups by the tags of their counts."""

    fields: dict[int, str] = field(default_factory=dict)
    groups: dict[int, list[MessageBody]] = field(default_factory=dict)


@dataclass(slots=True)
class ClientMessage:
    """A message as it came in. `body` is empty until it was read."""

    kind: str
    seq: int
    header: dict[int, str]
    pairs: Sequence[Pair]
    raw: bytes
    body: MessageBody = field(default_factory=MessageBody)

    @property
    def may_be_known(self) -> bool:
        """Say whether its sender has sent it before, or may have."""
        return "Y" in (self.header.get(43), self.header.get(97))

    def sent_us(self) -> int:
        """Return when it was sent, microseconds since 1970. Raises: FixFieldError."""
        try:
            return time_us(self.header[52])
        except (KeyError, ValueError):
            raise FixFieldError(MISSING if 52 not in self.header else BAD_FORMAT, 52, "expected SendingTime") from None

    def read(self) -> None:
        """Read the body. Raises: FixFieldError."""
        members = MESSAGES.get(self.kind)
        if members is None:
            raise FixFieldError(UNKNOWN_TYPE, 35, "expected a message of the dictionary")
        self.body, rest = read_part(self.pairs, 0, members)
        if rest < len(self.pairs):
            tag = self.pairs[rest][0]
            reason = TWICE if tag in self.body.fields else NOT_DEFINED if tag in TYPES else UNDEFINED
            raise FixFieldError(reason, tag, f"tag {tag} has no place here")


def message_of(raw: bytes) -> ClientMessage:
    """Return a message with its header.

    Raises: FixFieldError where it has none of type, sender, target and number: such a message cannot be answered.
    """
    pairs = pairs_of(raw)
    if not pairs or pairs[0][0] != 35:
        raise FixFieldError(INVALID_TAG, 35, "expected MsgType as the third field")
    header: dict[int, str] = {}
    body: list[Pair] = []
    for tag, value in pairs:
        if tag in HEADER and not body:
            if tag in header:
                raise FixFieldError(TWICE, tag, f"tag {tag} appears twice")
            header[tag] = value
        else:
            body.append((tag, value))
    for tag in (34, 49, 56, 52):
        if tag not in header:
            raise FixFieldError(MISSING, tag, f"expected tag {tag} in the header")
    if COUNT.fullmatch(header[34]) is None or int(header[34]) == 0:
        raise FixFieldError(BAD_FORMAT, 34, "expected a number of 1 or more in MsgSeqNum")
    return ClientMessage(header[35], int(header[34]), header, body, raw)


def read_part(pairs: Sequence[Pair], at: int, members: Members, delimiter: int = 0) -> tuple[MessageBody, int]:
    """Return fields and groups from a place on, and the place of the first field that does not belong.

    Raises: FixFieldError.
    """
    part = MessageBody()
    while at < len(pairs):
        tag, value = pairs[at]
        if tag not in members or tag in part.fields or (tag == delimiter and part.fields):
            break
        check_value(tag, value)
        part.fields[tag] = value
        at += 1
        inner = members[tag][1]
        if inner:
            part.groups[tag], at = read_group(pairs, at, int(value), tag, inner)
    missing = next((tag for tag, (required, _) in members.items() if required and tag not in part.fields), None)
    if missing is not None:
        raise FixFieldError(MISSING, missing, f"expected tag {missing}")
    return part, at


def read_group(pairs: Sequence[Pair], at: int, count: int, tag: int, inner: Members) -> tuple[list[MessageBody], int]:
    """Return the entries of a group, each of which begins with the same field. Raises: FixFieldError."""
    entries: list[MessageBody] = []
    if count > ENTRIES_MAX:
        raise FixFieldError(BAD_COUNT, tag, f"expected at most {ENTRIES_MAX} entries")
    first = pairs[at][0] if at < len(pairs) else 0
    while len(entries) < count and at < len(pairs) and pairs[at][0] == first and first in inner:
        entry, at = read_part(pairs, at, inner, first)
        entries.append(entry)
    if len(entries) != count:
        raise FixFieldError(BAD_COUNT, tag, f"expected {count} entries, found {len(entries)}")
    return entries, at


def check_value(tag: int, value: str) -> None:
    """Raise FixFieldError for a value that is none of its type or its list."""
    kind = TYPES[tag]
    form = FORMS.get(kind)
    if form is not None and form.fullmatch(value) is None:
        raise FixFieldError(BAD_FORMAT, tag, f"expected {kind} in tag {tag}")
    if tag in VALUES and value not in VALUES[tag]:
        raise FixFieldError(INCORRECT, tag, f"expected one of {', '.join(sorted(VALUES[tag]))} in tag {tag}")
    if kind == "UTCTIMESTAMP":
        try:
            time_us(value)
        except ValueError:
            raise FixFieldError(BAD_FORMAT, tag, f"expected a time in tag {tag}") from None
