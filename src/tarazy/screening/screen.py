"""One screening from end to end: code, facts, simulation, checks, verdict.

Each stage that fails leaves its part unknown and says so; the others go on. Nothing here limits time or memory of the
whole: `screening.isolation` runs this in a process of its own that does.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from importlib.metadata import version
from pathlib import Path

from tarazy.chains.errors import NodeError
from tarazy.chains.evm import abi
from tarazy.chains.evm.code import Code, CodeError
from tarazy.chains.evm.contract import ContractReading, read_state
from tarazy.chains.evm.facts import Ownership, TokenFacts
from tarazy.chains.evm.node import Node
from tarazy.chains.evm.ownership import read_ownership
from tarazy.chains.evm.state import ChainState
from tarazy.chains.evm.tables import parse_json
from tarazy.screening.bytecode.bounds import with_stored
from tarazy.screening.bytecode.creation import embedded_runtime
from tarazy.screening.bytecode.delegation import target_slots
from tarazy.screening.bytecode.facts import ContractFacts, analyse
from tarazy.screening.bytecode.finality import Read
from tarazy.screening.checks import run_checks
from tarazy.screening.checks.base import Subject, all_unknown
from tarazy.screening.criteria.edition import Criteria
from tarazy.screening.criteria.file import in_force, load_criteria
from tarazy.screening.criteria.judge import judge
from tarazy.screening.identity.known_tokens import known_tokens
from tarazy.screening.identity.similarity import built_in
from tarazy.screening.model import Capability, Report, Simulation
from tarazy.screening.request import RequestError, ScreenRequest
from tarazy.screening.simulation.actors import FUNDED, fund
from tarazy.screening.simulation.constructed import constructed
from tarazy.screening.simulation.constructors import deploy, settled_storage
from tarazy.screening.simulation.engine import CallOutcome, EvmEngine, view
from tarazy.screening.simulation.engines import load_engine
from tarazy.screening.simulation.scenario import simulate
from tarazy.screening.simulation.target import Limits, Target
from tarazy.screening.simulation.venues import place_all, venue_for
from tarazy.screening.standing import closed_by_state, with_holders

Progress = Callable[[str], None]
HOUSE_CRITERIA = "house"
STAGES = ("code", "paths", "simulation", "hostile_owner", "holders", "checks", "verdict")
NODE_TIMEOUT_S = 5.0
SOFTWARE = f"tarazy {version('tarazy')}"


@dataclass
class ScreenedInput:
    """What is screened, once it was fetched or deployed."""

    runtime: bytes
    input: str
    creation: bytes | None = None
    state: ChainState | None = None
    contract: ContractReading | None = None
    said: TokenFacts | None = None
    read: Read | None = None  # storage that is there; what may replace a proxy's code is told apart
    notes: list[str] = field(default_factory=list)
    made: tuple[EvmEngine, CallOutcome] | None = None  # where the constructor ran, and how it ended

    @property
    def code(self) -> bytes:
        """Return the code that runs: the implementation's where a proxy was resolved."""
        return self.contract.implementation_code if self.contract else self.runtime


