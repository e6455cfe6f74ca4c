"""The inventory: assets on chains, wallets of two estates, addresses with proof of control.

Estates never share anything: an address stands in one wallet, a wallet belongs to one estate, and a public key of one
estate is refused in the other. Each row comes from an act in the trail, signed by the officer who did it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

from tarazy.chains.adapter import NATIVE
from tarazy.chains.bitcoin.descriptors import CHANGE, RECEIVE, threshold_of
from tarazy.domain.records import CustodyLocation, Estate
from tarazy.facility.accounts.trail import Actor
from tarazy.facility.custody.chain_kinds import bitcoin_network, check_chain, of_descriptor, of_key, proves
from tarazy.facility.custody.errors import CustodyInputError, CustodyRefusedError
from tarazy.facility.custody.store import KEEP, CustodyStore

TIERS = {"hot": CustodyLocation.hot, "warm": CustodyLocation.warm, "cold": CustodyLocation.cold}
ESTATES = {"client": Estate.client, "house": Estate.house}
ROLES = ("deposit", "main", "change")
NAME_CHARACTERS_MAX = 40
DEPTH_MAX = 10_000
ADDRESS_COLUMNS = (
    "chain, address, wallet, role, place, account_id, descriptor, public_key, proof, proof_message, proved_on"
)


class CustodyAsset(NamedTuple):
    """An asset of the record on its chain. `depth`: blocks, its own included, after which an arrival counts."""

    asset_id: int
    chain: str
    contract: str
    depth: int


class WalletRow(NamedTuple):
    """A wallet. `descriptor` is empty where each address has a key of its own; so many of its keys must sign."""

    wallet: str
    estate: str
    tier: str
    chain: str
    descriptor: str
    threshold: int
    key_count: int

    @property
    def location(self) -> int:
        """Return the custody location in the record."""
        return int(TIERS[self.tier])


class AddressRow(NamedTuple):
    """An address of ours; `account_id` is 0 where it is no client's deposit address."""

    chain: str
    address: str
    wallet: str
    role: str
    place: int
    account_id: int
    descriptor: str
    public_key: str
    proof: str
    proof_message: str
    proved_on: str


def add_asset(store: CustodyStore, actor: Actor, asset: CustodyAsset) -> CustodyAsset:
    """Say on which chain an asset of the record lives, and how deep an arrival must be."""
    check_chain(asset.chain)
    is_native = asset.contract == NATIVE
    if not is_native and (bitcoin_network(asset.chain) or not is_address(asset.contract)):
        found = repr(asset.contract[:60])
        raise CustodyInputError("contract", expected=f"{NATIVE} or a token's address in lower case", found=found)
    if not 1 <= asset.depth <= DEPTH_MAX:
        raise CustodyInputError("depth", expected=f"1 to {DEPTH_MAX} blocks", found=str(asset.depth))
    with store.acting(actor, KEEP):
        act = store.write(actor, "asset", asset.asset_id, asset._asdict())
        statement = (
            "INSERT INTO assets VALUES (?, ?, ?, ?, ?) ON CONFLICT (asset_id) DO UPDATE SET depth = excluded.depth,"
            " act = excluded.act WHERE chain = excluded.chain AND contract = excluded.contract"
        )
        if not store.do(statement, *asset, act):
            action = "An asset of the record has one chain for good"
            found = f"{asset.chain} {asset.contract}"
            raise CustodyRefusedError(f"asset {asset.asset_id}", expected="its own chain", found=found, action=action)
    return asset


def is_address(text: str) -> bool:
    """Say whether a text is an account of an Ethereum-like chain in lower case."""
    return len(text) == 42 and text[:2] == "0x" and set(text[2:]) <= set("0123456789abcdef")


def find_asset(store: CustodyStore, asset_id: int) -> CustodyAsset:
    """Return an asset. Raises: UnknownInCustodyError."""
    query = "SELECT asset_id, chain, contract, depth FROM assets WHERE asset_id = ?"
    return CustodyAsset(*store.one("asset", query, asset_id))


def assets_on(store: CustodyStore, chain: str) -> list[CustodyAsset]:
    """Return the assets of a chain."""
    query = "SELECT asset_id, chain, contract, depth FROM assets WHERE chain = ? ORDER BY asset_id"
    return [CustodyAsset(*row) for row in store.all(query, chain)]


