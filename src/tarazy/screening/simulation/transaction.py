"""One transaction before it is signed: what it would change, whom it would allow what, and what is risky about it.

Balances and allowances are measured by asking the tokens before and after, not read from events, which a contract may
write as it likes; events only say where to look. Gas is that of a chain (base rules of the Cancun hard fork).
"""

from __future__ import annotations

from dataclasses import dataclass

from tarazy.screening.simulation.base_state import BaseState
from tarazy.screening.simulation.calls import GAS_FACTOR, InnerCall, calls_from, same
from tarazy.screening.simulation.decode import Decoded, decode_input
from tarazy.screening.simulation.engine import BlockContext, CallOutcome, EvmEngine, Reads, sandbox
from tarazy.screening.simulation.events import DecodedEvent, event_of
from tarazy.screening.simulation.fork import ForkedEngine
from tarazy.screening.simulation.measure import (
    AllowanceChange,
    BalanceDelta,
    Measured,
    from_events,
    from_input,
    measure,
)
from tarazy.screening.simulation.risks import Risk, risks_of
from tarazy.screening.simulation.sources import ChainAccount, StateSource
from tarazy.screening.simulation.transaction_request import NOTHING_KNOWN, Known, TransactionRequest

TRANSACTION_GAS = 1 << 24  # the most that a transaction may use on the main network


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
    balances: tuple[BalanceDelta, ...] = ()
    allowances: tuple[AllowanceChange, ...] = ()
    events: tuple[DecodedEvent, ...] = ()
    calls: tuple[InnerCall, ...] = ()
    risks: tuple[Risk, ...] = ()
    notes: tuple[str, ...] = ()


def simulate_transaction(
    request: TransactionRequest,
    source: StateSource,
    known: Known = NOTHING_KNOWN,
    engine: str = "revm",
) -> TransactionOutcome:
    """Play a transaction on a state and say what it would do.

    Raises: NodeError where the state is a node's and it fails; StateUnavailableError; EngineError; ValueError for a
    chain that is not the state's.
    """
    return simulate_on(BaseState(source, engine), request, known)


def simulate_on(base_state: BaseState, request: TransactionRequest, known: Known = NOTHING_KNOWN) -> TransactionOutcome:
    """Play a transaction on a base state, which is left as it was; after an error it must not be used again.

    Raises: as `simulate_transaction`.
    """
    block = base_state.block
    if request.chain_id != block.chain_id:
        raise ValueError(f"expected a transaction for chain {block.chain_id}, found chain {request.chain_id}")
    base_state = base_state_for(request, base_state)
    target = base_state.source.accounts([request.to])[request.to] if request.to else ChainAccount()
    decoded = decode_input(request.data, request.abi, target.code or None) if request.to else None
    hinted = [*request.watched, *from_input(decoded, request.sender, request.to)]
    base_state.plain.along = tuple(question.spender for question in hinted if question.spender)
    outcome, seen = dry_run(base_state.plain, request)
    events = tuple(map(event_of, outcome.logs))
    measured = Measured()
    if outcome.succeeded:
        questions = [*hinted, *from_events(events)]
        measured = measure(base_state.plain, request.sender, questions, seen, lambda engine: run(engine, request))
    calls, notes = inner_calls(request, base_state, outcome, seen)
    found = risks_of(request, outcome, measured, decoded, calls, target, known)
    return TransactionOutcome(
        succeeded=outcome.succeeded,
        reason=outcome.reason,
        gas_used=outcome.gas_used,
        fee_wei=outcome.gas_used * price_of(request, block),
        engine=base_state.plain.name,
        block_number=block.number,
        time_s=block.time_s,
        output="0x" + outcome.output.hex(),
        created=outcome.created,
        input=decoded,
        balances=measured.balances,
        allowances=measured.allowances,
        events=events,
        calls=calls,
        risks=found,
        notes=notes,
    )


def price_of(request: TransactionRequest, block: BlockContext) -> int:
    """Return the gas price that the transaction pays."""
    return block.gas_price_wei if request.gas_price is None else request.gas_price


def run(engine: EvmEngine, request: TransactionRequest, gas: int | None = None) -> CallOutcome:
    """Send the transaction on an engine."""
    limit = gas or request.gas or TRANSACTION_GAS
    if request.to is None:
        return engine.deploy(request.sender, request.data, request.value, limit)
    price = price_of(request, engine.block)
    return engine.call(request.sender, request.to, request.data, request.value, limit, price, request.access_list)


def dry_run(engine: ForkedEngine, request: TransactionRequest) -> tuple[CallOutcome, Reads]:
    """Return what the transaction does and looks at; it leaves no mark.

    Raises: StateUnavailableError.
    """
    limit = request.gas or TRANSACTION_GAS
    if request.to is None:
        return engine.dry_run_deploy(request.sender, request.data, request.value, limit)
    price, access = price_of(request, engine.block), request.access_list
    return engine.dry_run(request.sender, request.to, request.data, request.value, limit, price, access)


def base_state_for(request: TransactionRequest, base_state: BaseState) -> BaseState:
    """Return the base state, or a fresh one for a transaction that leaves marks on it or needs another state."""
    first = [request.sender, *([request.to] if request.to else []), *(account for account, _ in request.access_list)]
    sender = base_state.source.accounts(dict.fromkeys(first))[request.sender]
    if request.nonce is not None and request.nonce != sender.nonce:
        return base_state.with_nonce(request.sender, request.nonce)
    if request.to is None or request.access_list or sender.code:
        return BaseState(base_state.source, base_state.name)
    return base_state


def inner_calls(
    request: TransactionRequest, base_state: BaseState, outcome: CallOutcome, seen: Reads
) -> tuple[tuple[InnerCall, ...], tuple[str, ...]]:
    """Return the calls made inside, and a note where they could not be seen."""
    if request.to is None or not outcome.succeeded:
        return (), ()
    machine = base_state.record(seen).inner
    most = base_state.block.gas_limit
    with sandbox(machine):
        needed = request.value + most * price_of(request, base_state.block)
        if machine.balance(request.sender) < needed:
            machine.set_balance(request.sender, needed)
        again = run(machine, request, min((request.gas or TRANSACTION_GAS) * GAS_FACTOR, most))
    if not same(outcome, again):
        return (), ("the calls made inside could not be seen: the code does otherwise when they are recorded",)
    return calls_from(again.logs), ()
