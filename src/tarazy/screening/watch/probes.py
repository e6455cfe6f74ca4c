"""Transfers tried in other accounts' places at a block, without sending anything: what arrives, and what is refused.

A small contract is put where the account is, for one call, and moves tokens as the account would; a stranger who holds
nothing is given a balance in the same way. The node must let a call override state (`eth_call` with a third
parameter), as the widely used clients do.
Known limits: a pool whose code is put aside for a purchase does not answer the token meanwhile; a token that treats
accounts with code otherwise shows that. Both hold before and after alike, so that a difference is still one.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tarazy.chains.errors import NodeError, NodeRevertedError
from tarazy.chains.evm import abi, values
from tarazy.chains.evm.code import keccak256
from tarazy.chains.evm.node import call_request
from tarazy.chains.evm.state import ChainState
from tarazy.screening.bytecode.layout import Layout
from tarazy.screening.watch.thresholds import PPM

PROBE = "probe(address,address,uint256)"
ARTIFACT = Path(__file__).with_name("contracts") / "Probe.json"
SMALL_PPM, LARGE_PPM = 100, 10_000  # of the supply
REASON_BYTES_MAX = 4 + 64 + 200
ERROR_TEXT = bytes.fromhex("08c379a0")
POOLS_MAX = 3
GAS_PRICE_MIN_WEI = 10**9  # trials pay for gas as trades do: some tokens look at the price
GAS_MONEY_WEI = 10**24


def made_up(name: str) -> str:
    """Return an address that nobody has."""
    return values.as_hex(keccak256(f"tarazy watch {name}".encode())[12:])


STRANGER, OTHER = made_up("stranger"), made_up("other")


@dataclass(frozen=True, slots=True)
class Trial:
    """One transfer to try. `given` says that the sender gets the amount for the call."""

    name: str  # "sell", "sell_large", "buy", "transfer", "send"
    sender: str
    to: str
    amount: int
    given: bool

    @property
    def key(self) -> str:
        """Return what names this trial from block to block."""
        return f"{self.name} {self.sender} {self.to}"


@dataclass(frozen=True, slots=True)
class ProbeOutcome:
    """What a trial did. `moved` None: it could not be tried, and `reason` says why. Units: parts per million."""

    moved: bool | None
    tax_ppm: int | None = None
    reason: str = ""
    held: int | None = None  # what the sender had, None where it was given it for the call


def trials(supply: int, pools: Sequence[str], holders: Sequence[str], can_give: bool) -> list[Trial]:
    """Return what is tried of a token at every block."""
    small, large = max(1, supply * SMALL_PPM // PPM), max(1, supply * LARGE_PPM // PPM)
    target = pools[0] if pools else OTHER
    found = [Trial("send", each, target, small, False) for each in holders]
    if can_give:
        found += [
            Trial("transfer", STRANGER, OTHER, small, True),
            Trial("transfer_large", STRANGER, OTHER, large, True),
        ]
        found += [Trial("sell", STRANGER, pool, small, True) for pool in pools[:POOLS_MAX]]
        found += [Trial("sell_large", STRANGER, pool, large, True) for pool in pools[:POOLS_MAX]]
    return found + [Trial("buy", pool, STRANGER, small, False) for pool in pools[:POOLS_MAX]]


def run_trials(state: ChainState, layout: Layout | None, asked: Sequence[Trial]) -> dict[str, ProbeOutcome]:
    """Try transfers at the state's block, all in one batch.

    Raises: NodeError where the node cannot be asked at all.
    """
    requests = []
    for trial in asked:
        overrides = placed(state.address, layout, trial)
        data = abi.call_data(PROBE, state.address, trial.to, trial.amount)
        method, call, *rest = call_request(trial.sender, data, state.block.number, trial.sender, overrides)
        call["gasPrice"] = hex(max(GAS_PRICE_MIN_WEI, 2 * state.block.base_fee_wei))
        requests.append((str(method), [call, *rest]))
    answers = state.node.batch(requests)
    return {trial.key: read_outcome(state, trial, answer) for trial, answer in zip(asked, answers, strict=True)}


def placed(token: str, layout: Layout | None, trial: Trial) -> dict[str, Any]:
    """Return the overrides of a trial: the probe in the sender's place, gas money, a balance where it is given one."""
    overrides: dict[str, Any] = {trial.sender: {"code": probe_code(), "balance": hex(GAS_MONEY_WEI)}}
    slot = balance_slot(layout, trial.sender) if trial.given else None
    if slot is not None and layout is not None:
        word = (trial.amount << layout.balance_field[0]) & ((1 << 256) - 1)
        overrides[token] = {"stateDiff": {f"0x{slot:064x}": f"0x{word:064x}"}}
    return overrides


def balance_slot(layout: Layout | None, holder: str) -> int | None:
    """Return where a token keeps a holder's balance, None where the code did not show it."""
    if layout is None or layout.balances is None:
        return None
    parts = [values.word_of_address(holder), values.word_of_number(layout.balances)]
    if layout.balances_style == "vyper":
        parts.reverse()
    return (int.from_bytes(keccak256(b"".join(parts)), "big") + layout.balance_offset) % (1 << 256)


def read_outcome(state: ChainState, trial: Trial, answer: Any) -> ProbeOutcome:
    """Read what the probe returned."""
    if isinstance(answer, NodeRevertedError):
        return ProbeOutcome(None, reason="the probe itself was stopped")
    if isinstance(answer, NodeError):
        return ProbeOutcome(None, reason=f"the node does not try transfers: {answer.found}")
    given = state.node.checked("eth_call", answer, values.data)
    words = abi.words(given)
    if len(words) < 6:
        return ProbeOutcome(None, reason="the probe did not run")
    held, sent, done, received = words[:4]
    own = None if trial.given else held
    if held == 0 or sent == 0:
        return ProbeOutcome(None, reason="the sender holds nothing that it could send", held=own)
    if not done:
        reason = revert_text(given[6 * 32 : 6 * 32 + min(words[5], REASON_BYTES_MAX)])
        return ProbeOutcome(False, reason=reason, held=own)
    return ProbeOutcome(True, max(0, sent - received) * PPM // sent, held=own)


def revert_text(reason: bytes) -> str:
    """Return why a call reverted, as far as it says so."""
    if reason.startswith(ERROR_TEXT):
        return abi.text(reason[4:].ljust(64, b"\0")) or "no reason given"
    return f"error {values.as_hex(reason[:4])}" if len(reason) >= 4 else "no reason given"


@cache
def probe_code() -> str:
    """Return the runtime code of the probe."""
    code: str = json.loads(ARTIFACT.read_text())["contracts"]["Probe"]["runtime"]
    return code
