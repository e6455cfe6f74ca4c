"""A facility with custody on real chains: two people, two watchers, wallets of both estates, on a folder that lives on.

`Stage.open` starts everything anew from its folder, as after a crash; the chains go on meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from tarazy.chains.adapter import NATIVE
from tarazy.chains.bitcoin.chain import BitcoinChain
from tarazy.chains.bitcoin.node import BitcoinNode
from tarazy.chains.evm.chain import EvmChain
from tarazy.chains.evm.node import Node
from tarazy.domain.records import (
    EVENTS,
    RECORD_SIZE,
    ROLE_MACHINE,
    AccountRole,
    AdmitAsset,
    AssetKind,
    ClientClass,
    CommandKind,
    CommandRejected,
    GrantMandate,
    OpenAccount,
    RegisterAsset,
    RegisterOfficer,
    SetRate,
)
from tarazy.domain.signer import KeySigner
from tarazy.facility.accounts.trail import Actor
from tarazy.facility.custody.deposits import DepositDesk, SecondWatcher
from tarazy.facility.custody.destinations import name_destination, ownership_message, prove_ownership
from tarazy.facility.custody.inventory import (
    AddressRow,
    CustodyAsset,
    add_address,
    add_asset,
    add_wallet,
    addresses,
    find_wallet,
    next_place,
)
from tarazy.facility.custody.outputs import outputs
from tarazy.facility.custody.payment_makers import BitcoinMaker, EvmMaker, FeePolicy
from tarazy.facility.custody.record import CustodyRecord, MachineOfficer
from tarazy.facility.custody.record_view import RecordView
from tarazy.facility.custody.second_looks import confirm_address, confirmed_addresses
from tarazy.facility.custody.signer import JournalSigner, SignerWallet
from tarazy.facility.custody.store import CustodyStore
from tarazy.facility.custody.sweeps import SweepDesk
from tarazy.facility.custody.travel_data import FULL, TransferPerson, TravelData
from tarazy.facility.custody.travel_messages import IN, keep_message, review_provider
from tarazy.facility.custody.wallet_keys import SeedKeys
from tarazy.facility.custody.watcher import ChainWatcher
from tarazy.facility.custody.withdrawal_requests import WithdrawalAsk, ask_withdrawal
from tarazy.facility.custody.withdrawal_rows import WithdrawalCase, find_withdrawal
from tarazy.facility.custody.withdrawals import WithdrawalDesk
from tarazy.facility.officers.founding import Founder, found_facility
from tarazy.facility.publication import publish
from tarazy.facility.sequencer.sequencer import Sequencer
from tarazy.journal.identity import load_identity
from tarazy.market_data.acting import FOR_EVER_NS, Desk
from tarazy.spec.snapshot import decode

from .btc_chain import BtcChain
from .devchain import DevChain

PEOPLE, WATCHERS = 2, 2
EVM_CHAIN_ID = 31337
ACCOUNTS = 3
SEGMENT_BYTES = 1 << 20  # small, so that a stage is founded at once
MANDATE_MAX = 10**24
# What custody's machines do together.
KINDS = (
    CommandKind.credit_deposit,
    CommandKind.receive_unattributed,
    CommandKind.undo_deposit,
    CommandKind.approve_withdrawal,
    CommandKind.dispatch_withdrawal,
    CommandKind.settle_withdrawal,
    CommandKind.undo_withdrawal,
    CommandKind.record_network_fee,
    CommandKind.move_custody,
)
CODES = {1: ("BTC", 8), 2: ("ETH", 18), 3: ("USDT", 6)}
BTC, ETH, USDT = CODES
CLIENT = TransferPerson("Aigerim Sadykova", address="Astana, Mangilik El 55", customer_id="7", country="KZ")
OTHER = TransferPerson("Bolat Omarov")
TRAVEL = TravelData(CLIENT, "account 1", OTHER, "theirs")


def keys_of(name: str) -> list[KeySigner]:
    """Return the keys of the people and the watchers of a stage."""
    return [KeySigner.from_seed(sha256(f"{name}/{number}".encode()).digest()) for number in range(PEOPLE + WATCHERS)]


class Stage:
    """One facility and one chain. `btc` or `evm` drives the chain; `token` is the contract of USDT on an EVM chain."""

    def __init__(
        self,
        folder: Path,
        engine: Any,
        *,
        btc: BtcChain | None = None,
        evm: DevChain | None = None,
        token: str = "",
        depth: int = 2,
        fees: FeePolicy = FeePolicy(),  # noqa: B008 - a plain value
        approve_max: int = MANDATE_MAX,
        second_node: str = "",
    ) -> None:
        self.folder, self.engine, self.btc, self.evm, self.token = folder, engine, btc, evm, token
        self.depth, self.fees, self.approve_max = depth, fees, approve_max
        self.journal = folder / "venue"
        self.keys = keys_of("stage")
        self.second_node = second_node
        self.later = timedelta()
        self.crash: Callable[[str], None] = lambda _: None

    def now(self) -> datetime:
        """Return the time of the stores, which a test moves on."""
        return datetime.now(UTC) + self.later

    # ------------------------------------------------------------ founding

    def found(self) -> None:
        """Found the facility: officers, assets, mandates, accounts."""
        founders = [Founder(key) for key in self.keys[:PEOPLE]]
        found_facility(self.journal, "Stage", founders, segment_bytes=SEGMENT_BYTES)
        watchers = [RegisterOfficer(ROLE_MACHINE, 0, 1, FOR_EVER_NS, key.public_key) for key in self.keys[PEOPLE:]]
        commands: list[Any] = list(watchers)
        for asset_id, (code, scale) in CODES.items():
            names = {"asset_code": code.encode().ljust(16, b"\0"), "dti": bytes(16)}
            commands.append(RegisterAsset(int(AssetKind.digital), scale, **names))
            commands.append(AdmitAsset(asset_id=asset_id, decision_hash=sha256(code.encode()).digest()))
            commands += self.mandates(asset_id)
        for number in range(1, ACCOUNTS + 1):
            terms = (int(ClientClass.professional), int(AccountRole.client), 0, 0, number, 0, number)
            commands.append(OpenAccount(*terms))
        with self.writing():
            self.people(*commands)

    def mandates(self, asset_id: int) -> list[GrantMandate]:
        """Return what the watchers may do in an asset."""
        found = []
        for kind in KINDS:
            most = self.approve_max if kind == CommandKind.approve_withdrawal else MANDATE_MAX
            for officer_id in (3, 4):
                found.append(GrantMandate(2, int(kind), 0, officer_id, asset_id, FOR_EVER_NS, most, 100 * MANDATE_MAX))
        return found

    def set_rate(self, asset_id: int, value_minor: int, amount_minor: int) -> None:
        """State what an asset is worth in cents."""
        self.people(SetRate(0, asset_id, value_minor, amount_minor, sha256(b"rate").digest()))

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Open the record for writing."""
        self.sequencer = Sequencer.open(self.journal, self.engine)
        publication = publish(self.sequencer, self.journal, segment_bytes=SEGMENT_BYTES)
        try:
            yield
        finally:
            self.sequencer.close()
            publication.close()

    def people(self, *commands: Any) -> list[Any]:
        """Journal commands that the two people sign; none may be refused. Return the events."""
        desk = Desk(load_identity(self.journal).facility_id, self.keys, first_number=self.sequencer.engine.next_seq)
        found = []
        now_ns = int(datetime.now(UTC).timestamp() * 10**9)
        for assembled in desk.instructions(commands, desk.people, now_ns):
            events = self.sequencer.execute(assembled.commands, instructions=assembled.entry)
            found += [
                EVENTS[int.from_bytes(events[at : at + 2], "little")].unpack(events, at)
                for at in range(0, len(events), RECORD_SIZE)
            ]
        refusals = [event for event in found if isinstance(event, CommandRejected)]
        assert not refusals, refusals
        return found

    # ------------------------------------------------------------ opening

    def adapter(self, second: bool = False) -> Any:
        """Return an adapter over the chain's node."""
        if self.btc is not None:
            url = self.second_node if second and self.second_node else self.btc.url
            return BitcoinChain([BitcoinNode(url)], "regtest")
        assert self.evm is not None
        url = self.second_node if second and self.second_node else self.evm.url
        return EvmChain([Node(url, timeout_s=10)], EVM_CHAIN_ID)

    @contextmanager
    def open(self) -> Iterator[Stage]:
        """Start everything from the folder."""
        with self.writing():
            self.stores = [CustodyStore(self.folder / f"custody-{n}.sqlite3", now=self.now) for n in (1, 2)]
            self.store = self.stores[0]
            actors = [Actor(1, (1 << 10) - 1, self.keys[0]), Actor(1, (1 << 10) - 1, self.keys[0])]
            self.actor = actors[0]
            self.adapters = [self.adapter(), self.adapter(second=True)]
            self.watchers = [
                ChainWatcher(store, adapter, first_height=self.first_height())
                for store, adapter in zip(self.stores, self.adapters, strict=True)
            ]
            second = SecondWatcher(self.stores[1])
            officers = [MachineOfficer(3, self.keys[2]), MachineOfficer(4, self.keys[3], second.agrees)]
            self.record = CustodyRecord(self.sequencer, self.journal, officers)
            self.set_up()
            self.open_desks()
            try:
                yield self
            finally:
                self.signer.close()
                self.record.close()
                for part in (*self.stores, *self.adapters):
                    part.close()

    def first_height(self) -> int:
        """Return where the watchers begin: behind the blocks that were there before the stage."""
        path = self.folder / "first_height"
        if not path.exists():
            height = self.btc.height if self.btc else self.evm.number if self.evm else 0
            path.write_text(str(height + 1))
        return int(path.read_text())

    def set_up(self) -> None:
        """Fill both inventories at the first start."""
        self.wallet_keys = SeedKeys(self.folder / "hot.key", "hot")
        chain = self.adapters[0].chain
        for store in self.stores:
            if store.maybe("SELECT 1 FROM wallets"):
                continue
            assets = [CustodyAsset(BTC, chain, NATIVE, self.depth)]
            if self.evm is not None:
                assets = [CustodyAsset(ETH, chain, NATIVE, self.depth)]
                assets += [CustodyAsset(USDT, chain, self.token, self.depth)] if self.token else []
            for asset in assets:
                add_asset(store, self.actor, asset)
            add_wallet(store, self.actor, "hot", "client", "hot", chain)
            add_wallet(store, self.actor, "cold", "client", "cold", chain)
            add_wallet(store, self.actor, "house", "house", "hot", chain)
            cold, house = (SeedKeys(self.folder / f"{name}.key", name) for name in ("cold", "house"))
            add_address(store, self.actor, "hot", "main", public_key=self.wallet_keys.public_key(0))
            vault = add_address(store, self.actor, "cold", "main", public_key=cold.public_key(0))
            confirm_address(store, Actor(2, self.actor.roles, self.keys[1]), chain, vault.address)
            add_address(store, self.actor, "house", "main", public_key=house.public_key(0))
            for account_id in range(1, ACCOUNTS + 1):
                place = next_place(store, "hot", "deposit")
                key = self.wallet_keys.public_key(place)
                add_address(store, self.actor, "hot", "deposit", account_id=account_id, public_key=key)
            for provider in ("other", "exchange"):
                review_provider(store, self.actor, provider, provider, "KZ", "approved", "ab" * 32)

    def open_desks(self) -> None:
        """Make the desks and the signer."""
        store, adapter = self.store, self.adapters[0]
        self.deposits = DepositDesk(store, adapter, self.record)
        make = BitcoinMaker if self.btc is not None else EvmMaker
        self.maker = make(store, adapter, "hot", self.fees)  # type: ignore[arg-type]
        estate = frozenset(row.address for row in confirmed_addresses(store, adapter.chain))
        contracts = {row[0]: row[1] for row in store.all("SELECT asset_id, contract FROM assets")}
        keys = len(addresses(store, wallet="hot"))
        hot = find_wallet(store, "hot").location
        wallet = SignerWallet(adapter.chain, hot, self.wallet_keys, keys, contracts, 10**17, estate)
        path = self.folder / "signer.sqlite3"
        self.signer = JournalSigner(self.journal, self.engine, path, wallet, [each.mined for each in self.adapters])
        self.withdrawals = WithdrawalDesk(store, adapter, self.record, self.maker, self.signer.sign_withdrawal)
        self.sweeps = SweepDesk(store, adapter, self.record, self.maker, self.signer.sign_move)

    # ------------------------------------------------------------ what tests do

    @property
    def view(self) -> RecordView:
        """Return what the record says now."""
        return self.record.sync()

    def balance(self, account_id: int, asset_id: int) -> tuple[int, int]:
        """Return available and held of an account, from a snapshot of the engine."""
        state = decode(self.sequencer.engine.snapshot())
        balance = state.ledger.balance(account_id, asset_id)
        return balance.available.minor, balance.held.minor

    def deposit_address(self, account_id: int) -> AddressRow:
        """Return a client's deposit address."""
        return addresses(self.store, account_id=account_id)[0]

    def mine(self, blocks: int = 1) -> None:
        """Mine blocks."""
        if self.btc is not None:
            self.btc.mine(blocks)
        elif self.evm is not None:
            self.evm.mine(blocks)

    def poll(self) -> None:
        """Let both watchers read what is new."""
        for watcher in self.watchers:
            while watcher.poll().is_behind:
                pass

    def tell_travel_data(self) -> None:
        """Let travel data come in for every arrival that has none."""
        for row in outputs(self.store, "state = 'seen'"):
            keep_message(self.store, IN, row.evidence.hex(), "other", FULL, TRAVEL)

    def settle_arrivals(self) -> None:
        """Poll, bring travel data, journal."""
        self.poll()
        self.tell_travel_data()
        self.deposits.step()

    def name_hosted(self, account_id: int, address: str) -> str:
        """Let a client name an address at another provider, whose lock is over."""
        row = name_destination(self.store, self.adapters[0], account_id, address, "exchange")
        self.later += timedelta(hours=25)
        return row.address

    def ask(self, account_id: int, asset_id: int, amount_minor: int, address: str) -> WithdrawalCase:
        """Ask for a withdrawal, and let the other provider accept its travel data."""
        ask = WithdrawalAsk(account_id, asset_id, amount_minor, address, TRAVEL)
        row = ask_withdrawal(self.store, self.adapters[0], self.view, ask)
        self.store.do("UPDATE travel SET state = 'accepted' WHERE reference = ?", str(row.request))
        return row

    def row(self, request: int) -> WithdrawalCase:
        """Return a withdrawal as it stands."""
        return find_withdrawal(self.store, request)


def owned(stage: Stage, account_id: int, address: str, proof_of: Callable[[str], str]) -> None:
    """Name a self-hosted destination and show that it is the client's."""
    row = name_destination(stage.store, stage.adapters[0], account_id, address)
    message = ownership_message(stage.record.facility_id, row)
    prove_ownership(stage.store, stage.record.facility_id, row, proof_of(message))
