"""Travel data between two providers: signed requests and signed answers over HTTPS, in the shape of TRP.

    POST BASE/transfers      who sends what to which address, with IVMS 101; answered approved or rejected
    POST BASE/confirmations  the transaction that carries it

Personal data go only to a provider of the register whose review holds and whose key was looked at; a request counts
only under that key, and an answer too. A request has an identifier: the same one again, with the same bytes, gets the
same answer; with other bytes it is refused. What is signed is a line of direction, path, identifier and the body's
SHA-256, so that neither can stand for another. The shape follows the Travel Rule Protocol (OpenVASP); its extensions,
its travel addresses and mutual TLS are not spoken: both sides have each other in their registers instead.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from hashlib import sha256
from typing import Any, NamedTuple

from tarazy.domain.signer import Signer
from tarazy.facility.accounts.trail import canonical
from tarazy.facility.custody.chain_kinds import bitcoin_network
from tarazy.facility.custody.errors import CustodyError, CustodyInputError, CustodyRefusedError, UnknownInCustodyError
from tarazy.facility.custody.ivms_reading import read_ivms101
from tarazy.facility.custody.outputs import OutputRow, outputs
from tarazy.facility.custody.store import CustodyStore
from tarazy.facility.custody.travel_data import FULL, SHORT, TravelData, missing
from tarazy.facility.custody.travel_messages import (
    IN,
    ProviderRow,
    find_provider,
    keep_message,
    provider_obstacle,
)
from tarazy.facility.custody.withdrawal_rows import find_withdrawal, payments
from tarazy.journal.signatures import is_signed
from tarazy.platform.web.asking import direct_opener

BODY_BYTES_MAX = 64 * 1024
TIMEOUT_S = 15.0
TRANSFERS, CONFIRMATIONS = "transfers", "confirmations"
PROVIDER, IDENTIFIER, SIGNATURE = "x-travel-provider", "request-identifier", "x-travel-signature"
IDENTIFIER_CHARACTERS_MAX = 80
FIELDS = {"to", "chain", "contract", "address", "amount_minor", "ivms101"}


class TravelDesk(NamedTuple):
    """This provider as others know it: its name in their registers, and the key under which it signs."""

    store: CustodyStore
    provider: str
    signer: Signer


def signed_line(direction: str, path: str, identifier: str, body: bytes) -> bytes:
    """Return what is signed. `direction` is request or answer."""
    words = ("tarazy travel 1", direction, path, identifier, sha256(body).hexdigest(), "")
    return "\n".join(words).encode()


# ---------------------------------------------------------------- out


def send_transfers(desk: TravelDesk) -> dict[str, int]:
    """Send what was made and not answered, then the transactions that carry what was accepted; count what came of it.

    A provider that cannot be reached, or has no address, keeps nothing of the others up: its messages wait.
    """
    counts = {"accepted": 0, "refused": 0, "confirmed": 0, "waiting": 0}
    query = (
        "SELECT message, reference, provider, body FROM travel"
        " WHERE direction = 'out' AND state IN ('made', 'sent') AND provider <> '' ORDER BY message"
    )
    for message, reference, provider, body in desk.store.all(query):
        counts[_send(desk, message, int(reference), provider, json.loads(body))] += 1
    query = (
        "SELECT message, reference, provider FROM travel"
        " WHERE direction = 'out' AND state = 'accepted' AND confirmed = '' AND provider <> '' ORDER BY message"
    )
    for message, reference, provider in desk.store.all(query):
        counts["confirmed"] += _confirm(desk, message, int(reference), provider)
    return counts


def _send(desk: TravelDesk, message: int, request: int, provider: str, body: dict[str, Any]) -> str:
    """Send one message; return what became of it."""
    row = find_withdrawal(desk.store, request)
    values = {
        "to": provider,
        "chain": row.chain,
        "contract": row.contract,
        "address": row.address,
        "amount_minor": str(row.amount_minor),
        "ivms101": body["ivms101"],
    }
    try:
        answer = ask(desk, provider, TRANSFERS, f"{desk.provider}-{message}", values)
    except CustodyError:
        return "waiting"
    state = "accepted" if answer.get("approved") is True else "refused"
    with desk.store.changing():
        statement = "UPDATE travel SET state = ? WHERE message = ? AND state IN ('made', 'sent')"
        desk.store.do(statement, state, message)
    return state


def _confirm(desk: TravelDesk, message: int, request: int, provider: str) -> int:
    """Tell which transaction carries a transfer, once it was sent; return 1 where the other side took it."""
    sent = payments(desk.store, "request = ? AND purpose = 'withdrawal' AND state IN ('sent', 'done')", request)
    if not sent:
        return 0
    transaction = sent[-1].transaction_id
    try:
        ask(desk, provider, CONFIRMATIONS, f"{desk.provider}-{message}", {"transaction": transaction})
    except CustodyError:
        return 0
    with desk.store.changing():
        desk.store.do("UPDATE travel SET confirmed = ? WHERE message = ?", transaction, message)
    return 1


def ask(desk: TravelDesk, provider: str, path: str, identifier: str, values: dict[str, Any]) -> dict[str, Any]:
    """Ask another provider; return its answer, which it signed.

    Raises: CustodyRefusedError where nothing may be sent to it, where it does not answer, or not under its key.
    """
    other = usable(desk.store, provider)
    body = canonical(values).encode()
    request = urllib.request.Request(f"{other.base}/{path}", data=body, method="POST")
    signature = desk.signer.sign(signed_line("request", path, identifier, body)).hex()
    headers = {PROVIDER: desk.provider, IDENTIFIER: identifier, SIGNATURE: signature}
    for name, value in (headers | {"content-type": "application/json"}).items():
        request.add_header(name, value)
    try:
        with direct_opener().open(request, timeout=TIMEOUT_S) as found:
            answer, told = found.read(BODY_BYTES_MAX + 1), found.headers.get(SIGNATURE, "")
    except (OSError, ValueError) as error:
        raise CustodyRefusedError(provider, expected="an answer", found=type(error).__name__) from error
    if len(answer) > BODY_BYTES_MAX or not holds(other, "answer", path, identifier, answer, told):
        raise CustodyRefusedError(provider, expected="an answer under its key", found="another one, or none")
    return as_object(answer)


def usable(store: CustodyStore, provider: str) -> ProviderRow:
    """Return a provider with which messages are exchanged. Raises: CustodyRefusedError, UnknownInCustodyError."""
    found, obstacle = find_provider(store, provider), provider_obstacle(store, provider)
    if obstacle or not found.base:
        raise CustodyRefusedError(provider, expected="a reviewed provider with its key", found=obstacle or "no key")
    return found


def holds(other: ProviderRow, direction: str, path: str, identifier: str, body: bytes, signature: str) -> bool:
    """Say whether a message is signed under a provider's key."""
    try:
        raw = bytes.fromhex(signature)
    except ValueError:
        return False
    line = signed_line(direction, path, identifier, body)
    return len(raw) == 64 and is_signed(bytes.fromhex(other.public_key), raw, line)


