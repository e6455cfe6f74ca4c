"""What `custody run` opens: stores, nodes, the record for writing, signers, and the reconciliation beside them."""

from __future__ import annotations

import argparse
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from tarazy.chains.adapter import ChainAdapter
from tarazy.chains.errors import ChainError
from tarazy.cli.custody.chain_arguments import nodes_of
from tarazy.cli.custody.desk import open_store
from tarazy.cli.custody.wallet_arguments import wallet_keys
from tarazy.cli.engines import fastest, load_engine
from tarazy.cli.errors import CliError
from tarazy.cli.facility.publishing import published
from tarazy.cli.journal.seek import engine_after, readable, reference_state
from tarazy.cli.output import Output
from tarazy.cli.passphrases import open_key
from tarazy.domain.engine import Engine
from tarazy.facility.accounts.destinations import Destinations
from tarazy.facility.banking.book import BankBook, book_beside
from tarazy.facility.custody.deposits import SecondWatcher
from tarazy.facility.custody.errors import CustodyError
from tarazy.facility.custody.inventory import WalletRow, find_wallet
from tarazy.facility.custody.inventory_mirror import mirror_inventory
from tarazy.facility.custody.payment_makers import FeePolicy
from tarazy.facility.custody.record import CustodyRecord, MachineOfficer
from tarazy.facility.custody.service import CustodyService, RoundReport, open_adapter, open_signer, together
from tarazy.facility.custody.store import CustodyStore, custody_beside
from tarazy.facility.custody.watcher import ChainWatcher
from tarazy.facility.officers.key_history import keys_of_officers
from tarazy.facility.reconciliation.continuous import ContinuousReconciliation
from tarazy.facility.reconciliation.errors import ReconciliationError
from tarazy.facility.sequencer.sequencer import Sequencer
from tarazy.journal.keys import keys_folder


class RunningCustody(NamedTuple):
    """Custody of every wallet that was named, over one record."""

    services: list[CustodyService]
    sequencer: Sequencer
    reconciliation: ContinuousReconciliation | None

    def round(self) -> RoundReport:
        """Do one round of every wallet, then the reconciliation where it is due."""
        report = together([service.round() for service in self.services])
        if self.reconciliation is None:
            return report
        try:
            found = self.reconciliation.step()
        except (ChainError, CustodyError, ReconciliationError) as error:
            return report._replace(faults=(*report.faults, str(error)))
        return report if found is None else report._replace(needs=(*report.needs, *found.breaks))


class ChainParts(NamedTuple):
    """One wallet with the nodes of both watchers."""

    wallet: WalletRow
    adapter: ChainAdapter
    second: ChainAdapter


def opened(arguments: argparse.Namespace, output: Output, stack: ExitStack) -> RunningCustody:
    """Open everything; the stack closes it. Raises: CliError, CustodyError, NodeError, JournalError."""
    engine = load_engine(arguments.engine or fastest())
    store = stack.enter_context(open_store(arguments))
    chains = [chain_parts(arguments, find_wallet(store, name), stack) for name in arguments.wallet]
    names = [each.wallet.chain for each in chains]
    if len(set(names)) < len(names):
        raise CliError(f"expected wallets of different chains, found two of {max(names, key=names.count)}")
    mirror = stack.enter_context(CustodyStore(custody_beside(arguments.directory).with_name("second.sqlite3")))
    officers = {each.officer_id: each.public_key for each in reference_state(arguments.directory).authority.officers}
    sequencer = Sequencer.open(arguments.directory, engine, accept_time_gap=True)
    stack.enter_context(published(sequencer, arguments.directory, output))
    mirror_inventory(store, mirror, keys_of_officers(arguments.directory, officers))
    record = CustodyRecord(sequencer, arguments.directory, machine_officers(arguments, mirror))
    stack.callback(record.close)
    services = [service_of(arguments, stack, each, (store, mirror), record, engine) for each in chains]
    return RunningCustody(services, sequencer, reconciliation(arguments, stack, record, store, chains))


def chain_parts(arguments: argparse.Namespace, wallet: WalletRow, stack: ExitStack) -> ChainParts:
    """Open the nodes of a wallet's chain, for the first watcher and for the second."""
    nodes = nodes_of(arguments.node, wallet.chain, len(arguments.wallet))
    second = nodes_of(arguments.second_node or arguments.node, wallet.chain, len(arguments.wallet))
    adapters = [open_adapter(wallet.chain, each, traces=arguments.traces) for each in (nodes, second)]
    for adapter in adapters:
        stack.callback(adapter.close)
    return ChainParts(wallet, *adapters)


def service_of(
    arguments: argparse.Namespace,
    stack: ExitStack,
    parts: ChainParts,
    stores: tuple[CustodyStore, CustodyStore],
    record: CustodyRecord,
    engine: type[Engine],
) -> CustodyService:
    """Return the service of one wallet."""
    store, wallet = stores[0], parts.wallet
    keys = wallet_keys(arguments, wallet.wallet)
    path = custody_beside(arguments.directory).with_name(f"signer-{wallet.wallet}.sqlite3")
    signer = open_signer(store, parts[1:], arguments.directory, engine, wallet, keys, path)
    stack.callback(signer.close)
    destinations = Destinations(keys_folder(arguments.directory))
    stack.callback(destinations.close)
    watchers = [
        ChainWatcher(each, adapter, arguments.from_height)
        for each, adapter in zip(stores, (parts.adapter, parts.second), strict=True)
    ]
    fees = FeePolicy(rate=arguments.fee_rate)
    return CustodyService(store, parts.adapter, record, wallet, signer, watchers, fees=fees, destinations=destinations)


def reconciliation(
    arguments: argparse.Namespace,
    stack: ExitStack,
    record: CustodyRecord,
    store: CustodyStore,
    chains: list[ChainParts],
) -> ContinuousReconciliation | None:
    """Return the reconciliation beside custody, None where it was not asked for."""
    if arguments.reconcile is None:
        return None
    directory: Path = arguments.directory
    banks = book_beside(directory)
    bank_book = stack.enter_context(BankBook(banks)) if banks.exists() else None
    found = ContinuousReconciliation(
        directory,
        record,
        store,
        [each.adapter for each in chains],
        bank_book,
        lambda seq: readable(engine_after(directory, seq)).state,
        arguments.reconcile,
        custody_beside(directory).with_name("reconciliation"),
    )
    stack.callback(found.close)
    return found


def machine_officers(arguments: argparse.Namespace, mirror: CustodyStore) -> list[MachineOfficer]:
    """Return the two officers; the second one looks first."""
    first = open_key(arguments.key, arguments.passphrase_file)
    second = open_key(arguments.second_key, arguments.passphrase_file)
    agrees = SecondWatcher(mirror).agrees
    return [MachineOfficer(arguments.officer, first), MachineOfficer(arguments.second, second, agrees)]
