"""The trail of privileged acts: who did what to whom, when; chained by hash and signed by the officer's key.

A line is written in the transaction of its effect, so that neither is there without the other. The chain shows a line
that was changed, taken out or put in between; the signatures show who stands behind each. What nobody can see from the
register alone is a tail that was cut off: keep the last hash elsewhere.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tarazy.domain.signer import Signer
from tarazy.facility.accounts.errors import TrailDamagedError

START = "0" * 64
DOMAIN = b"tarazy register act 1\n"
# By officer: its key, or every key that it has had, the oldest first.
OfficersKeys = Mapping[int, bytes] | Mapping[int, tuple[bytes, ...]]


class Actor(NamedTuple):
    """The officer who acts: the number and roles that the facility's record gives to its key."""

    officer_id: int
    roles: int
    signer: Signer


class TrailLine(NamedTuple):
    """One line. `subject` is the client, party or list that it is about, 0 for the register itself."""

    number: int
    at: str
    officer_id: int
    act: str
    subject: int
    body: str
    previous: str
    hash: str
    public_key: str
    signature: str

    def plain(self) -> dict[str, Any]:
        """Return it for programs, its body as data."""
        return self._asdict() | {"body": json.loads(self.body)}


def canonical(value: object) -> str:
    """Return JSON with one spelling: sorted fields, no spaces, no floats."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def append(connection: sqlite3.Connection, actor: Actor, at: str, act: str, subject: int, body: object) -> int:
    """Write one line inside the transaction of its effect and return its number."""
    row = connection.execute("SELECT number, hash FROM acts ORDER BY number DESC LIMIT 1").fetchone()
    number, previous = (row[0] + 1, row[1]) if row else (1, START)
    text = canonical(body)
    digest = line_digest((number, at, actor.officer_id, act, subject, text, previous))
    key, signature = actor.signer.public_key.hex(), actor.signer.sign(DOMAIN + digest).hex()
    values = (number, at, actor.officer_id, act, subject, text, previous, digest.hex(), key, signature)
    connection.execute("INSERT INTO acts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", values)
    return int(number)


def line_digest(facts: tuple[int, str, int, str, int, str, str]) -> bytes:
    """Return the SHA-256 of a line without its key and signature."""
    return sha256(canonical(list(facts)).encode()).digest()


def acts(connection: sqlite3.Connection, subject: int | None = None) -> list[TrailLine]:
    """Return the lines, of one subject or all."""
    where, values = ("", ()) if subject is None else ("WHERE subject = ?", (subject,))
    return [TrailLine(*row) for row in connection.execute(f"SELECT * FROM acts {where} ORDER BY number", values)]


def verify_trail(connection: sqlite3.Connection, keys: OfficersKeys | None = None) -> str:
    """Check every line and return the hash of the last one; `keys` are the officers' keys by number.

    Of an officer with several keys each line has the key of the line before it or a later one: behind a line under
    the new key, the old one signs nothing more.
    Raises: TrailDamagedError, which names the first line that does not hold.
    """
    previous, left = START, {number: had(each) for number, each in (keys or {}).items()}
    for number, line in enumerate(acts(connection), 1):
        where = f"act {line.number}"
        if line.number != number or line.previous != previous:
            raise TrailDamagedError(where, expected=f"act {number} after {previous[:16]}", found=line.previous[:16])
        known = left.get(line.officer_id, ())
        check_line(line, None if keys is None else known)
        left[line.officer_id] = known[known.index(line.public_key) :] if line.public_key in known else ()
        previous = line.hash
    return previous


def check_line(line: TrailLine, known: Sequence[str] | None) -> None:
    """Check one line by itself: its hash, its signature, and that its key is one that its officer had.

    Not shown: that no line was taken out, and that this is the newest of its kind.
    Raises: TrailDamagedError.
    """
    where, digest = f"act {line.number}", line_digest(line[:7])
    if digest.hex() != line.hash:
        raise TrailDamagedError(where, expected=line.hash, found=digest.hex(), action="Its text was changed")
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(line.public_key))
        key.verify(bytes.fromhex(line.signature), DOMAIN + digest)
    except (InvalidSignature, ValueError):
        found = "another signature"
        raise TrailDamagedError(where, expected=f"one of {line.public_key[:16]}", found=found) from None
    if known is not None and line.public_key not in known:
        raise TrailDamagedError(where, expected=f"the key of officer {line.officer_id}", found=line.public_key[:16])


def had(keys: bytes | Sequence[bytes]) -> tuple[str, ...]:
    """Return an officer's keys as lines have them, the oldest first."""
    return tuple(each.hex() for each in ((keys,) if isinstance(keys, bytes) else keys))
