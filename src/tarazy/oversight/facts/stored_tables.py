"""Stored fact tables asked by DuckDB: the counts that rules ask for, over Parquet, in bounded memory.

A quarter has millions of rows. DuckDB reads the columns that a question needs, in pieces, and puts what does not fit
into `memory_mib` down in a folder of its own. The counts are the same as those that `RecordCounts` keeps while a record
is replayed: two programs, one answer. Who did not make the tables alone trusts who did; only a replay proves them.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from tarazy.domain.records import AccountRole, AccountState, AssetStatus, ClientClass, Residency, Side
from tarazy.journal.errors import StorageError
from tarazy.journal.files import reading
from tarazy.oversight.facts.counting import day_of, nothing_of
from tarazy.oversight.facts.tables import TABLES

MEMORY_MIB = 512
THREADS = 2

# Times of each asset, by command, in which it was not admitted: before its first change, and after each that ended it.
NOT_ADMITTED = f"""
WITH changes AS (
    SELECT asset_id, seq, asset_status, lead(seq) OVER life AS next_seq,
           bool_or(asset_status = {int(AssetStatus.admitted)}) OVER life AS ever
    FROM asset_changes
    WINDOW life AS (PARTITION BY asset_id ORDER BY seq)
), assets AS (SELECT base_asset_id AS asset_id FROM market_terms UNION SELECT quote_asset_id FROM market_terms)
SELECT asset_id, seq AS from_seq, coalesce(next_seq, {2**64 - 1}::UBIGINT) AS to_seq, ever
FROM changes WHERE asset_status <> {int(AssetStatus.admitted)}
UNION ALL
SELECT asset_id, 0, coalesce(min(seq), {2**64 - 1}::UBIGINT), false
FROM assets LEFT JOIN changes USING (asset_id) GROUP BY asset_id
"""
SIDES = "SELECT DISTINCT market_id, unnest([base_asset_id, quote_asset_id]) AS asset_id FROM market_terms"
OUTSIDE = """
SELECT count(*) FILTER (NOT ever), count(*) FILTER (ever)
FROM trades JOIN idle ON trades.market_id = idle.market_id AND trades.seq >= idle.from_seq AND trades.seq < idle.to_seq
"""
ACCOUNTS = f"""
SELECT count(*) FILTER (client_class = 0), count(*) FILTER (account_role = {int(AccountRole.affiliate)}),
       count(*) FILTER (account_role = {int(AccountRole.affiliate)} AND approval_id = 0),
       count(DISTINCT owner_id) FILTER (account_role = {int(AccountRole.client)})
FROM accounts
"""
PROFESSIONALS = f"""
SELECT (SELECT count(*) FROM client_statuses WHERE client_class = {int(ClientClass.professional)})
       + (SELECT count(*) FROM accounts WHERE client_class = {int(ClientClass.professional)}
          AND account_role = {int(AccountRole.client)})
