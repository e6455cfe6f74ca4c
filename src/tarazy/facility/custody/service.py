"""One round of custody on one chain: watch, journal arrivals, take withdrawals on, follow moves.

A fault of a node, of the record or of a second watcher who sees something else ends the part that met it and is told;
the other parts go on, and the next round tries again.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tarazy.chains.adapter import ChainAdapter
from tarazy.chains.bitcoin.chain import BitcoinChain
from tarazy.chains.bitcoin.node import BitcoinNode
from tarazy.chains.errors import ChainError
from tarazy.chains.evm.chain import EvmChain
from tarazy.chains.evm.node import Node
from tarazy.domain.engine import Engine
from tarazy.facility.accounts.destinations import Destinations
from tarazy.facility.custody.chain_kinds import EVM, bitcoin_network
from tarazy.facility.custody.deposits import DepositDesk
from tarazy.facility.custody.errors import CustodyError
from tarazy.facility.custody.inventory import WalletRow, addresses, assets_on, wallets
from tarazy.facility.custody.moves import MovePolicy
from tarazy.facility.custody.payment_makers import BitcoinMaker, EvmMaker, FeePolicy, PaymentMaker
from tarazy.facility.custody.record import CustodyRecord
from tarazy.facility.custody.second_looks import confirmed_addresses
from tarazy.facility.custody.signer import JournalSigner, SignerWallet
from tarazy.facility.custody.store import CustodyStore
from tarazy.facility.custody.sweeps import SweepDesk
from tarazy.facility.custody.travel_exchange import link_arrivals
from tarazy.facility.custody.wallet_keys import WalletKeys
from tarazy.facility.custody.watcher import ChainWatcher
from tarazy.facility.custody.withdrawal_requests import adopt_requests
from tarazy.facility.custody.withdrawals import WithdrawalDesk

_log = logging.getLogger(__name__)
FEE_MAX_MINOR = {"bitcoin": 10_000_000, "evm": 10**17}  # a tenth of a coin, of either


def open_adapter(chain: str, nodes: list[str], *, traces: bool = False) -> ChainAdapter:
    """Return the adapter of a chain over nodes by URL.

    Raises: NodeError for an address that is none, and for nodes of another chain.
    """
    network = bitcoin_network(chain)
    if network:
        return BitcoinChain([BitcoinNode(url) for url in nodes], network)
    found = EvmChain([Node(url) for url in nodes], int(chain.removeprefix(EVM)), traces=traces)
    found.check_chain()
    return found


class RoundReport(NamedTuple):
    """What one round did, and the faults that it met."""

    height: int = -1
    blocks: int = 0
    credited: int = 0
    waiting: int = 0
    undone: int = 0
    withdrawals_moved: int = 0
    moves_done: int = 0
    sweeps_begun: int = 0
    gathered: int = 0
    needs: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()

    def plain(self) -> dict[str, Any]:
        """Return it for programs."""
        return self._asdict() | {"faults": list(self.faults), "needs": list(self.needs)}


def together(reports: list[RoundReport]) -> RoundReport:
    """Return one report of the rounds of several wallets; its height is the last wallet's."""
    first, *others = reports
    for other in others:
        sums: dict[str, Any] = {name: old + getattr(other, name) for name, old in first._asdict().items()}
        first = RoundReport(**sums | {"height": other.height})
    return first