def add_wallet(
    store: CustodyStore, actor: Actor, wallet: str, estate: str, tier: str, chain: str, descriptor: str = ""
) -> WalletRow:
    """Open a wallet. With a descriptor its keys are several; without one each address has its own key.

    Raises: CustodyInputError; CustodyRefusedError where the other estate knows one of its keys.
    """
    check_chain(chain)
    for name, value, known in (("estate", estate, ESTATES), ("tier", tier, TIERS)):
        if value not in known:
            raise CustodyInputError(name, expected=f"one of {', '.join(known)}", found=repr(value[:40]))
    if not 1 <= len(wallet) <= NAME_CHARACTERS_MAX or not wallet.replace("-", "").isalnum() or not wallet.isascii():
        expected = f"a name of letters, digits and hyphens, at most {NAME_CHARACTERS_MAX}"
        raise CustodyInputError("wallet", expected=expected, found=repr(wallet[:60]))
    threshold, key_count = 1, 1
    if descriptor:
        try:
            threshold, key_count = threshold_of(descriptor)
            of_descriptor(chain, descriptor, 0, RECEIVE)
        except ValueError as error:
            raise CustodyInputError("descriptor", expected="one of public keys", found=str(error)) from error
    row = WalletRow(wallet, estate, tier, chain, descriptor, threshold, key_count)
    with store.acting(actor, KEEP):
        if store.maybe("SELECT 1 FROM wallets WHERE wallet = ?", wallet):
            raise CustodyRefusedError(f"wallet {wallet}", expected="a new name", found="one that is taken")
        store.do(
            "INSERT INTO wallets VALUES (?, ?, ?, ?, ?, ?, ?, ?)", *row, store.write(actor, "wallet", 0, row._asdict())
        )
    return row


def find_wallet(store: CustodyStore, wallet: str) -> WalletRow:
    """Return a wallet. Raises: UnknownInCustodyError."""
    query = "SELECT wallet, estate, tier, chain, descriptor, threshold, key_count FROM wallets WHERE wallet = ?"
    return WalletRow(*store.one("wallet", query, wallet))


def wallets(store: CustodyStore) -> list[WalletRow]:
    """Return every wallet."""
    query = "SELECT wallet, estate, tier, chain, descriptor, threshold, key_count FROM wallets ORDER BY wallet"
    return [WalletRow(*row) for row in store.all(query)]


def next_place(store: CustodyStore, wallet: str, role: str) -> int:
    """Return the place of the wallet's next address; keys of one-key wallets count over all roles."""
    if find_wallet(store, wallet).descriptor:
        branch = ("change",) if role == "change" else ("deposit", "main")
        marks = ", ".join("?" * len(branch))
        query = f"SELECT coalesce(max(place) + 1, 0) FROM addresses WHERE wallet = ? AND role IN ({marks})"
        return int(store.one("wallet", query, wallet, *branch)[0])
    query = "SELECT coalesce(max(place) + 1, 0) FROM addresses WHERE wallet = ?"
    return int(store.one("wallet", query, wallet)[0])


def add_address(
    store: CustodyStore,
    actor: Actor,
    wallet: str,
    role: str,
    *,
    account_id: int = 0,
    public_key: bytes = b"",
    place: int | None = None,
) -> AddressRow:
    """Take the next address of a wallet into the inventory; one-key wallets need its public key.

    Raises: CustodyInputError; CustodyRefusedError for a key or an address that the other estate has, or that is known.
    """
    found = find_wallet(store, wallet)
    if role not in ROLES or (account_id and (role != "deposit" or found.estate != "client")):
        expected = f"one of {', '.join(ROLES)}; an account for deposit addresses of the client estate alone"
        raise CustodyInputError("role", expected=expected, found=f"{role[:20]!r} with account {account_id}")
    if bool(public_key) == bool(found.descriptor):
        raise CustodyInputError("address", expected="a public key, or a wallet with a descriptor", found="both or none")
    with store.acting(actor, KEEP):
        at = next_place(store, wallet, role) if place is None else place
        if found.descriptor:
            derived = of_descriptor(found.chain, found.descriptor, at, CHANGE if role == "change" else RECEIVE)
        else:
            derived = of_key(found.chain, public_key)
        check_apart(store, found, derived.address, public_key.hex())
        row = AddressRow(
            found.chain, derived.address, wallet, role, at, account_id, derived.descriptor, public_key.hex(), "", "", ""
        )
        act = store.write(actor, "address", account_id, row._asdict())
        store.do("INSERT INTO addresses VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", *row, act)
    return row


