"""The register of wallet keys: where each lies, who holds it, who left, and when somebody last looked.

A holder who leaves opens a question for every key that it held: rekey or keep, decided by another officer within days.
Nobody holds two keys of one wallet: its quorum would be fewer people than its threshold says.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

from tarazy.facility.accounts.trail import Actor
from tarazy.facility.custody.errors import CustodyInputError, CustodyRefusedError
from tarazy.facility.custody.inventory import WalletRow, find_wallet
from tarazy.facility.custody.store import KEEP, CustodyStore

STORAGES = ("hsm", "file", "offline")
STATES = ("active", "retired", "compromised")
DECISIONS = ("rekey", "keep")
TEXT_CHARACTERS_MAX = 400


class WalletKey(NamedTuple):
    """A key: its public half (of one key, or extended), where the private one lies, and the ceremony's document."""

    key_id: int
    public_key: str
    storage: str
    wallet: str
    state: str
    since: str
    ceremony: str


class RekeyQuestion(NamedTuple):
    """What is to be decided since a holder left."""

    key_id: int
    holder: str
    left_on: str
    decide_by: str
    decision: str


def text(where: str, value: str) -> str:
    """Return a text of people. Raises: CustodyInputError."""
    if not 1 <= len(value.strip()) <= TEXT_CHARACTERS_MAX or not value.isprintable():
        raise CustodyInputError(
            where, expected=f"1 to {TEXT_CHARACTERS_MAX} printable characters", found=repr(value[:60])
        )
    return value.strip()


def register_key(
    store: CustodyStore, actor: Actor, public_key: str, storage: str, wallet: str, ceremony: str, holders: list[str]
) -> WalletKey:
    """Register a key that a ceremony made, with its first holders; `ceremony` is the SHA-256 of the minutes."""
    if storage not in STORAGES:
        raise CustodyInputError("storage", expected=f"one of {', '.join(STORAGES)}", found=repr(storage[:40]))
    if len(ceremony) != 64 or not set(ceremony) <= set("0123456789abcdef"):
        raise CustodyInputError("ceremony", expected="the SHA-256 of its minutes", found=repr(ceremony[:70]))
    if not holders:
        raise CustodyInputError("holders", expected="at least one", found="none")
    text("public key", public_key)
    with store.acting(actor, KEEP):
        found = find_wallet(store, wallet)
        other = store.maybe("SELECT wallet FROM keys WHERE public_key = ?", public_key)
        if other:
            found_text = f"one of wallet {other[0]}"
            raise CustodyRefusedError("key", expected="a key that no wallet has", found=found_text)
        count = store.one("wallet", "SELECT count(*) FROM keys WHERE wallet = ? AND state = 'active'", wallet)[0]
        if found.descriptor and (public_key not in found.descriptor or count >= found.key_count):
            expected = f"one of the {found.key_count} keys of the wallet's descriptor"
            raise CustodyRefusedError("key", expected=expected, found=public_key[:80])
        row = WalletKey(0, public_key, storage, wallet, "active", store.today.isoformat(), ceremony)
        act = store.write(actor, "key", 0, {**row._asdict(), "holders": holders})
        values = row[1:]
        cursor = store.connection.execute("INSERT INTO keys VALUES (NULL, ?, ?, ?, ?, ?, ?, ?)", (*values, act))
        key_id = int(cursor.lastrowid or 0)
        for holder in holders:
            hold(store, actor, key_id, holder)
    return find_key(store, key_id)


def require_registered(store: CustodyStore, wallet: WalletRow, public_key: str) -> None:
    """Refuse deposit addresses of a wallet whose keys the register does not have as active.

    `public_key` is the first key of a one-key wallet, empty for one with a descriptor, all of whose keys count.
    Raises: CustodyRefusedError.
    """
    active = {each.public_key for each in keys(store) if (each.wallet, each.state) == (wallet.wallet, "active")}
    known = len(active) == wallet.key_count if wallet.descriptor else public_key in active
    if not known:
        expected = "a wallet whose keys the key register has as active"
        found = f"{len(active)} of {wallet.key_count} keys" if wallet.descriptor else f"the foreign key {public_key}"
        action = "Register them with their ceremony first: tarazy custody keys --register"
        raise CustodyRefusedError(f"wallet {wallet.wallet}", expected=expected, found=found, action=action)


def find_key(store: CustodyStore, key_id: int) -> WalletKey:
    """Return a key. Raises: UnknownInCustodyError."""
    query = "SELECT key_id, public_key, storage, wallet, state, since, ceremony FROM keys WHERE key_id = ?"
    return WalletKey(*store.one("key", query, key_id))


