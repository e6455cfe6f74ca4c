"""One transaction before it is signed: what it would change, whom it would allow what, and what is risky about it.

Balances and allowances are measured by asking the tokens before and after, not read from events, which a contract may
write as it likes; events only say where to look. Gas is that of a chain (base rules of the Cancun hard fork).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tarazy.screening.simulation.calls import (
    GAS_FACTOR,
    RECORDER,
    RECORDER_CODE,
    InnerCall,
    calls_from,
    moved,
    recorder_for,
    same,
)
from tarazy.screening.simulation.decode import Decoded, decode_input
from tarazy.screening.simulation.engine import AccessList, Block, Engine, Outcome, Reads, load_engine
from tarazy.screening.simulation.events import Event, event_of
from tarazy.screening.simulation.fork import ForkedEngine, StateUnavailableError
from tarazy.screening.simulation.measure import AllowanceChange, BalanceChange, measure
from tarazy.screening.simulation.risks import Risk, risks_of
from tarazy.screening.simulation.sources import Account, StateSource

ROUNDS_MAX = 200
TRANSACTION_GAS = 1 << 24  # the most that a transaction may use on the main network
PRECOMPILED_MAX = 0x1FF


@dataclass(frozen=True, slots=True)
class TransactionRequest:
    """A transaction that somebody is asked to sign. Units: wei; gas. `to` None creates a contract.

    `nonce` and fees left out are those of the state; `abi` is the ABI of `to` where it is known.
    """

    chain_id: int
    sender: str
    to: str | None
    data: bytes = b""
    value: int = 0
    gas: int | None = None
    gas_price: int | None = None
    nonce: int | None = None
    access_list: AccessList = ()
    abi: Sequence[Mapping[str, Any]] | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What else is known of addresses: malicious ones with the reason, and contracts whose source is not verified."""

    malicious: Mapping[str, str] = field(default_factory=dict)
    unverified: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class TransactionOutcome:
    """What a transaction would do on one state. Units: wei; gas; amounts in minor units of each asset."""

    succeeded: bool
    reason: str
    gas_used: int
    fee_wei: int
    engine: str
    block_number: int
    time_s: int
    output: str = "0x"
    created: str | None = None
    input: Decoded | None = None
    balances: tuple[BalanceChange, ...] = ()
    allowances: tuple[AllowanceChange, ...] = ()
    events: tuple[Event, ...] = ()
    calls: tuple[InnerCall, ...] = ()
    risks: tuple[Risk, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class Fetched:
    """State that was fetched so far, to begin from afresh."""

    source: StateSource
    accounts: dict[str, Account] = field(default_factory=dict)
    slots: dict[tuple[str, int], int] = field(default_factory=dict)

    def put(self, engine: Engine, recorded: bool = False, nonces: Mapping[str, int] | None = None) -> None:
        """Put everything into a fresh engine; with recorders in front of the contracts where asked."""
        slots: dict[str, dict[int, int]] = {}
        for (address, slot), value in self.slots.items():
            slots.setdefault(address, {})[slot] = value
        for address, account in self.accounts.items():
            code = account.code
            if recorded and code and int(address, 16) > PRECOMPILED_MAX:
                engine.fill(moved(address), 0, 1, code)
                code = recorder_for(address)
            nonce = account.nonce if nonces is None else nonces.get(address, account.nonce)
            engine.fill(address, account.balance, nonce, code, slots.get(address))

    def learn(self, seen: Reads) -> bool:
        """Fetch what a run looked at and was not there; say whether there was any."""
        accounts = [a for a in seen if a not in self.accounts and int(a, 16) > PRECOMPILED_MAX]
        slots = [(a, slot) for a, read in seen.items() for slot in read if (a, slot) not in self.slots]
        self.accounts |= self.source.accounts(accounts)
        self.slots |= self.source.slots(slots)
        return bool(accounts or slots)


def simulate_transaction(
    request: TransactionRequest,
    source: StateSource,
    known: Known = Known(),
    engine: str = "revm",
) -> TransactionOutcome:
    """Play a transaction on a state and say what it would do.

    Raises: NodeError where the state is a node's and it fails; StateUnavailableError; EngineError; ValueError for a
    chain that is not the state's.
    """
    block = source.block()
    if request.chain_id != block.chain_id:
        raise ValueError(f"expected a transaction for chain {block.chain_id}, found chain {request.chain_id}")
    fetched = Fetched(source)
    first = [request.sender, *([request.to] if request.to else []), *(account for account, _ in request.access_list)]
    fetched.accounts |= source.accounts(dict.fromkeys(first))
    machine, outcome = play(request, fetched, engine)
    price = price_of(request, block)
    target = fetched.accounts.get(request.to or "", Account())
    decoded = decode_input(request.data, request.abi, target.code or None) if request.to else None
    measured = measure(
        forked(engine, fetched), request.sender, outcome, lambda used: run(used, request), decoded, request.to
    )
    calls, notes = inner_calls(request, fetched, engine, outcome)
    found = risks_of(request, outcome, measured, decoded, calls, fetched.accounts, known)
    return TransactionOutcome(
        succeeded=outcome.succeeded,
        reason=outcome.reason,
        gas_used=outcome.gas_used,
        fee_wei=outcome.gas_used * price,
        engine=machine.name,
        block_number=block.number,
        time_s=block.time_s,
        output="0x" + outcome.output.hex(),
        created=outcome.created,
        input=decoded,
        balances=measured.balances,
        allowances=measured.allowances,
        events=tuple(map(event_of, outcome.logs)),
        calls=calls,
        risks=found,
        notes=notes,
    )


def price_of(request: TransactionRequest, block: Block) -> int:
    """Return the gas price that the transaction pays."""
    return block.gas_price_wei if request.gas_price is None else request.gas_price


def run(engine: Engine, request: TransactionRequest, gas: int | None = None) -> Outcome:
    """Send the transaction on an engine."""
    limit = gas or request.gas or TRANSACTION_GAS
    if request.to is None:
        return engine.deploy(request.sender, request.data, request.value, limit)
    price = price_of(request, engine.block)
    return engine.call(request.sender, request.to, request.data, request.value, limit, price, request.access_list)


def play(request: TransactionRequest, fetched: Fetched, name: str) -> tuple[Engine, Outcome]:
    """Play the transaction on fresh state until everything that it looks at is there.

    Raises: StateUnavailableError.
    """
    for _ in range(ROUNDS_MAX):
        machine = fresh(request, fetched, name)
        if request.to is None:
            outcome = run(machine, request)
            seen = machine.accessed()
        else:
            limit = request.gas or TRANSACTION_GAS
            seen = machine.reads(request.sender, request.to, request.data, request.value, limit)
            machine = fresh(request, fetched, name)  # looking has warmed what it looked at
            outcome = run(machine, request)
        if not fetched.learn(seen):
            return machine, outcome
    raise StateUnavailableError(f"the transaction still found new state after {ROUNDS_MAX} rounds of fetching")


def fresh(request: TransactionRequest, fetched: Fetched, name: str) -> Engine:
    """Return an engine on the fetched state that has run nothing."""
    machine = load_engine(name, fetched.source.block())
    fetched.put(machine, nonces=None if request.nonce is None else {request.sender: request.nonce})
    return machine


def forked(name: str, fetched: Fetched) -> Engine:
    """Return an engine on the same state that fetches further what is asked of it."""
    return ForkedEngine(load_engine(name, fetched.source.block()), fetched.source, tuple(fetched.accounts))


def inner_calls(
    request: TransactionRequest, fetched: Fetched, name: str, outcome: Outcome
) -> tuple[tuple[InnerCall, ...], tuple[str, ...]]:
    """Return the calls made inside, and a note where they could not be seen."""
    if request.to is None or not outcome.succeeded:
        return (), ()
    block = fetched.source.block()
    machine = load_engine(name, block)
    fetched.put(machine, recorded=True)
    machine.fill(RECORDER, 0, 1, RECORDER_CODE)
    if machine.balance(request.sender) < request.value + block.gas_limit * price_of(request, block):
        machine.set_balance(request.sender, request.value + block.gas_limit * price_of(request, block))
    gas = min((request.gas or TRANSACTION_GAS) * GAS_FACTOR, block.gas_limit)
    again = run(machine, request, gas)
    if not same(outcome, again):
        return (), ("the calls made inside could not be seen: the code does otherwise when they are recorded",)
    return calls_from(again.logs), ()
