"""One facility with client assets on two real chains and at a bank, on a folder that lives on.

`JointStage.open` starts everything anew from its folder, as after a crash; chains and bank go on meanwhile. It runs the
parts that `tarazy custody run` runs: a service for each chain, moves by policy, the reconciliation beside them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from embit import script
from embit.ec import PrivateKey
from embit.finalizer import finalize_psbt
from embit.networks import NETWORKS
from embit.psbt import PSBT
from embit.script import Script
from embit.transaction import Transaction, TransactionInput, TransactionOutput

from tarazy.chains.adapter import NATIVE
from tarazy.chains.bitcoin.chain import BitcoinChain
from tarazy.chains.bitcoin.node import BitcoinNode
from tarazy.chains.evm.chain import EvmChain
from tarazy.chains.evm.node import Node
from tarazy.domain.records import (
    ROLE_MACHINE,
    AccountRole,
    AdmitAsset,
    AssetKind,
    ClientClass,
    CommandKind,
    FundHouse,
    GrantMandate,
    LendFloat,
    MarketState,
    OpenAccount,
    OpenMarket,
    RegisterAsset,
    RegisterOfficer,
    SetMarketRules,
    SetMarketState,
    SetRate,
)
from tarazy.facility.accounts.trail import Actor
from tarazy.facility.banking.book import BankAccount, BankBook, ClientPayer, add_account, add_payer, book_beside
from tarazy.facility.custody.deposits import SecondWatcher
from tarazy.facility.custody.destinations import name_destination
from tarazy.facility.custody.inventory import (
    CustodyAsset,
    add_address,
    add_asset,
    add_wallet,
    addresses,
    find_wallet,
    next_place,
)
from tarazy.facility.custody.inventory_mirror import mirror_inventory
from tarazy.facility.custody.outputs import outputs
from tarazy.facility.custody.record import CustodyRecord, MachineOfficer
from tarazy.facility.custody.second_looks import confirm_address
from tarazy.facility.custody.service import CustodyService, open_signer
from tarazy.facility.custody.store import CustodyStore, custody_beside
from tarazy.facility.custody.travel_data import FULL
from tarazy.facility.custody.travel_messages import IN, keep_message, review_provider
from tarazy.facility.custody.wallet_keys import SeedKeys
from tarazy.facility.custody.watcher import ChainWatcher
from tarazy.facility.custody.withdrawal_requests import WithdrawalAsk, ask_withdrawal
from tarazy.facility.custody.withdrawal_rows import WithdrawalCase
from tarazy.facility.officers.founding import Founder, found_facility
from tarazy.market_data.acting import FOR_EVER_NS

from .btc_chain import COIN, FEE, BtcChain
from .custody_stage import EVM_CHAIN_ID, KINDS, MANDATE_MAX, PEOPLE, SEGMENT_BYTES, TRAVEL, Stage, keys_of
from .devchain import DevChain

BTC, ETH, USDT, KZT = 1, 2, 3, 4
CODES = {BTC: ("BTC", 8), ETH: ("ETH", 18), USDT: ("USDT", 6), KZT: ("KZT", 2)}
# Cents for so many minor units: 60,000 USD a bitcoin, 3,000 an ether, 1 a USDT, 0.002 a tenge.
RATES = {BTC: (6_000_000, COIN), ETH: (300_000, 10**18), USDT: (100, 10**6), KZT: (20, 10_000)}
ETHER = 10**18
HOT, COLD = 1, 3
ACCOUNTS = 3
DEPTH = 2
REPORTER_KINDS = (*KINDS, CommandKind.report_balance)
BANK_ACCOUNT, PAYER_IBAN = "KZ86125KZT5004100100", "KZ988560000000123456"
ALL_ROLES = (1 << 10) - 1
CHAINS = ("btc", "evm")


class JointStage(Stage):
    """The facility. `chain("btc")` and `chain("evm")` name what belongs to one chain."""

    def __init__(self, folder: Path, engine: Any, btc: BtcChain, evm: DevChain, token: str) -> None:
        super().__init__(folder, engine, depth=DEPTH, token=token)
        self.btc, self.evm = btc, evm
        self.keys = keys_of("joint")
        self.bank_folder = folder / "bank"

    # ------------------------------------------------------------ founding

    def found(self) -> None:
        """Found the facility: officers, assets, mandates, accounts, a market of bitcoin for tenge."""
        founders = [Founder(key) for key in self.keys[:PEOPLE]]
        found_facility(self.journal, "Joint", founders, segment_bytes=SEGMENT_BYTES)
        commands: list[Any] = [
            RegisterOfficer(ROLE_MACHINE, 0, 1, FOR_EVER_NS, key.public_key) for key in self.keys[PEOPLE:]
        ]
        for asset_id, (code, scale) in CODES.items():
            kind = AssetKind.fiat if asset_id == KZT else AssetKind.digital
            commands.append(RegisterAsset(int(kind), scale, asset_code=code.encode().ljust(16, b"\0"), dti=bytes(16)))
            commands.append(AdmitAsset(asset_id=asset_id, decision_hash=sha256(code.encode()).digest()))
            commands.append(SetRate(0, asset_id, *RATES[asset_id], sha256(b"rate").digest()))
            for kind_of in REPORTER_KINDS:
                signers = 1 if kind_of == CommandKind.report_balance else 2
                commands += [
                    GrantMandate(
                        signers, int(kind_of), 0, officer, asset_id, FOR_EVER_NS, MANDATE_MAX, 100 * MANDATE_MAX
                    )
                    for officer in (3, 4)
                ]
        for number in range(1, ACCOUNTS + 1):
            terms = (int(ClientClass.professional), int(AccountRole.client), 0, 0, number, 0, number)
            commands.append(OpenAccount(*terms))
        # One lot is 0.001 BTC, one tick 1 tenge for a lot.
        commands.append(
            OpenMarket(
                base_asset_id=BTC,
                quote_asset_id=KZT,
                lot_size_minor=COIN // 1000,
                tick_value_minor=100,
                rulebook_hash=sha256(b"rules").digest(),
            )
        )
        rules = SetMarketRules(market_id=1, collar_ppm=10**8, corridor_ppm=10**8, auction_duration_ms=1_000)
        commands.append(rules._replace(quantity_max_lots=1 << 40, notional_max_minor=1 << 120))
        commands += [
            SetMarketState(int(state), market_id=1) for state in (MarketState.pre_open, MarketState.continuous)
        ]
        with self.writing():
            self.people(*commands)

    # ------------------------------------------------------------ opening

    @contextmanager
    def open(self) -> Iterator[JointStage]:
        """Start everything from the folder."""
        with self.writing(), ExitStack() as stack:
            path = custody_beside(self.journal)
            self.stores = [
                stack.enter_context(CustodyStore(each, now=self.now))
                for each in (path, path.with_name("second.sqlite3"))
            ]
            self.store, self.actor = self.stores[0], Actor(1, ALL_ROLES, self.keys[0])
            self.seed_file = self.folder / "wallets.seed"
            pairs = {name: (self.chain_adapter(name), self.chain_adapter(name)) for name in CHAINS}
            for first, second in pairs.values():
                stack.callback(first.close)
                stack.callback(second.close)
            self.set_up_wallets({name: first.chain for name, (first, _) in pairs.items()})
            people = {number: key.public_key for number, key in enumerate(self.keys, 1)}
            mirror_inventory(self.store, self.stores[1], people)
            second_officer = MachineOfficer(4, self.keys[3], SecondWatcher(self.stores[1]).agrees)
            self.record = CustodyRecord(self.sequencer, self.journal, [MachineOfficer(3, self.keys[2]), second_officer])
            stack.callback(self.record.close)
            self.services = {name: self.service(name, *pairs[name], stack) for name in CHAINS}
            self.bank = stack.enter_context(BankBook(book_beside(self.journal), now=self.now))
            self.set_up_bank()
            yield self

    def chain_adapter(self, name: str) -> Any:
        """Return a new adapter over the node of a chain."""
        assert self.btc is not None
        assert self.evm is not None
        if name == "btc":
            return BitcoinChain([BitcoinNode(self.btc.url)], "regtest")
        return EvmChain([Node(self.evm.url, timeout_s=10)], EVM_CHAIN_ID)

    def service(self, name: str, first: Any, second: Any, stack: ExitStack) -> CustodyService:
        """Return the service of a chain's hot wallet."""
        wallet = find_wallet(self.store, f"hot-{name}")
        keys, path = SeedKeys(self.seed_file, wallet.wallet), self.folder / f"signer-{name}.sqlite3"
        signer = open_signer(self.store, (first, second), self.journal, self.engine, wallet, keys, path)
        stack.callback(signer.close)
        start = self.start_of(name)
        watchers = [ChainWatcher(store, each, start) for store, each in zip(self.stores, (first, second), strict=True)]
        return CustodyService(self.store, first, self.record, wallet, signer, watchers, fees=self.fees)

    def start_of(self, name: str) -> int:
        """Return where the watchers of a chain begin: behind the blocks that were there before the stage."""
        path = self.folder / f"start-{name}"
        if not path.exists():
            assert self.btc is not None
            assert self.evm is not None
            path.write_text(str((self.btc.height if name == "btc" else self.evm.number) + 1))
        return int(path.read_text())

    def set_up_wallets(self, chains: dict[str, str]) -> None:
        """Fill the inventory at the first start; one transaction, so that a kill leaves nothing half-done."""
        if self.store.maybe("SELECT 1 FROM wallets"):
            return
        with self.store.changing():
            assets = [CustodyAsset(BTC, chains["btc"], NATIVE, DEPTH), CustodyAsset(ETH, chains["evm"], NATIVE, DEPTH)]
            for asset in (*assets, CustodyAsset(USDT, chains["evm"], self.token, DEPTH)):
                add_asset(self.store, self.actor, asset)
            for name in CHAINS:
                for wallet, estate in (("hot", "client"), ("cold", "client"), ("house", "house")):
                    tier = "hot" if wallet == "house" else wallet
                    add_wallet(self.store, self.actor, f"{wallet}-{name}", estate, tier, chains[name])
                    key = SeedKeys(self.seed_file, f"{wallet}-{name}").public_key(0)
                    row = add_address(self.store, self.actor, f"{wallet}-{name}", "main", public_key=key)
                    if wallet == "cold":
                        confirm_address(self.store, Actor(2, ALL_ROLES, self.keys[1]), row.chain, row.address)
                for account_id in range(1, ACCOUNTS + 1):
                    place = next_place(self.store, f"hot-{name}", "deposit")
                    key = SeedKeys(self.seed_file, f"hot-{name}").public_key(place)
                    add_address(self.store, self.actor, f"hot-{name}", "deposit", account_id=account_id, public_key=key)
            for provider in ("other", "exchange"):
                review_provider(self.store, self.actor, provider, provider, "KZ", "approved", "ab" * 32)

    def set_up_bank(self) -> None:
        """Enter the account of client money and a client as a payer, once."""
        if not self.bank.all("SELECT 1 FROM bank_accounts"):
            add_account(
                self.bank, self.actor, BankAccount(BANK_ACCOUNT, "KZT", "client", KZT, "drop", "", "client", "")
            )
        if not self.bank.all("SELECT 1 FROM payers"):
            payer = ClientPayer("1234567", 1_000_000_001, 1, "person", ("Ахметова Айгуль",), (PAYER_IBAN,), "")
            add_payer(self.bank, self.actor, payer)

    # ------------------------------------------------------------ what tests do

    def address(self, name: str, account_id: int = 0, wallet: str = "hot") -> str:
        """Return a client's deposit address on a chain, or a wallet's main one."""
        rows = addresses(self.store, wallet=f"{wallet}-{name}")
        role = "deposit" if account_id else "main"
        return next(row.address for row in rows if (row.role, row.account_id) == (role, account_id))

    def mine_both(self, blocks: int = 1) -> None:
        """Mine blocks on both chains."""
        assert self.btc is not None
        assert self.evm is not None
        self.btc.mine(blocks)
        self.evm.mine(blocks)

    def round(self) -> list[Any]:
        """Let travel data come in for what arrived, do one round of both services, and return their reports."""
        for service in self.services.values():
            for watcher in service.watchers:
                while watcher.poll().is_behind:
                    pass
        for row in outputs(self.store, "state = 'seen'"):
            keep_message(self.store, IN, row.evidence.hex(), "other", FULL, TRAVEL)
        return [service.round() for service in self.services.values()]

    def ask_on(self, name: str, account_id: int, asset_id: int, amount_minor: int, address: str) -> WithdrawalCase:
        """Ask for a withdrawal to an address at another provider, which accepts its travel data."""
        adapter = self.services[name].adapter
        with self.store.changing():
            name_destination(self.store, adapter, account_id, address, "exchange")
            self.store.do("UPDATE destinations SET usable_from = ''")
            ask = WithdrawalAsk(account_id, asset_id, amount_minor, address, TRAVEL)
            row = ask_withdrawal(self.store, adapter, self.view, ask)
            self.store.do("UPDATE travel SET state = 'accepted' WHERE reference = ?", str(row.request))
        return row

    def lend_floats(self) -> None:
        """Let the house lend a coin of each chain for fees: on the chains, then in the ledger."""
        assert self.btc is not None
        assert self.evm is not None
        self.pay_from_house_btc(COIN)
        house = self.address("evm", wallet="house")
        self.evm.ask("anvil_setBalance", house, hex(10 * ETHER))
        self.evm.ask("anvil_impersonateAccount", house)
        self.evm.send(self.address("evm"), value=ETHER, sender=house)
        self.mine_both(DEPTH)
        self.round()
        for asset_id, minor in ((BTC, COIN), (ETH, ETHER)):
            (row,) = outputs(
                self.store,
                "state = 'house' AND asset_id = ? AND address IN (?, ?)",
                asset_id,
                self.address("btc"),
                self.address("evm"),
            )
            when = self.sequencer.engine.last_ts_ns
            self.people(FundHouse(HOT, 0, asset_id, when, minor, sha256(b"house %d" % asset_id).digest()))
            self.people(LendFloat(HOT, HOT, 0, asset_id, when, minor, row.evidence))

    def pay_from_house_btc(self, amount: int) -> None:
        """Pay the hot wallet from the house's own address."""
        assert self.btc is not None
        secret = SeedKeys(self.seed_file, "house-btc")._key(0).secret
        key = PrivateKey(secret)
        own = script.p2wpkh(key)
        funding = self.btc.pay((own.address(NETWORKS["regtest"]), amount + FEE))
        parsed = Transaction.parse(funding)
        spending = [TransactionInput(parsed.txid(), 0)]
        out = TransactionOutput(amount, Script.from_address(self.address("btc")))
        draft = PSBT(Transaction(2, spending, [out], 0))
        draft.inputs[0].witness_utxo = TransactionOutput(amount + FEE, own)
        draft.sign_with(key)
        self.btc.ask("sendrawtransaction", finalize_psbt(draft).serialize().hex())

    def today(self) -> date:
        """Return the day in UTC."""
        return datetime.now(UTC).date()
