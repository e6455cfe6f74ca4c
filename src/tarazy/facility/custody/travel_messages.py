"""Messages with travel data, in and out, and the register of the providers they go to.

A message is kept as its exact text with its SHA-256 and is never changed. Outgoing: `made`, `sent`, `accepted` or
`refused` by the other provider; a payment waits for `accepted`. Incoming: `received`; an arrival of a provider without
one waits. How messages travel is an adapter's: here they are files in a folder, which any transport picks up.
"""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from tarazy.facility.accounts.trail import Actor, canonical
from tarazy.facility.custody.errors import CustodyInputError, CustodyRefusedError
from tarazy.facility.custody.key_register import text
from tarazy.facility.custody.store import JUDGE, CustodyStore
from tarazy.facility.custody.travel_data import TravelData, ivms101, plain_travel
from tarazy.platform.storage.files import write_whole

OUT, IN = "out", "in"
STATES = ("made", "sent", "accepted", "refused")
PROVIDER_STATES = ("approved", "refused")
LOOPBACK = ("127.0.0.1", "localhost", "::1")
PUBLIC_KEY = re.compile(r"[0-9a-f]{64}")


class ProviderRow(NamedTuple):
    """Another provider of digital asset services, as it was looked at last.

    `base` is where its messages go, `public_key` the Ed25519 key (hexadecimal) under which it signs; both or neither.
    """

    provider: str
    name: str
    country: str
    status: str
    review_by: str
    document: str
    base: str = ""
    public_key: str = ""


class TravelMessage(NamedTuple):
    """One message; `reference` is the request of a withdrawal or the evidence of an arrival."""

    message: int
    direction: str
    reference: str
    provider: str
    data_set: str
    sha256: str
    state: str
    at: str


def review_provider(
    store: CustodyStore,
    actor: Actor,
    provider: str,
    name: str,
    country: str,
    status: str,
    document: str,
    way: tuple[str, str] = ("", ""),
) -> ProviderRow:
    """Note what looking at a provider found, and until when that holds; `way` is its address and key for messages.

    Raises: CustodyInputError.
    """
    check_way(*way)
    if status not in PROVIDER_STATES or len(country) != 2 or not country.isalpha():
        expected = f"a status of {', '.join(PROVIDER_STATES)} and a country of two letters"
        raise CustodyInputError("provider", expected=expected, found=f"{status[:20]!r} and {country[:8]!r}")
    days = store.parameters.number("provider.review_days_max", store.today)
    review_by = (store.today + timedelta(days=days)).isoformat()
    row = ProviderRow(
        text("provider", provider), text("name", name), country.upper(), status, review_by, document, *way
    )
    with store.acting(actor, JUDGE):
        act = store.write(actor, "provider", 0, row._asdict())
        columns = f"{', '.join(ProviderRow._fields)}, act"
        store.do(f"INSERT OR REPLACE INTO providers ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", *row, act)
    return row


def check_way(base: str, public_key: str) -> None:
    """Refuse an address without TLS (but for this machine), a key that is none, or one of the two alone.

    Raises: CustodyInputError.
    """
    address = urlsplit(base)
    is_safe = address.scheme == "https" or (address.scheme == "http" and address.hostname in LOOPBACK)
    if bool(base) != bool(public_key) or (base and (not is_safe or not address.hostname or address.query)):
        expected = "an address https://... together with a public key"
        raise CustodyInputError("provider", expected=expected, found=f"{base[:80]!r} and {public_key[:80]!r}")
    if public_key and not PUBLIC_KEY.fullmatch(public_key):
        raise CustodyInputError("public key", expected="64 hexadecimal digits", found=repr(public_key[:80]))


def find_provider(store: CustodyStore, provider: str) -> ProviderRow:
    """Return a provider of the register. Raises: UnknownInCustodyError."""
    query = f"SELECT {', '.join(ProviderRow._fields)} FROM providers WHERE provider = ?"
    return ProviderRow(*store.one("provider", query, provider))


def provider_obstacle(store: CustodyStore, provider: str) -> str:
    """Return why nothing may be sent to or taken from a provider, "" where it may."""
    row = store.maybe("SELECT status, review_by FROM providers WHERE provider = ?", provider)
    if row is None:
        return f"provider {provider} was not reviewed"
    if row[0] != "approved":
        return f"provider {provider} is {row[0]}"
    if date.fromisoformat(row[1]) < store.today:
        return f"the review of provider {provider} ended on {row[1]}"
    return ""


def keep_message(
    store: CustodyStore, direction: str, reference: str, provider: str, set_name: str, data: TravelData
) -> TravelMessage:
    """Keep a message; the same one twice is one."""
    body = canonical({"data": plain_travel(data), "ivms101": ivms101(data), "ivms101_2020": ivms101(data, "2020")})
    digest, state = sha256(body.encode()).hexdigest(), "made" if direction == OUT else "received"
    with store.changing():
        values = (direction, reference, provider, set_name, body, digest, state, store.moment)
        marks = ", ".join("?" * len(values))
        columns = "direction, reference, provider, data_set, body, sha256, state, at"
        store.do(f"INSERT OR IGNORE INTO travel ({columns}) VALUES ({marks})", *values)
    found = [each for each in messages(store, direction, reference) if each.sha256 == digest]
    return found[0]


def messages(store: CustodyStore, direction: str, reference: str) -> list[TravelMessage]:
    """Return the messages of a reference, the oldest first."""
    query = (
        "SELECT message, direction, reference, provider, data_set, sha256, state, at FROM travel"
        " WHERE direction = ? AND reference = ? ORDER BY message"
    )
    return [TravelMessage(*row) for row in store.all(query, direction, reference)]


def send_to_folder(store: CustodyStore, folder: Path) -> list[TravelMessage]:
    """Write each message that was made and not sent into a folder, one file each, and return them.

    A file that was written before a kill is written again, with the same name and text.
    """
    columns = "message, direction, reference, provider, data_set, sha256, state, at, body"
    query = f"SELECT {columns} FROM travel WHERE state = 'made' AND provider <> ''"
    sent = []
    folder.mkdir(parents=True, exist_ok=True)
    for *row, body in store.all(query):
        found = TravelMessage(*row)
        wrapped = {
            "message": found.message,
            "provider": found.provider,
            "sha256": found.sha256,
            "body": json.loads(body),
        }
        write_whole(folder / f"travel-{found.message}.json", json.dumps(wrapped, ensure_ascii=False).encode(), 0o600)
        with store.changing():
            store.do("UPDATE travel SET state = 'sent' WHERE message = ? AND state = 'made'", found.message)
        sent.append(found)
    return sent


def answer(store: CustodyStore, actor: Actor, message: int, state: str) -> None:
    """Note what the other provider answered.

    Raises: CustodyRefusedError for a message that waits for no answer.
    """
    if state not in ("accepted", "refused"):
        raise CustodyInputError("answer", expected="accepted or refused", found=repr(state[:40]))
    with store.acting(actor, JUDGE):
        store.write(actor, "travel answer", message, {"state": state})
        statement = "UPDATE travel SET state = ? WHERE message = ? AND direction = 'out' AND state IN ('made', 'sent')"
        if not store.do(statement, state, message):
            found = "none that waits"
            raise CustodyRefusedError(f"message {message}", expected="a message that waits for an answer", found=found)
