"""The tables of the bank book, in the order in which they came.

Amounts are minor units, days are ISO dates. `acts` is the trail of officers' acts, as the register of clients has it.
"""

from __future__ import annotations

MIGRATIONS = (
    """
CREATE TABLE acts (
    number INTEGER PRIMARY KEY, at TEXT NOT NULL, officer_id INTEGER NOT NULL, act TEXT NOT NULL,
    subject INTEGER NOT NULL, body TEXT NOT NULL, previous TEXT NOT NULL, hash TEXT NOT NULL,
    public_key TEXT NOT NULL, signature TEXT NOT NULL) STRICT;
CREATE TABLE bank_accounts (
    account TEXT NOT NULL, currency TEXT NOT NULL, estate TEXT NOT NULL CHECK (estate IN ('client', 'house')),
    asset_id INTEGER NOT NULL, bank TEXT NOT NULL, reversal_sign TEXT NOT NULL, name TEXT NOT NULL,
    form TEXT NOT NULL, PRIMARY KEY (account, currency)) STRICT;
CREATE TABLE payers (
    reference TEXT PRIMARY KEY, client INTEGER NOT NULL UNIQUE, account_id INTEGER NOT NULL, kind TEXT NOT NULL,
    names TEXT NOT NULL, ibans TEXT NOT NULL, identifier TEXT NOT NULL) STRICT;
CREATE TABLE files (
    sha256 TEXT PRIMARY KEY, name TEXT NOT NULL, at TEXT NOT NULL, statements INTEGER NOT NULL) STRICT;
CREATE TABLE statements (
    statement INTEGER PRIMARY KEY, account TEXT NOT NULL, currency TEXT NOT NULL, form TEXT NOT NULL,
    statement_id TEXT NOT NULL, page INTEGER NOT NULL, sequence INTEGER,
    opening_minor INTEGER NOT NULL, opening_day TEXT NOT NULL, closing_minor INTEGER NOT NULL,
    closing_day TEXT NOT NULL, entry_count INTEGER NOT NULL, sum_minor INTEGER NOT NULL, digest TEXT NOT NULL,
    file TEXT NOT NULL REFERENCES files,
    UNIQUE (account, currency, statement_id, page, closing_day)) STRICT;
CREATE TABLE entries (
    entry INTEGER PRIMARY KEY, statement INTEGER NOT NULL REFERENCES statements, position INTEGER NOT NULL,
    amount_minor INTEGER NOT NULL, status TEXT NOT NULL, is_reversal INTEGER NOT NULL, booked_on TEXT NOT NULL,
    value_on TEXT NOT NULL, servicer_reference TEXT NOT NULL, information TEXT NOT NULL, body TEXT NOT NULL,
    UNIQUE (statement, position)) STRICT;
CREATE INDEX entries_by_reference ON entries (servicer_reference);
CREATE TABLE items (
    item INTEGER PRIMARY KEY, entry INTEGER NOT NULL REFERENCES entries, part INTEGER NOT NULL,
    account TEXT NOT NULL, currency TEXT NOT NULL, asset_id INTEGER NOT NULL, amount_minor INTEGER NOT NULL,
    arrived_on TEXT NOT NULL, return_by TEXT NOT NULL, evidence_hash TEXT NOT NULL UNIQUE,
    end_to_end_id TEXT NOT NULL, payer_name TEXT NOT NULL, payer_account TEXT NOT NULL,
    payer_identifier TEXT NOT NULL, remittance TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('unallocated', 'matched', 'credited', 'received')),
    reason TEXT NOT NULL, client INTEGER NOT NULL, seq INTEGER NOT NULL, UNIQUE (entry, part)) STRICT;
CREATE INDEX items_by_state ON items (state, return_by);
""",
    """
CREATE TABLE payouts (
    payout INTEGER PRIMARY KEY, withdrawal_id INTEGER NOT NULL, attempt INTEGER NOT NULL, account TEXT NOT NULL,
    currency TEXT NOT NULL, amount_minor INTEGER NOT NULL, destination TEXT NOT NULL, purpose TEXT NOT NULL,
    text TEXT NOT NULL, end_to_end_id TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL CHECK (
        state IN ('proposed', 'approved', 'sent', 'accepted', 'rejected', 'booked', 'withdrawn')),
    reason TEXT NOT NULL, proposed_by INTEGER NOT NULL, proposed_key TEXT NOT NULL, approved_by INTEGER NOT NULL,
    message_id TEXT NOT NULL, entry INTEGER NOT NULL, UNIQUE (withdrawal_id, attempt)) STRICT;
CREATE TABLE payment_files (
    message_id TEXT PRIMARY KEY, account TEXT NOT NULL, currency TEXT NOT NULL, at TEXT NOT NULL,
    sha256 TEXT NOT NULL, content BLOB NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('written', 'handed'))) STRICT;
""",
    """
CREATE TABLE payment_files_2 (
    message_id TEXT PRIMARY KEY, account TEXT NOT NULL, currency TEXT NOT NULL, at TEXT NOT NULL,
    sha256 TEXT NOT NULL, content BLOB NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('written', 'handing', 'handed', 'void'))) STRICT;
-- The bank may have what was written until now: it was handed over before the record knew of it.
INSERT INTO payment_files_2 SELECT message_id, account, currency, at, sha256, content,
    CASE state WHEN 'written' THEN 'handing' ELSE state END FROM payment_files;
DROP TABLE payment_files;
ALTER TABLE payment_files_2 RENAME TO payment_files;
""",
    """
ALTER TABLE statements ADD COLUMN hold TEXT NOT NULL DEFAULT '';
CREATE INDEX statements_held ON statements (hold) WHERE hold <> '';
CREATE TABLE holds (
    hold INTEGER PRIMARY KEY, statement INTEGER NOT NULL, account TEXT NOT NULL, currency TEXT NOT NULL,
    statement_id TEXT NOT NULL, digest TEXT NOT NULL, code TEXT NOT NULL, reason TEXT NOT NULL, at TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('held', 'asked', 'released', 'refused', 'followed')),
    asked_by INTEGER NOT NULL, asked_key TEXT NOT NULL, asked_reason TEXT NOT NULL,
    decided_by INTEGER NOT NULL, decided_reason TEXT NOT NULL) STRICT;
""",
)