def keys(store: CustodyStore) -> list[WalletKey]:
    """Return every key."""
    query = "SELECT key_id, public_key, storage, wallet, state, since, ceremony FROM keys ORDER BY key_id"
    return [WalletKey(*row) for row in store.all(query)]


def hold(store: CustodyStore, actor: Actor, key_id: int, holder: str) -> None:
    """Hand a key to one more holder.

    Raises: CustodyRefusedError for a holder of another key of the same wallet.
    """
    name = text("holder", holder)
    with store.acting(actor, KEEP):
        key = find_key(store, key_id)
        query = (
            "SELECT k.key_id FROM holders h JOIN keys k USING (key_id)"
            " WHERE h.holder = ? AND h.ends = '' AND k.wallet = ? AND k.state = 'active'"
        )
        other = store.maybe(query, name, key.wallet)
        if other:
            expected = f"a holder of no key of wallet {key.wallet}"
            raise CustodyRefusedError(name, expected=expected, found=f"the holder of key {other[0]}")
        act = store.write(actor, "holder", key_id, {"holder": name})
        store.do("INSERT INTO holders VALUES (?, ?, ?, '', ?)", key_id, name, store.moment, act)


def holders(store: CustodyStore, key_id: int) -> list[str]:
    """Return who holds a key now."""
    query = "SELECT holder FROM holders WHERE key_id = ? AND ends = '' ORDER BY holder"
    return [row[0] for row in store.all(query, key_id)]


def leave(store: CustodyStore, actor: Actor, holder: str) -> list[RekeyQuestion]:
    """Say that a holder left; each of its keys waits for a decision."""
    name, days = text("holder", holder), store.parameters.number("keys.rekey_days_max", store.today)
    decide_by = (store.today + timedelta(days=days)).isoformat()
    with store.acting(actor, KEEP):
        held = store.all("SELECT key_id FROM holders WHERE holder = ? AND ends = ''", name)
        if not held:
            raise CustodyRefusedError(name, expected="a holder of a key", found="nobody of this name")
        act = store.write(actor, "holder left", 0, {"holder": name, "keys": [row[0] for row in held]})
        for (key_id,) in held:
            store.do(
                "UPDATE holders SET ends = ? WHERE key_id = ? AND holder = ? AND ends = ''", store.moment, key_id, name
            )
            values = (key_id, name, store.moment, decide_by, act)
            store.do("INSERT INTO rekeys VALUES (?, ?, ?, ?, '', '', ?)", *values)
    return [question for question in open_questions(store) if question.holder == name]


def open_questions(store: CustodyStore) -> list[RekeyQuestion]:
    """Return what is to be decided, the oldest first."""
    query = (
        "SELECT key_id, holder, left_on, decide_by, decision FROM rekeys WHERE decision = '' ORDER BY decide_by, key_id"
    )
    return [RekeyQuestion(*row) for row in store.all(query)]


def decide_rekey(store: CustodyStore, actor: Actor, key_id: int, decision: str, reason: str) -> None:
    """Decide for a key: `rekey` retires it, and its coins are to be moved to a new one; `keep` says why not.

    Raises: CustodyRefusedError where nothing is open.
    """
    if decision not in DECISIONS:
        raise CustodyInputError("decision", expected=" or ".join(DECISIONS), found=repr(decision[:40]))
    words = text("reason", reason)
    with store.acting(actor, KEEP):
        act = store.write(actor, "rekey decision", key_id, {"decision": decision, "reason": words})
        statement = "UPDATE rekeys SET decision = ?, reason = ?, act = ? WHERE key_id = ? AND decision = ''"
        if not store.do(statement, decision, words, act, key_id):
            raise CustodyRefusedError(f"key {key_id}", expected="a key whose holder left", found="nothing to decide")
        if decision == "rekey":
            store.do("UPDATE keys SET state = 'retired' WHERE key_id = ?", key_id)


def record_audit(store: CustodyStore, actor: Actor, document: str, findings: int) -> str:
    """Record that access to keys was looked at today, and return when the next look is due."""
    with store.acting(actor, KEEP):
        act = store.write(actor, "key audit", 0, {"document": document, "findings": findings})
        store.do("INSERT INTO audits VALUES (NULL, ?, ?, ?, ?)", store.today.isoformat(), document, findings, act)
    return audit_due(store)


def audit_due(store: CustodyStore) -> str:
    """Return the last day for the next audit of access: at most so many days after the last, or the first key."""
    last = store.one("audit", "SELECT max(on_day) FROM audits")[0]
    first = store.one("key", "SELECT min(since) FROM keys")[0]
    begins = date.fromisoformat(last or first) if last or first else store.today
    return (begins + timedelta(days=store.parameters.number("keys.audit_days_max", store.today))).isoformat()