def as_object(body: bytes) -> dict[str, Any]:
    """Return what a body says. Raises: CustodyInputError."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise CustodyInputError("message", expected="a JSON object", found=repr(body[:40]))
    return found


# ---------------------------------------------------------------- in


def answer_to(desk: TravelDesk, path: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes, str]:
    """Answer a request of another provider: status, body, signature. Nothing is said to who is not in the register."""
    identifier = headers.get(IDENTIFIER, "")
    if not 0 < len(identifier) <= IDENTIFIER_CHARACTERS_MAX or not identifier.isprintable():
        return refusal(desk, 400, path, "", "a request-identifier is needed")
    try:
        other = usable(desk.store, headers.get(PROVIDER, ""))
    except (CustodyRefusedError, UnknownInCustodyError):
        return refusal(desk, 403, path, identifier, "no provider of our register")
    if not holds(other, "request", path, identifier, body, headers.get(SIGNATURE, "")):
        return refusal(desk, 403, path, identifier, "no signature of that provider")
    try:
        act = {TRANSFERS: take_transfer, CONFIRMATIONS: take_confirmation}[path]
        found = act(desk, other.provider, identifier, body)
    except CustodyError as error:
        return refusal(desk, 400, path, identifier, str(error)[:400])
    return signed(desk, 200, path, identifier, found)


def take_transfer(desk: TravelDesk, provider: str, identifier: str, body: bytes) -> dict[str, Any]:
    """Keep what comes ahead of a transfer, and return whether we expect it."""
    digest = sha256(body).hexdigest()
    query = "SELECT sha256, rejected FROM travel_in WHERE provider = ? AND identifier = ?"
    known = desk.store.maybe(query, provider, identifier)
    if known is not None and known[0] != digest:
        raise CustodyRefusedError(identifier, expected="the message that came under it before", found="another one")
    if known is not None:
        return {"rejected": known[1]} if known[1] else {"approved": True}
    values = as_object(body)
    texts = [values.get(name) for name in ("to", "chain", "contract", "address", "amount_minor")]
    if set(values) != FIELDS or not all(isinstance(each, str) and len(each) <= 200 for each in texts):
        raise CustodyInputError("message", expected=", ".join(sorted(FIELDS)), found=", ".join(sorted(values))[:200])
    data = read_ivms101(values["ivms101"])
    rejected = _objection(desk, values, data)
    with desk.store.changing():
        words = (values["chain"], values["contract"], canonical_address(values), values["amount_minor"])
        rest = ("" if rejected else body.decode(), FULL if not missing(data, FULL) else SHORT, rejected, "", "")
        row = (provider, identifier, digest, *words, *rest, desk.store.moment)
        desk.store.do(f"INSERT INTO travel_in VALUES ({', '.join('?' * len(row))})", *row)
    return {"rejected": rejected} if rejected else {"approved": True}


def _objection(desk: TravelDesk, values: dict[str, Any], data: TravelData) -> str:
    """Return why a transfer is not expected, "" where it is. Who our client is, is not said."""
    if values["to"] != desk.provider:
        return "not to us"
    known = "SELECT 1 FROM addresses WHERE chain = ? AND address = ? AND account_id <> 0"
    if desk.store.maybe(known, values["chain"], canonical_address(values)) is None:
        return "no address of a client of ours"
    lacking = missing(data, SHORT)
    return f"the data lack {', '.join(lacking)}" if lacking else ""


def canonical_address(values: dict[str, Any]) -> str:
    """Return an address as the inventory writes it."""
    address: str = values["address"]
    return address if bitcoin_network(values["chain"]) else address.lower()


def take_confirmation(desk: TravelDesk, provider: str, identifier: str, body: bytes) -> dict[str, Any]:
    """Note the transaction that carries a transfer. Raises: CustodyError for one that was not approved."""
    transaction = as_object(body).get("transaction")
    if not isinstance(transaction, str) or not 0 < len(transaction) <= 100:
        raise CustodyInputError("transaction", expected="the name of a transaction", found=repr(transaction)[:60])
    with desk.store.changing():
        statement = (
            "UPDATE travel_in SET transaction_id = ? WHERE provider = ? AND identifier = ? AND rejected = ''"
            " AND transaction_id IN ('', ?)"
        )
        if not desk.store.do(statement, transaction, provider, identifier, transaction):
            raise CustodyRefusedError(identifier, expected="a transfer that we approved", found="none, or another one")
    return {"confirmed": True}


def link_arrivals(store: CustodyStore) -> int:
    """Give arrivals the data that came ahead of them: by transaction, address and exact amount; return how many."""
    count = 0
    query = (
        "SELECT provider, identifier, chain, contract, address, amount_minor, body, data_set, transaction_id"
        " FROM travel_in WHERE transaction_id <> '' AND evidence = '' AND rejected = ''"
    )
    for provider, identifier, chain, contract, address, minor, body, set_name, transaction in store.all(query):
        found = _arrival(store, (chain, contract, address, minor, transaction))
        if found is None:
            continue
        with store.changing():
            data = read_ivms101(json.loads(body)["ivms101"])
            keep_message(store, IN, found.evidence.hex(), provider, set_name, data)
            statement = "UPDATE travel_in SET evidence = ? WHERE provider = ? AND identifier = ?"
            store.do(statement, found.evidence.hex(), provider, identifier)
        count += 1
    return count


def _arrival(store: CustodyStore, terms: tuple[str, str, str, str, str]) -> OutputRow | None:
    """Return an arrival that no message names yet."""
    where = (
        "chain = ? AND contract = ? AND address = ? AND amount_minor = ? AND transaction_id = ?"
        " AND evidence NOT IN (SELECT evidence FROM travel_in)"
    )
    found = outputs(store, where, *terms)
    return found[0] if found else None


def refusal(desk: TravelDesk, status: int, path: str, identifier: str, words: str) -> tuple[int, bytes, str]:
    """Return an answer that says why nothing was done."""
    return signed(desk, status, path, identifier, {"error": words})


def signed(desk: TravelDesk, status: int, path: str, identifier: str, values: dict[str, Any]) -> tuple[int, bytes, str]:
    """Return an answer with its signature."""
    body = canonical(values).encode()
    return status, body, desk.signer.sign(signed_line("answer", path, identifier, body)).hex()
