"""An engine on state that lies elsewhere: what a call touches for the first time is fetched, and the call is run again.

Why not the fork of pyrevm itself: it asks its node without a limit on time, holding the interpreter while it waits, and
a node that hangs would hang the process. Here every request goes through the bounded client of `screening.chain`.

Invariant: before a call's outcome is kept, everything that it looked at is either fetched or our own. A call that was
run on missing state is undone. Slots that were fetched below a snapshot are put back when that is reverted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tarazy.screening.simulation.engine import CALL_GAS, DEPLOY_GAS, AccessList, Block, Engine, Outcome, Reads, Snapshot
from tarazy.screening.simulation.sources import StateSource

ROUNDS_MAX = 400  # of fetching for one call; each brings at least one account or slot
FETCHES_MAX = 20_000
PRECOMPILED_MAX = 0x1FF


class StateUnavailableError(Exception):
    """The state that a call needs could not be had within the limits."""


class ForkedEngine:
    """An `Engine` whose state comes from a source."""

    def __init__(self, inner: Engine, source: StateSource, preload: Iterable[str] = ()) -> None:
        self.inner, self.source, self.name = inner, source, inner.name
        self._accounts: set[str] = set()
        self._slots: set[tuple[str, int]] = set()
        self._codes: dict[str, bytes] = {}  # as the source has them, of accounts whose code we did not set
        self._untouched = True  # nothing has run yet
        self._own: set[str] = set()  # contracts that we placed: their storage is not fetched
        self._levels: list[tuple[Snapshot, list[tuple[str, int]]]] = []  # what was fetched below each snapshot
        self._tried: set[tuple[str, str, bytes]] = set()  # calls whose refused parts were looked into
        self._fetched = 0
        self._need(preload)

    @property
    def block(self) -> Block:
        """Return the block in which calls run."""
        return self.inner.block

    def set_block(self, block: Block) -> None:
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
        for (address, slot), value in (self.source.slots(missing) if missing else {}).items():
            self.inner.set_storage(address, {slot: value})
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

    def call(
        self,
        caller: str,
        to: str,
        data: bytes = b"",
        value: int = 0,
        gas: int = CALL_GAS,
        gas_price: int | None = None,
        access: AccessList = (),
    ) -> Outcome:
        """Send a call and keep what it changed, unless it failed."""
        self._need([caller, to])
        self._untouched = False
        for _ in range(ROUNDS_MAX):
            before = self.inner.snapshot()
            outcome = self.inner.call(caller, to, data, value, gas, gas_price, access)
            seen = self.inner.accessed()
            # a refused call is looked into each time its data or its refusal are new, another once for its function
            refusal = b"" if outcome.succeeded else data + outcome.output + outcome.gas_used.to_bytes(8, "big")
            tried = (caller, to, data[:4] + refusal)
            if tried in self._tried and not self._lacks(seen):
                self.inner.keep(before)
                return outcome
            self.inner.revert(before)
            if not self._fetch(seen) and not self._fetch(self.inner.reads(caller, to, data, value, gas)):
                self._tried.add(tried)
        raise StateUnavailableError(f"a call still found new state after {ROUNDS_MAX} rounds of fetching")

    def deploy(self, caller: str, creation: bytes, value: int = 0, gas: int = DEPLOY_GAS) -> Outcome:
        """Create a contract."""
        self._need([caller])
        self._untouched = False
        for _ in range(ROUNDS_MAX):
            before = self.inner.snapshot()
            outcome = self.inner.deploy(caller, creation, value, gas)
            seen = self.inner.accessed()
            if not self._lacks(seen):
                self.inner.keep(before)
                return outcome
            self.inner.revert(before)
            self._fetch(seen)
        raise StateUnavailableError(f"a deployment still found new state after {ROUNDS_MAX} rounds of fetching")

    def reads(self, caller: str, to: str, data: bytes = b"", value: int = 0, gas: int = CALL_GAS) -> Reads:
        """Return what a call looks at."""
        self._need([caller, to])
        seen = self.inner.reads(caller, to, data, value, gas)
        for _ in range(ROUNDS_MAX):
            if not self._fetch(seen):
                break
            seen = self.inner.reads(caller, to, data, value, gas)
        return seen

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
            self._need(lacking[0])
            self._need_slots(lacking[1])
        return lacking is not None

    def snapshot(self) -> Snapshot:
        """Remember the state."""
        taken = self.inner.snapshot()
        self._levels.append((taken, []))
        return taken

    def revert(self, snapshot: Snapshot) -> None:
        """Restore the state of a snapshot, with what was fetched since."""
        self.inner.revert(snapshot)
        slots = self._leave(snapshot)
        self._slots.difference_update(slots)
        self._need_slots(slots)

    def keep(self, snapshot: Snapshot) -> None:
        """Forget the latest snapshot and leave the state as it is."""
        self.inner.keep(snapshot)
        slots = self._leave(snapshot)
        if self._levels:
            self._levels[-1][1].extend(slots)

    def _leave(self, snapshot: Snapshot) -> list[tuple[str, int]]:
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