def screen(request: ScreenRequest, progress: Progress | None = None) -> Report:
    """Screen one contract and return everything that was found.

    Cost: about 40 ms for the static part, up to a second for large code; up to the request's time for the simulation.
    Raises: RequestError for a request that cannot be understood, CriteriaError for criteria that cannot be read.
    """
    format_word = progress or (lambda stage: None)
    started = time.perf_counter()
    format_word("code")
    try:
        given = fetch(request)
    except NodeError as error:
        return unread(request, str(error), started)
    if not given.code:
        found = "no code at the address" if request.rpc_url else "no bytes"
        return unread(request, f"expected the code of a contract, found {found}: not a contract", started, given)
    format_word("paths")
    facts = analyse(given.code)
    facts, given = unwrapped(facts, given)
    facts = bounded(facts, given)
    if facts.collection:
        given.notes.append(f"the contract is {facts.collection}, no ERC-20 token alone: it was not judged as one")
    simulation = None
    if request.simulate and facts.is_token:
        left = max(0.5, request.time_limit_s - (time.perf_counter() - started))
        simulation = simulated(request, given, facts, left, format_word)
    format_word("holders")
    token = given.contract.token if given.contract else given.said or TokenFacts(request.name, request.symbol)
    ownership = owned(request, given, token)
    format_word("checks")
    known = {"tokens": known_tokens(), "codes": built_in(), "chain_id": request.chain_id, "address": request.address}
    gave = constructed(given.made[0], given.creation or b"", given.made[1], facts.layout) if given.made else None
    subject = Subject(given.code, facts, simulation, given.contract, ownership, token, known, gave)
    capabilities = run_checks(subject)
    capabilities = closed_for_good(capabilities, subject, given)
    if given.state is not None:
        capabilities, unread_fields = with_holders(capabilities, facts, given.state)
        given.notes.extend(unread_fields)
    format_word("verdict")
    code = Code(given.runtime)
    contract = given.contract
    report = Report(
        id=request.id,
        input=given.input,
        chain_id=contract.chain_id if contract else request.chain_id,
        address=request.address.lower() if request.address else None,
        code_hash=code.hash,
        body_hash=code.body_hash,
        code_bytes=len(given.runtime),
        screened_at=datetime.now(UTC).isoformat(timespec="seconds"),
        software=SOFTWARE,
        block_number=contract.block_number if contract else None,
        block_hash=contract.block_hash if contract else None,
        capabilities=capabilities,
        token=token,
        simulation=simulation,
        ownership=ownership,
        proxy_implementation=contract.implementation if contract else None,
        is_open_source=request.is_open_source,
        notes=(*given.notes, *facts.notes, *(contract.unknown if contract else ())),
        seconds=time.perf_counter() - started,
    )
    return replace(report, verdict=judge(report, criteria_of(request, report)), seconds=time.perf_counter() - started)


def fetch(request: ScreenRequest) -> ScreenedInput:
    """Return what is screened: given runtime code, deployed creation code, or what a node holds.

    Raises: NodeError, RequestError.
    """
    if request.rpc_url is not None:
        assert request.address is not None  # noqa: S101 - the request was checked
        node = Node(request.rpc_url, timeout_s=min(NODE_TIMEOUT_S, request.time_limit_s))
        state = ChainState(node, request.address, "latest" if request.block is None else request.block)
        contract = read_state(state, target_slots)
        return ScreenedInput(contract.code, "chain", state=state, contract=contract, read=state.number)
    if request.creation is not None:
        return deployed(request.creation, request.chain_id or 1)
    return ScreenedInput(request.runtime or b"", "runtime")


def deployed(creation: bytes, chain_id: int) -> ScreenedInput:
    """Return what creation code leaves, with a note where the constructor could not be run."""
    engine = load_engine()
    fund(engine, *FUNDED)
    place_all(engine)
    done = deploy(engine, creation, None, venue_for(chain_id, creation).router)
    if done.succeeded and done.output and done.created:
        said, read = read_said(engine, done.created), settled_storage(engine, creation, done)
        return ScreenedInput(done.output, "creation", creation, said=said, read=read, made=(engine, done))
    found = embedded_runtime(creation)
    if found is None:
        note = "the constructor did not run, and no runtime code is seen inside the creation code"
    else:
        note = "the constructor did not run: the code inside is read, without its immutable values"
    return ScreenedInput(found or b"", "creation", creation, notes=[note])


def read_said(engine: EvmEngine, address: str) -> TokenFacts:
    """Return what a deployed token says of itself; None where it does not answer."""

    def ask(signature: str) -> bytes:
        answer = view(engine, address, abi.selector(signature), FUNDED[0])
        return answer.output if answer.succeeded else b""

    return TokenFacts(
        abi.text(ask("name()")),
        abi.text(ask("symbol()")),
        abi.decimals(ask("decimals()")),
        abi.number(ask("totalSupply()")),
    )


def unwrapped(facts: ContractFacts, given: ScreenedInput) -> tuple[ContractFacts, ScreenedInput]:
    """Return the facts of the code inside where what was given as runtime code is creation code."""
    if given.input != "runtime" or len(facts.graphs) > 1:
        return facts, given
    inside = embedded_runtime(given.runtime)
    if inside is None:
        return facts, given
    found = analyse(inside)
    if len(found.graphs) <= 1:
        return facts, given
    note = "expected runtime code, found creation code: what it returns is screened"
    return found, replace(given, runtime=inside, creation=given.runtime, notes=[*given.notes, note])


