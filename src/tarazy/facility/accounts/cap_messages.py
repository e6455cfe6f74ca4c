"""What a client used of the monthly cap, told to other providers in signed messages (cooperation rules 3.1.2, 3.1.3).

No text with a format was seen; this one is ours. A message is canonical JSON in UTF-8 with a signature beside it. It
names a person by an HMAC of the identifier under a secret that the providers share, so that who reads it on its way
learns nobody's number. A message that is too old, from the future, or whose number was taken before, is refused.
"""

from __future__ import annotations

import hmac
import json
import re
from datetime import timedelta
from hashlib import sha256
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tarazy.domain.signer import Signer
from tarazy.facility.accounts.errors import CapMessageError, RegisterInputError
from tarazy.facility.accounts.knowledge_test import time_of
from tarazy.facility.accounts.register import INTAKE, SET_UP, Register
from tarazy.facility.accounts.trail import Actor, canonical

FORMAT = "tarazy cap message 1"
DOMAIN = b"tarazy cap message 1\n"
FIELDS = {"format": str, "sender": str, "recipient": str, "number": int, "made_at": str, "counts": list}
COUNT_FIELDS = {"subject": str, "month": str, "deposits_cents": int, "purchases_cents": int}
MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
NAME = re.compile(r"[a-z0-9][a-z0-9.-]{1,60}")
BYTES_MAX = 1 << 20
AHEAD_S = 60
CENTS_MAX = 1 << 62


class CapCount(NamedTuple):
    """What one person used at one provider in a calendar month. Units: cents of the dollar."""

    subject: str
    month: str
    deposits_cents: int
    purchases_cents: int


def subject_of(secret: bytes, identifier: str) -> str:
    """Return how a person is named in messages: HMAC-SHA256 of the identifier under the providers' secret."""
    return hmac.new(secret, identifier.encode(), sha256).hexdigest()


def add_provider(register: Register, actor: Actor, provider: str, public_key: bytes) -> None:
    """Let a provider's key in, or put another in its place; its numbers go on.

    Raises: RegisterInputError.
    """
    if not NAME.fullmatch(provider) or len(public_key) != 32:
        expected = "a name such as other.example and a key of 32 bytes"
        raise RegisterInputError("provider", expected=expected, found=f"{provider[:60]!r}, {len(public_key)} bytes")
    with register.acting(actor, SET_UP):
        register.write(actor, "provider.key", 0, {"provider": provider, "public_key": public_key.hex()})
        register.connection.execute(
            "INSERT INTO providers VALUES (?, ?, 0, 0) "
            "ON CONFLICT (provider) DO UPDATE SET public_key = excluded.public_key",
            (provider, public_key.hex()),
        )


def make_message(
    register: Register, actor: Actor, signer: Signer, sender: str, recipient: str, counts: list[CapCount]
) -> bytes:
    """Return a message with the next number for a recipient; a number that was given is never given again."""
    with register.acting(actor, INTAKE):
        row = register.one("provider", "SELECT sent_number FROM providers WHERE provider = ?", (recipient,))
        number = row[0] + 1
        register.connection.execute("UPDATE providers SET sent_number = ? WHERE provider = ?", (number, recipient))
        body = {
            "format": FORMAT,
            "sender": sender,
            "recipient": recipient,
            "number": number,
            "made_at": register.moment,
            "counts": [count._asdict() for count in counts],
        }
        text = canonical(body)
        register.write(actor, "cap.send", 0, {"recipient": recipient, "number": number, "sha256": digest(text)})
    signature = signer.sign(DOMAIN + text.encode()).hex()
    return canonical({"message": text, "signature": signature}).encode()


def take_message(register: Register, actor: Actor, recipient: str, data: bytes) -> list[CapCount]:
    """Take a message in, whole or not at all, and return its counts.

    Raises: CapMessageError.
    """
    text, signature = envelope(data)
    body = message_body(text)
    if body["recipient"] != recipient:
        raise CapMessageError("recipient", expected=recipient, found=repr(body["recipient"])[:80])
    counts = [cap_count(each) for each in body["counts"]]
    with register.acting(actor, INTAKE):
        rows = register.all("SELECT public_key, last_number FROM providers WHERE provider = ?", (body["sender"],))
        if not rows:
            raise CapMessageError("sender", expected="a provider of the register", found=repr(body["sender"])[:80])
        check_signature(rows[0][0], signature, text)
        check_age(register, body["made_at"])
        if body["number"] <= rows[0][1]:
            raise CapMessageError("number", expected=f"more than {rows[0][1]}", found=str(body["number"]))
        facts = {"sender": body["sender"], "number": body["number"], "sha256": digest(text)}
        register.write(actor, "cap.take", 0, facts)
        execute = register.connection.execute
        execute("UPDATE providers SET last_number = ? WHERE provider = ?", (body["number"], body["sender"]))
        for count in counts:
            row = (body["sender"], *count, body["made_at"], digest(text))
            execute("INSERT OR REPLACE INTO cap_counts VALUES (?, ?, ?, ?, ?, ?, ?)", row)
    return counts