"""
HOUSE_ORDERS = f"""
SELECT count(*) FROM orders JOIN (SELECT account_id, arg_max(account_role, seq) AS role FROM accounts GROUP BY ALL)
USING (account_id) WHERE reject_code = 0 AND role = {int(AccountRole.house)}
"""
HIDDEN = """
SELECT min(price_ticks::HUGEINT * quantity_lots * tick_value_minor)
FROM (SELECT * FROM orders WHERE reject_code = 0 AND display_lots > 0) AS hidden
ASOF JOIN market_terms AS terms ON hidden.market_id = terms.market_id AND hidden.seq >= terms.seq
"""
RELEASES = "SELECT hex(rulebook_hash), min(ts_ns) FROM rules_in_force GROUP BY ALL ORDER BY 1"
LATER_CHANGES = f"""
SELECT asset_id, ts_ns FROM (
    SELECT *, bool_or(asset_status = {int(AssetStatus.admitted)}) OVER (
        PARTITION BY asset_id ORDER BY seq ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS ever
    FROM asset_changes) WHERE ever ORDER BY seq
"""
ENDINGS = f"SELECT account_id, ts_ns FROM account_states WHERE account_state = {int(AccountState.closed)} ORDER BY seq"
OPENED = f"""
SELECT owner_id, min(ts_ns) FROM accounts WHERE account_role = {int(AccountRole.client)} GROUP BY ALL ORDER BY 1
"""
FIRST_ORDERS = f"""
SELECT owner_id, min(orders.ts_ns)
FROM orders JOIN (SELECT account_id, arg_max(owner_id, seq) AS owner_id, arg_max(account_role, seq) AS role
                  FROM accounts GROUP BY ALL) USING (account_id)
WHERE reject_code = 0 AND role = {int(AccountRole.client)} GROUP BY ALL ORDER BY 1
"""
CAPPED = f"""
SELECT account_id, owner_id FROM accounts JOIN (
    SELECT owner_id, arg_max(client_class, seq) AS class, arg_max(residency, seq) AS residency,
           arg_max(cap_exempt, seq) AS exempt FROM client_statuses GROUP BY ALL) USING (owner_id)
WHERE account_role = {int(AccountRole.client)} AND class = {int(ClientClass.retail)}
      AND residency = {int(Residency.resident)} AND exempt = 0
"""
# What came in of the reference currency, and what was paid for trades in it, by month; 128 bits from their halves.
MONTHS = f"""
WITH capped AS ({CAPPED}), terms AS (
    SELECT market_id, arg_max(quote_asset_id, seq) AS quote, arg_max(tick_value_minor, seq) AS tick
    FROM market_terms GROUP BY ALL
), moved AS (
    SELECT account_id, ts_ns, amount_minor_low + amount_minor_high::HUGEINT * 18446744073709551616 AS deposit,
           0::HUGEINT AS purchase FROM deposits WHERE asset_id = $asset
    UNION ALL
    SELECT CASE side WHEN {int(Side.buy)} THEN taker_account_id ELSE maker_account_id END, ts_ns, 0::HUGEINT,
           price_ticks::HUGEINT * quantity_lots * tick FROM trades JOIN terms USING (market_id) WHERE quote = $asset
)
SELECT owner_id, strftime(make_timestamp((ts_ns // 1000)::BIGINT), '%Y-%m') AS month,
       sum(deposit)::HUGEINT, sum(purchase)::HUGEINT
FROM moved JOIN capped USING (account_id) GROUP BY ALL ORDER BY ALL
"""


class StoredTables:
    """The tables of one folder, open for questions."""

    def __init__(self, folder: Path, *, memory_mib: int = MEMORY_MIB) -> None:
        """Open the tables of a folder; one that has no file has no rows. Raises: StorageError."""
        self.folder = Path(folder)
        self._spill = TemporaryDirectory(prefix="fact-tables-")
        bounds: dict[str, Any] = {"memory_limit": f"{memory_mib}MiB", "threads": THREADS}
        bounds["temp_directory"] = self._spill.name
        self._database = duckdb.connect(":memory:", config=bounds)
        self.stored = [name for name in TABLES if (self.folder / f"{name}.parquet").is_file()]
        try:
            for name in TABLES:
                self._view(name)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> StoredTables:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the memory and of what was put down."""
        self._database.close()
        self._spill.cleanup()

    def _view(self, name: str) -> None:
        """Name a table's file, or an empty table of the same columns."""
        path = self.folder / f"{name}.parquet"
        with reading(path, "open the table"):
            if name in self.stored:
                quoted = str(path).replace("'", "''")
                self.ask(f"CREATE VIEW {name} AS SELECT * FROM read_parquet('{quoted}')")
            else:
                hashes = TABLES[name].hashes()
                columns = ", ".join(
                    f"{column} {'BLOB' if column in hashes else 'UBIGINT'}" for column in TABLES[name].wide_columns()
                )
                self.ask(f"CREATE TABLE {name} ({columns})")

    def ask(self, question: str, values: dict[str, Any] | None = None) -> list[tuple[Any, ...]]:
        """Return the rows of an answer.

        Raises: StorageError where a table is no table, lacks a column, or the memory does not do.
        """
        try:
            return self._database.execute(question, values or {}).fetchall()
        except duckdb.Error as error:
            found = str(error).splitlines()[0][:200]
            raise StorageError(
                self.folder,
                expected="fact tables of this version",
                found=found,
                action="Write them: tarazy rules facts",
            ) from error

    def counts(self) -> dict[str, Any]:
        """Return what rules ask of orders, trades, accounts and releases, by the words of the rulebook."""
        without, affiliates, unapproved, owners = self.ask(ACCOUNTS)[0]
        before, suspended = self._outside()
        found: dict[str, Any] = {
            "accounts_without_class": without,
            "affiliate_accounts": affiliates,
            "affiliate_accounts_without_approval": unapproved,
            "house_orders_accepted": self.ask(HOUSE_ORDERS)[0][0],
            "owners_in_record": owners,
            "trades_before_admission": before,
            "trades_while_suspended": suspended,
            "releases_in_record": [
                {"id": digest.lower(), "first_set": day_of(first_ns)} for digest, first_ns in self.ask(RELEASES)
            ],
        }
        found["asset_changes"] = [
            {"id": str(asset), "decided": day_of(ts_ns), "published": day_of(ts_ns)}
            for asset, ts_ns in self.ask(LATER_CHANGES)
        ]
        found["membership_endings"] = [
            {"id": str(account), "ended": day_of(ts_ns)} for account, ts_ns in self.ask(ENDINGS)
        ]
        if self.ask("SELECT count(*) FROM accounts")[0][0]:
            found |= nothing_of(self.ask(PROFESSIONALS)[0][0], len(found["membership_endings"]))
        smallest = self.ask(HIDDEN)[0][0]
        return found if smallest is None else found | {"hidden_order_min_minor": int(smallest)}

    def _outside(self) -> tuple[int, int]:
        """Return how many sides of trades lie before an asset's admission, and in a suspension."""
        self.ask(f"CREATE OR REPLACE TEMP TABLE idle AS SELECT * FROM ({NOT_ADMITTED}) JOIN ({SIDES}) USING (asset_id)")
        before, suspended = self.ask(OUTSIDE)[0]
        return before, suspended

    def moments(self) -> tuple[dict[int, int], dict[int, int]]:
        """Return when each owner's first account was opened, and its first order accepted, nanoseconds."""
        return dict(self.ask(OPENED)), dict(self.ask(FIRST_ORDERS))

    def client_months(self, asset_id: int) -> dict[tuple[int, str], tuple[int, int]]:
        """Return (deposits, purchases) in minor units of a currency by (owner, month UTC): of those under the cap."""
        rows = self.ask(MONTHS, {"asset": asset_id})
        return {(owner, month): (int(deposits), int(bought)) for owner, month, deposits, bought in rows}

    def rows(self) -> dict[str, int]:
        """Return how many rows each stored table has."""
        return {name: self.ask(f"SELECT count(*) FROM {name}")[0][0] for name in self.stored}
