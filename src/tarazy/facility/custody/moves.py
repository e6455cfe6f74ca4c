"""Moves that custody begins by itself: from hot to cold by policy, from deposit addresses to the main one.

What waits to be withdrawn stays in the hot wallet. From cold to hot a person carries a file; what is needed is told.
Nothing begins that the house's float does not pay: the fee of a move never falls on clients.
"""

from __future__ import annotations

from typing import NamedTuple

from tarazy.chains.adapter import NATIVE, ChainAdapter
from tarazy.chains.evm.chain import EvmChain
from tarazy.domain.arithmetic import div_ceil
from tarazy.facility.custody.inventory import WalletRow, assets_on, first_main, wallets
from tarazy.facility.custody.payment_makers import EvmMaker, FeePolicy, WalletShortError
from tarazy.facility.custody.payment_notes import keep_payment
from tarazy.facility.custody.record_view import RecordView
from tarazy.facility.custody.second_looks import confirmed_addresses
from tarazy.facility.custody.store import CustodyStore
from tarazy.facility.custody.sweeps import GAS_TOKEN, Gatherer, SweepDesk, plan_sweep
from tarazy.facility.custody.withdrawal_rows import OPEN, payments
from tarazy.facility.projections.effects import Pool

# What a move of a Bitcoin wallet may need at most of the float, in virtual bytes: a hundred inputs.
MOVE_VBYTES = 7_000


class MovesBegun(NamedTuple):
    """What one step began, and what people have to do."""

    sweeps: int = 0
    gathered: int = 0
    needs: tuple[str, ...] = ()