def bounded(facts: ContractFacts, given: ScreenedInput) -> ContractFacts:
    """Return the facts with the stored caps of fees as they stand at the state at hand, where that could be read."""
    if given.read is None:
        return facts
    try:
        return with_stored(facts, given.read)
    except NodeError as error:
        given.notes.append(f"what bounds the fee at the state at hand is unknown: {error}")
        return facts


def simulated(
    request: ScreenRequest, given: ScreenedInput, facts: ContractFacts, seconds: float, format_word: Progress
) -> Simulation:
    """Return what trading did; a simulation that failed says why and has run nothing."""
    chain_id = request.chain_id or (given.contract.chain_id if given.contract else 1)
    implementation = given.code if given.contract and given.contract.implementation else None
    if request.rpc_url is not None and given.contract is not None:
        target = Target(
            rpc_url=request.rpc_url,
            address=request.address,
            block=given.contract.block_number,
            implementation=implementation,
            chain_id=chain_id,
        )
    elif given.creation is not None and not given.notes:
        target = Target(creation=given.creation, chain_id=chain_id)
    else:
        target = Target(runtime=given.runtime, chain_id=chain_id)
    limits = Limits(hostile=request.hostile, seconds_max=min(Limits().seconds_max, seconds))
    try:
        return simulate(target, facts, limits, progress=format_word)
    except Exception as error:  # a defect of the simulation must not silence the static part
        reason = f"the simulation failed: {type(error).__name__}: {str(error)[:200]}"
        return Simulation(engine="", state="synthetic", ran=False, reason=reason, complete=False)


def owned(request: ScreenRequest, given: ScreenedInput, token: TokenFacts) -> Ownership | None:
    """Return creator, owner, holders and pools from supplied tables or from the node."""
    table = request.tables.get("ownership")
    if table is not None:
        return parse_json(table, "ownership", token.total_supply) if isinstance(table, str) else table
    if given.state is None:
        return None
    try:
        reading = read_ownership(given.state, token.total_supply)
    except NodeError as error:
        given.notes.append(f"holders and pools are unknown: {error}")
        return None
    given.notes.extend(reading.unknown)
    return reading.ownership


def closed_for_good(
    capabilities: dict[str, Capability], subject: Subject, given: ScreenedInput
) -> dict[str, Capability]:
    """Return the capabilities as the state at hand leaves them; as the code has them where it could not be read."""
    if given.read is None:
        return capabilities
    try:
        return closed_by_state(capabilities, subject, given.read)
    except NodeError as error:
        given.notes.append(f"whether the state closes a power for good is unknown: {error}")
        return capabilities


def criteria_of(request: ScreenRequest, report: Report) -> Criteria:
    """Return the criteria asked for: a file, or the edition of a name in force on the day of the screening."""
    name = request.criteria or HOUSE_CRITERIA
    if name.endswith(".toml"):
        return load_criteria(Path(name))
    return in_force(name, date.fromisoformat(report.screened_at[:10]))


def unread(request: ScreenRequest, reason: str, started: float, given: ScreenedInput | None = None) -> Report:
    """Return the report of what could not be read: every capability unknown, with the reason."""
    code = Code(given.runtime if given else b"")
    report = Report(
        id=request.id,
        input=given.input if given else "chain",
        chain_id=request.chain_id,
        address=request.address,
        code_hash=code.hash if given else "",
        body_hash=code.body_hash if given else "",
        code_bytes=len(code.runtime),
        screened_at=datetime.now(UTC).isoformat(timespec="seconds"),
        software=SOFTWARE,
        block_number=None,
        block_hash=None,
        capabilities=all_unknown(reason),
        notes=(reason,),
    )
    return replace(report, verdict=judge(report, criteria_of(request, report)), seconds=time.perf_counter() - started)


__all__ = ["STAGES", "CodeError", "Progress", "RequestError", "screen"]