class CustodyService:
    """Custody of one hot wallet and its chain, in the process of the record's writer."""

    def __init__(
        self,
        store: CustodyStore,
        adapter: ChainAdapter,
        record: CustodyRecord,
        wallet: WalletRow,
        signer: JournalSigner,
        watchers: list[ChainWatcher],
        *,
        fees: FeePolicy = FeePolicy(),  # noqa: B008 - a plain value
        destinations: Destinations | None = None,
        reference_scale: int = 2,
    ) -> None:
        self.store, self.adapter, self.record = store, adapter, record
        self.watchers = watchers
        self.destinations = destinations
        maker = maker_for(store, adapter, wallet.wallet, fees)
        self.deposits = DepositDesk(
            store,
            adapter,
            record,
            reference_scale=reference_scale,
            owns=lambda row: row.wallet != wallet.wallet or signer.owns(row.address, row.place),
        )
        self.withdrawals = WithdrawalDesk(
            store, adapter, record, maker, signer.sign_withdrawal, reference_scale=reference_scale
        )
        self.sweeps = SweepDesk(store, adapter, record, maker, signer.sign_move)
        self.policy = MovePolicy(store, adapter, wallet, self.sweeps, fees, reference_scale)

    def round(self) -> RoundReport:
        """Do once all that is due, and say what was done."""
        report, faults = RoundReport(), list[str]()

        for act in (self._watch, self._journal, self._withdraw, self._begin_moves, self._move):
            try:
                report = act(report)
            except (ChainError, CustodyError) as error:
                faults.append(str(error))
        return report._replace(faults=tuple(faults))

    def _watch(self, report: RoundReport) -> RoundReport:
        blocks = height = 0
        for watcher in reversed(self.watchers):
            while True:
                found = watcher.poll()
                blocks, height = blocks + found.blocks, found.height
                if not found.is_behind:
                    break
        return report._replace(height=height, blocks=blocks)

    def _journal(self, report: RoundReport) -> RoundReport:
        link_arrivals(self.store)
        found = self.deposits.step()
        return report._replace(credited=found.credited, waiting=found.waiting, undone=found.undone)

    def _withdraw(self, report: RoundReport) -> RoundReport:
        if self.destinations is not None:
            adopt_requests(self.store, self.adapter, self.record.sync(), self.destinations)
        return report._replace(withdrawals_moved=self.withdrawals.step())

    def _begin_moves(self, report: RoundReport) -> RoundReport:
        begun = self.policy.step(self.record.sync())
        return report._replace(sweeps_begun=begun.sweeps, gathered=begun.gathered, needs=begun.needs)

    def _move(self, report: RoundReport) -> RoundReport:
        return report._replace(moves_done=self.sweeps.step())


class CustodyRounds:
    """Rounds in a thread of their own, as a part that runs beside the gateway."""

    def __init__(self, round_: Callable[[], RoundReport], tell: Callable[[RoundReport], None], pause_s: float) -> None:
        self._round, self._tell, self._pause_s = round_, tell, pause_s
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="custody", daemon=True)

    async def start(self) -> None:
        """Begin the rounds."""
        self._thread.start()

    async def stop(self) -> None:
        """End after the round that is under way."""
        self._stopping.set()
        await asyncio.to_thread(self._thread.join)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._tell(self._round())
            except Exception:  # a defect ends no gateway; it is in the log, and the next round tries again
                _log.exception("a round of custody failed")
            self._stopping.wait(self._pause_s)


def maker_for(store: CustodyStore, adapter: ChainAdapter, wallet: str, fees: FeePolicy) -> PaymentMaker:
    """Return the maker of drafts of a wallet's chain."""
    if isinstance(adapter, BitcoinChain):
        return BitcoinMaker(store, adapter, wallet, fees)
    if isinstance(adapter, EvmChain):
        return EvmMaker(store, adapter, wallet, fees)
    raise CustodyError(adapter.chain, expected="a chain of a known kind", found=type(adapter).__name__)


def open_signer(
    store: CustodyStore,
    adapters: Sequence[ChainAdapter],
    record: Path,
    engine_type: type[Engine],
    wallet: WalletRow,
    keys: WalletKeys,
    path: Path,
) -> JournalSigner:
    """Return the signer of a wallet. Moves may go to the other wallets of the same estate on this chain, where two
    officers stand behind the address. It asks the nodes of each adapter what became of a payment.

    The signer takes wallets and contracts from the inventory here, in one process with the desk. Apart from it, on a
    machine of its own, it takes them from a mirror of the signed acts.
    """
    contracts = {asset.asset_id: asset.contract for asset in assets_on(store, wallet.chain)}
    same = [each.wallet for each in wallets(store) if (each.estate, each.chain) == (wallet.estate, wallet.chain)]
    estate = frozenset(row.address for row in confirmed_addresses(store, wallet.chain) if row.wallet in same)
    count = max((row.place + 1 for row in addresses(store, wallet=wallet.wallet)), default=0)
    fee_max = FEE_MAX_MINOR["bitcoin" if bitcoin_network(wallet.chain) else "evm"]
    known = SignerWallet(wallet.chain, wallet.location, keys, count, contracts, fee_max, estate)
    return JournalSigner(record, engine_type, path, known, [each.mined for each in adapters])
