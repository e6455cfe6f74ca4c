"""An engine on state that lies elsewhere: what a call touches for the first time is fetched, and the call is run again.

Why not the fork of pyrevm itself: it asks its node without a limit on time, holding the interpreter while it waits, and
a node that hangs would hang the process. Here every request goes through the bounded client of `screening.chain`.

Invariant: before a call's outcome is kept, everything that it looked at is either fetched or our own. A call that was
run on missing state is undone. Slots that were fetched below a snapshot are put back when that is reverted.

What a call looked at is known for sure where it succeeded and no contract on its way can call another: then no part of
it reverted. Else it is looked into by `reads`.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping

from tarazy.screening.simulation.engine import (
    CALL_GAS,
    DEPLOY_GAS,
    OPERATOR,
    AccessList,
    BlockContext,
    CallOutcome,
    EngineSnapshot,
    EvmEngine,
    Reads,
)
from tarazy.screening.simulation.sources import StateSource

ROUNDS_MAX = 400  # of fetching for one call; each brings at least one account or slot
FETCHES_MAX = 20_000
PRECOMPILED_MAX = 0x1FF
CALLING = frozenset((0xF0, 0xF1, 0xF2, 0xF4, 0xF5, 0xFA))  # CREATE, CALL, CALLCODE, DELEGATECALL, CREATE2, STATICCALL
PUSH1, PUSH32 = 0x60, 0x7F


class StateUnavailableError(Exception):
    """The state that a call needs could not be had within the limits."""


class ForkedEngine:
    """An `Engine` whose state comes from a source.

    `cold`: nothing is kept but within snapshots, so what is fetched without one is as on a chain that nobody touched.
    """

    def __init__(self, inner: EvmEngine, source: StateSource, preload: Iterable[str] = (), cold: bool = False) -> None:
        self.inner, self.source, self.name = inner, source, inner.name
        self._cold = cold
        self._accounts: set[str] = {OPERATOR}  # the engine has it from the start
        self._slots: set[tuple[str, int]] = set()
        self._codes: dict[str, bytes] = {}  # as the source has them, of accounts whose code we did not set
        self._untouched = True  # nothing has run yet
        self._own: set[str] = set()  # contracts that we placed: their storage is not fetched
        self._levels: list[tuple[EngineSnapshot, list[tuple[str, int]]]] = []  # what was fetched below each snapshot
        self._tried: set[tuple[str, str, bytes]] = set()  # calls whose reverted parts were looked into
        self._fetched = 0
        self.along: tuple[str, ...] = ()  # accounts that will be asked for: they come with what is fetched next
        self._need(preload)

    @property
    def block(self) -> BlockContext:
        """Return the block in which calls run."""
        return self.inner.block

    def set_block(self, block: BlockContext) -> None:
        """Run what follows in another block."""
        self.inner.set_block(block)

    def _need(self, addresses: Iterable[str]) -> None:
        """Fetch accounts that are not there yet."""
        missing = [a for a in dict.fromkeys(addresses) if a not in self._accounts and int(a, 16) > PRECOMPILED_MAX]
        self._count(len(missing))
        for address, account in (self.source.accounts(missing) if missing else {}).items():
            self.inner.fill(address, account.balance, account.nonce, account.code)
            self._accounts.add(address)
            self._codes[address] = account.code

    def _need_slots(self, places: Iterable[tuple[str, int]]) -> None:
        """Fetch storage that is not there yet."""
        missing = [p for p in dict.fromkeys(places) if p not in self._slots and p[0] not in self._own]
        self._count(len(missing))
        put = self.inner.fill_slots if self._cold and not self._levels else self.inner.set_storage
        for (address, slot), value in (self.source.slots(missing) if missing else {}).items():
            put(address, {slot: value})
            self._mark(address, slot)

    def _mark(self, address: str, slot: int) -> None:
        self._slots.add((address, slot))
        if self._levels:
            self._levels[-1][1].append((address, slot))

    def _count(self, fetched: int) -> None:
        self._fetched += fetched
        if self._fetched > FETCHES_MAX:
            raise StateUnavailableError(f"the simulation needs more than {FETCHES_MAX} accounts and storage slots")

    def set_code(self, address: str, code: bytes, nonce: int = 1) -> None:
        """Make an account a contract with this code."""
        self._need([address])
        if not self.code(address):
            self._own.add(address)
        self._codes.pop(address, None)
        if self._untouched and address in self._own:
            self.inner.fill(address, 0, nonce, code)  # so that the journal, which is read at each call, stays short
        else:
            self.inner.set_code(address, code, nonce)

    def set_nonce(self, address: str, nonce: int) -> None:
        """Say how many transactions an account has sent."""
        self._need([address])
        self.inner.set_nonce(address, nonce)

    def set_balance(self, address: str, wei: int) -> None:
        """Give an account this many wei."""
        self._need([address])
        self.inner.set_balance(address, wei)

    def set_storage(self, address: str, slots: Mapping[int, int]) -> None:
        """Write storage of a contract."""
        self._need([address])
        self.inner.set_storage(address, slots)
        for slot in slots:
            if (address, slot) not in self._slots:
                self._mark(address, slot)

    def code(self, address: str) -> bytes:
        """Return an account's code."""
        self._need([address])
        known = self._codes.get(address)
        return known if known or (known is not None and self._untouched) else self.inner.code(address)

    def balance(self, address: str) -> int:
        """Return an account's wei."""
        self._need([address])
        return self.inner.balance(address)

    def storage(self, address: str, slot: int) -> int:
        """Return one storage slot."""
        self._need([address])
        self._need_slots([(address, slot)])
        return self.inner.storage(address, slot)

    def fill(self, address: str, balance: int, nonce: int, code: bytes, slots: Mapping[int, int] | None = None) -> None:
        """Put an account that the source does not know."""
        self._accounts.add(address)
        self._own.add(address)
        self.inner.fill(address, balance, nonce, code, slots)

    def fill_slots(self, address: str, slots: Mapping[int, int]) -> None:
        """Put storage that the source does not know."""
        self.inner.fill_slots(address, slots)
        self._slots.update((address, slot) for slot in slots)

    def settle(self) -> None:
        """Let what was done so far be what a chain has."""
        self._levels.clear()
        self.inner.settle()

    def call(
        self,
        caller: str,
        to: str,
        data: bytes = b"",
        value: int = 0,
        gas: int = CALL_GAS,
        gas_price: int | None = None,
        access: AccessList = (),
    ) -> CallOutcome:
        """Send a call and keep what it changed, unless it failed."""
        outcome, _, before = self._call(caller, to, data, value, gas, gas_price, access)
        self.inner.keep(before)
        return outcome

    def dry_run(
        self,
        caller: str,
        to: str,
        data: bytes = b"",
        value: int = 0,
        gas: int = CALL_GAS,
        gas_price: int | None = None,
        access: AccessList = (),
    ) -> tuple[CallOutcome, Reads]:
        """Return what a call does and what it looks at, as if none had been made before; leaves no mark."""
        self._tried.clear()
        self._fetched = 0
        outcome, seen, before = self._call(caller, to, data, value, gas, gas_price, access)
        self.inner.revert(before)
        return outcome, seen

    def _call(
        self, caller: str, to: str, data: bytes, value: int, gas: int, gas_price: int | None, access: AccessList
    ) -> tuple[CallOutcome, Reads, EngineSnapshot]:
        """Run a call until all that it looks at is there; the snapshot from before it is left open."""
        self._need([caller, to])
        self._untouched = False
        for _ in range(ROUNDS_MAX):
            before = self.inner.snapshot()
            outcome = self.inner.call(caller, to, data, value, gas, gas_price, access)
            seen = self.inner.accessed()
            # a reverted call is looked into each time its data or its revert are new, another once for its function
            refusal = b"" if outcome.succeeded else data + outcome.output + outcome.gas_used.to_bytes(8, "big")
            tried = (caller, to, data[:4] + refusal)
            known = tried in self._tried or (outcome.succeeded and self._is_plain(seen))
            if known and not self._lacks(seen):
                return outcome, seen, before
            self.inner.revert(before)
            if self._fetch(seen) or self._fetch(self.inner.reads(caller, to, data, value, gas, seen)):
                continue
            self._tried.add(tried)
            if not outcome.succeeded:
                return outcome, seen, self.inner.snapshot()
        raise StateUnavailableError(f"a call still found new state after {ROUNDS_MAX} rounds of fetching")

    def _is_plain(self, seen: Reads) -> bool:
        """Return whether no contract that was looked at can call another, so that no part reverted unseen."""
        return all(address in self._codes and not calls_others(self.code(address)) for address in seen)

    def deploy(self, caller: str, creation: bytes, value: int = 0, gas: int = DEPLOY_GAS) -> CallOutcome:
        """Create a contract."""
        outcome, _, before = self._deploy(caller, creation, value, gas)
        self.inner.keep(before)
        return outcome

    def dry_run_deploy(self, caller: str, creation: bytes, value: int, gas: int) -> tuple[CallOutcome, Reads]:
        """Return what a deployment does and what it looks at; leaves no mark."""
        outcome, seen, before = self._deploy(caller, creation, value, gas)
        self.inner.revert(before)
        return outcome, seen

    def _deploy(self, caller: str, creation: bytes, value: int, gas: int) -> tuple[CallOutcome, Reads, EngineSnapshot]:
        self._need([caller])
        self._untouched = False
        for _ in range(ROUNDS_MAX):
            before = self.inner.snapshot()
            outcome = self.inner.deploy(caller, creation, value, gas)
            seen = self.inner.accessed()
            if not self._lacks(seen):
                return outcome, seen, before
            self.inner.revert(before)
            self._fetch(seen)
        raise StateUnavailableError(f"a deployment still found new state after {ROUNDS_MAX} rounds of fetching")

    def reads(
        self, caller: str, to: str, data: bytes = b"", value: int = 0, gas: int = CALL_GAS, seen: Reads | None = None
    ) -> Reads:
        """Return what a call looks at."""
        self._need([caller, to])
        found = self.inner.reads(caller, to, data, value, gas)
        for _ in range(ROUNDS_MAX):
            if not self._fetch(found):
                break
            found = self.inner.reads(caller, to, data, value, gas)
        return found

    @property
    def size(self) -> int:
        """Return how many accounts and slots are held."""
        return len(self._accounts) + len(self._slots)

    def provide(self, seen: Reads) -> None:
        """Fetch ahead what a call will look at."""
        self._fetch(seen)

    def _lacks(self, seen: Reads) -> tuple[list[str], list[tuple[str, int]]] | None:
        """Return accounts and slots that were looked at and are not there; None where all are."""
        accounts, slots = [], []
        for address, read in seen.items():
            if address not in self._accounts and int(address, 16) > PRECOMPILED_MAX:
                accounts.append(address)
            if address not in self._own:
                slots += [(address, slot) for slot in read if (address, slot) not in self._slots]
        return (accounts, slots) if accounts or slots else None

    def _fetch(self, seen: Reads) -> bool:
        """Fetch what was looked at and is not there; say whether there was any."""
        lacking = self._lacks(seen)
        if lacking is not None:
            self.source.read_ahead((*lacking[0], *self.along), lacking[1])
            self.along = ()
            self._need(lacking[0])
            self._need_slots(lacking[1])
        return lacking is not None

    def snapshot(self) -> EngineSnapshot:
        """Remember the state."""
        taken = self.inner.snapshot()
        self._levels.append((taken, []))
        return taken

    def revert(self, snapshot: EngineSnapshot) -> None:
        """Restore the state of a snapshot, with what was fetched since."""
        self.inner.revert(snapshot)
        slots = self._leave(snapshot)
        self._slots.difference_update(slots)
        self._need_slots(slots)

    def keep(self, snapshot: EngineSnapshot) -> None:
        """Forget the latest snapshot and leave the state as it is."""
        self.inner.keep(snapshot)
        slots = self._leave(snapshot)
        if self._levels:
            self._levels[-1][1].extend(slots)

    def _leave(self, snapshot: EngineSnapshot) -> list[tuple[str, int]]:
        """Take away the levels down to that of a snapshot and return the slots that were fetched in them."""
        slots: list[tuple[str, int]] = []
        while self._levels:
            taken, fetched = self._levels.pop()
            slots += fetched
            if taken is snapshot:
                break
        return slots

    def accessed(self) -> Reads:
        """Return every account that was looked at, with its slots."""
        return self.inner.accessed()


@functools.lru_cache(maxsize=512)
def calls_others(code: bytes) -> bool:
    """Return whether code may call or create contracts; data that look like it count."""
    at, end = 0, len(code)
    while at < end:
        instruction = code[at]
        if instruction in CALLING:
            return True
        at += 2 + instruction - PUSH1 if PUSH1 <= instruction <= PUSH32 else 1
    return False