def used_elsewhere(register: Register, subject: str, month: str) -> CapCount:
    """Return what a person used at all other providers in a month, as they told last."""
    rows = register.all("SELECT deposits, purchases FROM cap_counts WHERE subject = ? AND month = ?", (subject, month))
    return CapCount(subject, month, sum(row[0] for row in rows), sum(row[1] for row in rows))


# ---------------------------------------------------------------- a message, checked
def envelope(data: bytes) -> tuple[str, bytes]:
    """Return the text and the signature of a message. Raises: CapMessageError."""
    if len(data) > BYTES_MAX:
        raise CapMessageError("message", expected=f"at most {BYTES_MAX} bytes", found=f"{len(data)}")
    found = json_object("message", data.decode("utf-8", "replace"), {"message": str, "signature": str})
    try:
        return found["message"], bytes.fromhex(found["signature"])
    except ValueError:
        raise CapMessageError("signature", expected="hexadecimal digits", found=found["signature"][:40]) from None


def message_body(text: str) -> dict[str, Any]:
    """Return what a message says. Raises: CapMessageError, also where it is not spelled canonically."""
    body = json_object("message", text, FIELDS)
    if body["format"] != FORMAT or canonical(body) != text:
        raise CapMessageError("message", expected=f"canonical JSON of {FORMAT}", found=text[:80])
    return body


def cap_count(value: object) -> CapCount:
    """Return one count. Raises: CapMessageError."""
    row = checked("counts", value, COUNT_FIELDS)
    found = CapCount(**row)
    if not MONTH.fullmatch(found.month) or not re.fullmatch(r"[0-9a-f]{64}", found.subject):
        raise CapMessageError("counts", expected="a subject of 64 digits and a month", found=str(row)[:120])
    if not 0 <= found.deposits_cents < CENTS_MAX or not 0 <= found.purchases_cents < CENTS_MAX:
        raise CapMessageError("counts", expected="cents of 0 or more", found=str(row)[-80:])
    return found


def json_object(where: str, text: str, fields: dict[str, type]) -> dict[str, Any]:
    """Return the object that a text holds. Raises: CapMessageError."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise CapMessageError(where, expected="JSON", found=str(error)[:80]) from None
    return checked(where, value, fields)


def checked(where: str, value: object, fields: dict[str, type]) -> dict[str, Any]:
    """Return an object that has exactly these fields. Raises: CapMessageError."""
    if not isinstance(value, dict) or set(value) != set(fields):
        raise CapMessageError(where, expected=f"an object with {', '.join(fields)}", found=repr(value)[:80])
    for field, kind in fields.items():
        if not isinstance(value[field], kind) or isinstance(value[field], bool):
            raise CapMessageError(f"{where}: {field}", expected=kind.__name__, found=repr(value[field])[:80])
    return value


def check_signature(public_key: str, signature: bytes, text: str) -> None:
    """Refuse a message that its sender did not sign. Raises: CapMessageError."""
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key)).verify(signature, DOMAIN + text.encode())
    except InvalidSignature:
        raise CapMessageError("signature", expected=f"one of {public_key[:16]}...", found="another") from None


def check_age(register: Register, made_at: str) -> None:
    """Refuse a message that is too old, or from the future. Raises: CapMessageError."""
    try:
        made = time_of(made_at)
    except ValueError:
        raise CapMessageError("made_at", expected="a time such as 2026-11-30T09:00:00Z", found=made_at[:40]) from None
    oldest = register.parameters.number("cap_exchange.age_max_s", register.today)
    if not -AHEAD_S <= (register.now() - made) / timedelta(seconds=1) <= oldest:
        expected = f"a message of the last {oldest} s"
        raise CapMessageError("made_at", expected=expected, found=f"{made_at}, now {register.moment}")


def digest(text: str) -> str:
    """Return the SHA-256 of a message's text."""
    return sha256(text.encode()).hexdigest()