def check_apart(store: CustodyStore, wallet: WalletRow, address: str, public_key: str) -> None:
    """Refuse an address that is known, and a key that another wallet of this chain or another estate has."""
    if store.maybe("SELECT 1 FROM addresses WHERE chain = ? AND address = ?", wallet.chain, address):
        raise CustodyRefusedError(address, expected="a new address", found="one of the inventory")
    query = (
        "SELECT w.wallet, w.estate FROM addresses a JOIN wallets w USING (wallet)"
        " WHERE a.public_key = ? AND a.public_key <> '' AND w.estate <> ?"
    )
    other = store.maybe(query, public_key, wallet.estate)
    if other:
        found = f"that of wallet {other[0]} of the {other[1]} estate"
        raise CustodyRefusedError(address, expected=f"a key of the {wallet.estate} estate alone", found=found)


def find_address(store: CustodyStore, chain: str, address: str) -> AddressRow:
    """Return an address. Raises: UnknownInCustodyError."""
    query = f"SELECT {ADDRESS_COLUMNS} FROM addresses WHERE chain = ? AND address = ?"
    return AddressRow(*store.one("address", query, chain, address))


def addresses(store: CustodyStore, *, chain: str = "", wallet: str = "", account_id: int = 0) -> list[AddressRow]:
    """Return addresses, of a chain, a wallet or an account where one is named."""
    where, values = [], []
    for column, value in (("chain", chain), ("wallet", wallet), ("account_id", account_id)):
        if value:
            where.append(f"{column} = ?")
            values.append(value)
    clause = f" WHERE {' AND '.join(where)}" if where else ""
    query = f"SELECT {ADDRESS_COLUMNS} FROM addresses{clause} ORDER BY wallet, role, place"
    return [AddressRow(*row) for row in store.all(query, *values)]


MAIN = f"SELECT {ADDRESS_COLUMNS} FROM addresses WHERE wallet = ? AND role = 'main' ORDER BY place LIMIT 1"


def main_address(store: CustodyStore, wallet: str) -> AddressRow:
    """Return the first main address of a wallet. Raises: UnknownInCustodyError."""
    return AddressRow(*store.one("main address of wallet", MAIN, wallet))


def first_main(store: CustodyStore, wallet: str) -> AddressRow | None:
    """Return the first main address of a wallet, None where it has none yet."""
    found = store.maybe(MAIN, wallet)
    return None if found is None else AddressRow(*found)


def control_message(facility_id: bytes, estate: str, chain: str, address: str, day: str) -> str:
    """Return what is signed to prove control: who claims the address, for whom, and when."""
    return f"Tarazy facility {facility_id.hex()} controls {address} on {chain} for its {estate} estate on {day}"


def record_proof(
    store: CustodyStore, actor: Actor, facility_id: bytes, chain: str, address: str, proof: str
) -> AddressRow:
    """Take in a proof of control made today, after checking it.

    Raises: CustodyRefusedError for a proof that does not hold.
    """
    row = find_address(store, chain, address)
    estate, day = find_wallet(store, row.wallet).estate, store.today.isoformat()
    message = control_message(facility_id, estate, chain, address, day)
    if not proves(chain, address, message, proof):
        expected = f"a signature by {address} of {message!r}"
        raise CustodyRefusedError(address, expected=expected, found="another", action="Sign the message of today")
    with store.acting(actor, KEEP):
        store.write(
            actor, "proof of control", 0, {"chain": chain, "address": address, "message": message, "proof": proof}
        )
        values = (proof, message, day, chain, address)
        statement = "UPDATE addresses SET proof = ?, proof_message = ?, proved_on = ? WHERE chain = ? AND address = ?"
        store.do(statement, *values)
    return find_address(store, chain, address)


def proofs_due(store: CustodyStore) -> list[AddressRow]:
    """Return the addresses without a proof that is young enough."""
    oldest = store.today - timedelta(days=store.parameters.number("proof.days_max", store.today))
    return [row for row in addresses(store) if row.proved_on < oldest.isoformat()]