class MovePolicy:
    """Begins the moves of one hot wallet. `cold` is the wallet that sweeps go to, None where there is none."""

    def __init__(
        self,
        store: CustodyStore,
        adapter: ChainAdapter,
        wallet: WalletRow,
        sweeps: SweepDesk,
        fees: FeePolicy,
        reference_scale: int = 2,
    ) -> None:
        self.store, self.adapter, self.wallet, self.sweeps, self.fees = store, adapter, wallet, sweeps, fees
        self._scale = reference_scale
        self.gatherer = Gatherer(store, adapter, wallet.wallet, fees) if isinstance(adapter, EvmChain) else None

    def step(self, view: RecordView) -> MovesBegun:
        """Begin what is due. Raises: NodeError."""
        needs = [
            need for asset in assets_on(self.store, self.wallet.chain) if (need := self._refill(view, asset.asset_id))
        ]
        needs += self._unconfirmed()
        if self._float_left(view) < self._fee_most():
            wanted = self._wants_to_move(view)
            short = ("the network float is short: lend coins for fees (LendFloat) before anything moves",)
            return MovesBegun(needs=(*needs, *(short if wanted else ())))
        self._fill_gap()
        swept = sum(self._sweep(view, asset.asset_id) for asset in assets_on(self.store, self.wallet.chain))
        gathered = self.gatherer.step(self._least(view)) if self.gatherer is not None else 0
        return MovesBegun(swept, gathered, tuple(needs))

    # ------------------------------------------------------------ hot and cold

    def cold_wallet(self) -> str | None:
        """Return the cold wallet of the same estate and chain whose main address two officers stand behind.

        Of several it is the first by name.
        """
        known = {row.address for row in confirmed_addresses(self.store, self.wallet.chain)}
        for name in self._cold_names():
            main = first_main(self.store, name)
            if main is not None and main.address in known:
                return name
        return None

    def _cold_names(self) -> list[str]:
        same = (self.wallet.estate, self.wallet.chain, "cold")
        return [each.wallet for each in wallets(self.store) if (each.estate, each.chain, each.tier) == same]

    def _unconfirmed(self) -> tuple[str, ...]:
        """Return in words that nothing goes to cold storage before a second officer has confirmed where."""
        names = self._cold_names()
        if not names or self.cold_wallet() is not None:
            return ()
        return (f"nothing moves to {', '.join(names)}: a second officer is to confirm its main address",)

    def free_to_sweep(self, view: RecordView, asset_id: int) -> int:
        """Return what the policy moves from hot to cold now, without what waits to be withdrawn; 0 while one runs."""
        if self.cold_wallet() is None or self._is_moving(asset_id):
            return 0
        plan = plan_sweep(view, self.store, asset_id)
        return max(0, min(plan.move_minor, plan.hot_minor - self._waiting(asset_id)))

    def _sweep(self, view: RecordView, asset_id: int) -> int:
        amount, cold = self.free_to_sweep(view, asset_id), self.cold_wallet()
        if not amount or cold is None:
            return 0
        try:
            self.sweeps.sweep(asset_id, cold, amount)
        except WalletShortError:  # not gathered yet, or under way
            return 0
        return 1

    def _refill(self, view: RecordView, asset_id: int) -> str:
        """Return what has to come from cold storage: below the floor, or for withdrawals that wait.

        What waits comes on top of the target: a part of what is hot is gas that lies at deposit addresses.
        """
        plan, waiting = plan_sweep(view, self.store, asset_id), self._waiting(asset_id)
        short = "SELECT 1 FROM withdrawals WHERE asset_id = ? AND state = 'hot_short'"
        is_due = plan.move_minor < 0 or plan.hot_minor < waiting or self.store.maybe(short, asset_id) is not None
        needed = min(waiting + plan.target_minor - plan.hot_minor, plan.cold_minor)
        if not is_due or needed <= 0 or self._is_moving(asset_id):
            return ""
        return f"asset {asset_id}: {needed} minor units are to be brought from cold to {self.wallet.wallet}"

    def _is_moving(self, asset_id: int) -> bool:
        where = "chain = ? AND purpose = 'sweep' AND asset_id = ? AND state IN ('drafted', 'signed', 'sent')"
        return bool(payments(self.store, where, self.wallet.chain, asset_id))

    def _waiting(self, asset_id: int) -> int:
        """Return what withdrawals under way still need. Units: minor units."""
        states = [state for state in OPEN if state != "settled"]
        marks = ", ".join("?" * len(states))
        query = f"SELECT amount_minor FROM withdrawals WHERE asset_id = ? AND state IN ({marks})"
        return sum(int(row[0]) for row in self.store.all(query, asset_id, *states))

    def _wants_to_move(self, view: RecordView) -> bool:
        return any(self.free_to_sweep(view, asset.asset_id) for asset in assets_on(self.store, self.wallet.chain))

    def _fill_gap(self) -> None:
        """Draft a transaction that moves nothing where a number before those that wait is missing."""
        maker = self.sweeps.maker
        draft = maker.fill_gap() if isinstance(maker, EvmMaker) else None
        native = [asset.asset_id for asset in assets_on(self.store, self.wallet.chain) if asset.contract == NATIVE]
        if draft is not None and native:
            with self.store.changing():
                terms = (self.wallet.chain, self.wallet.wallet, draft, native[0], 0)
                keep_payment(self.store, "gap", 0, *terms)

    # ------------------------------------------------------------ what moves cost

    def _fee_most(self) -> int:
        """Return the most that one move costs, in the chain's own currency."""
        if isinstance(self.adapter, EvmChain):
            return GAS_TOKEN * min(2 * self.adapter.base_fee_wei() + self.fees.tip_wei, self.fees.fee_wei_max)
        return div_ceil(self.fees.rate * MOVE_VBYTES, 1000)

    def _float_left(self, view: RecordView) -> int:
        """Return the float that no payment under way needs."""
        native = [asset.asset_id for asset in assets_on(self.store, self.wallet.chain) if asset.contract == NATIVE]
        if not native:
            return 0
        where = "chain = ? AND state IN ('drafted', 'signed', 'sent')"
        needed = sum(each.fee_minor for each in payments(self.store, where, self.wallet.chain))
        return view.pool_minor(native[0], Pool.network_float) - needed

    def _least(self, view: RecordView) -> dict[int, int]:
        """Return from which amount on an asset is gathered; what has no rate stays where it is."""
        least_value = self.store.parameters.number("gather.least_usd", self.store.today) * 10**self._scale
        found = {}
        for asset in assets_on(self.store, self.wallet.chain):
            rate = view.rates.get(asset.asset_id)
            found[asset.asset_id] = div_ceil(least_value * rate[1], rate[0]) if rate and rate[0] else 1 << 200
        return found
