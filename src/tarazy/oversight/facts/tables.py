"""The fact tables: which events fill each, and its columns. Surveillance and risk grow on the same tables.

Every row has `seq` (the command in the record that caused it: its source), `ts_ns` (that command's time) and `grade`
(how far it is proven: 1 a replay gives the same, 2 officers signed what somebody else reported). A field of 128 bits is
`<name>_low` and `<name>_high`. A column that an event does not have is 0, or what the table states for this kind of
event. All columns are integers, but hashes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from tarazy.domain.records import EVENTS, LAYOUT, CommandKind, EventKind

REPLAYED, RECORDED = 1, 2
ALWAYS = ("seq", "ts_ns", "grade")
ORDER_COMMANDS = (
    CommandKind.place_order,
    CommandKind.amend_order,
    CommandKind.place_trailing_stop,
    CommandKind.place_oco,
    CommandKind.place_oto,
    CommandKind.place_otoco,
)
K = EventKind


class FactTable(NamedTuple):
    """A table: what it holds, its columns, and for each kind of event the columns that it states itself.

    A table without a source is filled from the state or the statements: `wide_fields`, `hash_fields` say of what kind
    its columns are. `grade` is that of its rows.
    """

    name: str
    means: str
    columns: tuple[str, ...]
    sources: Mapping[EventKind, Mapping[str, int]]
    grade: int = REPLAYED
    wide_fields: frozenset[str] = frozenset()
    hash_fields: frozenset[str] = frozenset()

    def wide_columns(self) -> tuple[str, ...]:
        """Return the columns as they are kept: a field of 128 bits is two."""
        found: list[str] = []
        for column in self.columns:
            found += [f"{column}_low", f"{column}_high"] if column in self.wide() else [column]
        return (*ALWAYS, *found)

    def wide(self) -> set[str]:
        """Return the columns of 128 bits."""
        return set(self.wide_fields) | {
            field for kind in self.sources for field, wire, *_ in LAYOUT[EVENTS[kind].__name__] if wire == "u128"
        }

    def hashes(self) -> set[str]:
        """Return the columns that hold 32 bytes."""
        return set(self.hash_fields) | {
            field for kind in self.sources for field, wire, *_ in LAYOUT[EVENTS[kind].__name__] if wire == "bytes32"
        }


def _table(
    name: str, means: str, columns: str, sources: Mapping[EventKind, Mapping[str, int]], grade: int = REPLAYED
) -> FactTable:
    return FactTable(name, means, tuple(columns.split()), sources, grade)


def _of_state(name: str, means: str, columns: str, wide: str = "", hashes: str = "") -> FactTable:
    fields = tuple(columns.split())
    return FactTable(
        name, means, fields, {}, wide_fields=frozenset(wide.split()), hash_fields=frozenset(hashes.split())
    )


TABLES = {
    each.name: each
    for each in (
        _table(
            "accounts",
            "accounts as they were opened: owner, class, role, approval",
            "account_id owner_id client_class account_role approval_id",
            {K.account_opened: {}},
        ),
        _table(
            "account_states",
            "accounts as their state changed: 1 active, 2 restricted, 3 frozen, 4 closed",
            "account_id account_state from_account_state",
            {K.account_state_changed: {}},
        ),
        _table(
            "client_statuses",
            "what was stated of an owner: class, residency, exemption from the cap",
            "owner_id client_class residency cap_exempt",
            {K.client_status_set: {}},
            RECORDED,
        ),
        _table(
            "asset_changes",
            "an asset's way through admission: 1 registered, 2 admitted, 3 suspended, 4 removed",
            "asset_id asset_status asset_kind",
            {K.asset_registered: {"asset_status": 1}, K.asset_status_changed: {}},
        ),
        _table(
            "market_terms",
            "markets with their assets, lot size and tick value, as opened and as changed",
            "market_id base_asset_id quote_asset_id lot_size_minor tick_value_minor",
            {K.market_opened: {}},
        ),
        _table(
            "orders",
            "orders accepted (reject_code 0) and refused (with the code, and the command that asked)",
            "account_id market_id order_id client_order_id order_type side price_ticks quantity_lots display_lots "
            "reject_code command_kind",
            {K.order_accepted: {}, K.command_rejected: {}},
        ),
        _table(
            "trades",
            "trades with both accounts and fees",
            "market_id trade_index maker_account_id taker_account_id maker_order_id taker_order_id side trade_kind "
            "price_ticks quantity_lots maker_fee_minor taker_fee_minor",
            {K.trade_executed: {}},
        ),
        _table(
            "deposits",
            "assets credited to clients, by reason and location",
            "account_id asset_id location credit_reason amount_minor",
            {K.deposit_credited: {}},
        ),
        _table(
            "withdrawals",
            "steps of withdrawals: 1 requested, 2 approved, 3 dispatched, 4 settled, 5 rejected, 6 undone",
            "step withdrawal_id account_id asset_id amount_minor",
            {
                K.withdrawal_requested: {"step": 1},
                K.withdrawal_approved: {"step": 2},
                K.withdrawal_dispatched: {"step": 3},
                K.withdrawal_settled: {"step": 4},
                K.withdrawal_rejected: {"step": 5},
                K.withdrawal_undone: {"step": 6},
            },
        ),
        _table(
            "custody_reports",
            "balances that a custodian or bank reported, beside the ledger",
            "estate location asset_id balance_matches amount_minor ledger_minor",
            {K.balance_reported: {}},
            RECORDED,
        ),
        _table(
            "officers",
            "officers as registered and as their state changed: 1 active, 2 suspended, 3 revoked",
            "officer_id officer_roles officer_state valid_from_ns valid_until_ns",
            {K.officer_registered: {"officer_state": 1}, K.officer_state_changed: {}},
        ),
        _table(
            "instructions",
            "signed instructions with officer, second officer (0: none) and how many commands they cover",
            "instruction_number officer_id approver_id command_count valid_until_ns",
            {K.instruction_accepted: {}},
        ),
        _table(
            "rules_in_force",
            "settings that a release of the rulebook orders, with its hash; `event_kind` says which setting",
            "event_kind rulebook_hash",
            {
                kind: {"event_kind": int(kind)}
                for kind in (
                    K.market_opened,
                    K.parameter_set,
                    K.limit_set,
                    K.limit_removed,
                    K.fees_set,
                    K.tick_band_set,
                    K.increments_changed,
                )
            },
        ),
        _of_state(
            "balances",
            "what each account owns of each asset at the end, and what of it orders and withdrawals hold",
            "account_id asset_id available_minor held_minor",
            wide="available_minor held_minor",
        ),
        _of_state(
            "custody",
            "where assets lie at the end, by estate and location, by the ledger",
            "estate location asset_id amount_minor",
            wide="amount_minor",
        ),
        _of_state(
            "statements",
            "what the facility signed of its state at a checkpoint: digest of the state, root of the liabilities",
            "frame_number state_digest liabilities_root",
            hashes="state_digest liabilities_root",
        ),
    )
}
