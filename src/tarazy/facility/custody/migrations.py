"""The tables of custody, in the order in which they came.

Amounts are text of decimal digits: SQLite's integers end at 63 bits. Times are UTC as text. `acts` is the trail, as in
the register of clients: each row carries the hash of the row before it and its officer's signature.
`outputs` and `blocks` are what the chains told; `payments` every transaction that was ever drafted, which stay.
"""

from __future__ import annotations

MIGRATIONS = (
    """
CREATE TABLE acts (
    number INTEGER PRIMARY KEY, at TEXT NOT NULL, officer_id INTEGER NOT NULL, act TEXT NOT NULL,
    subject INTEGER NOT NULL, body TEXT NOT NULL, previous TEXT NOT NULL, hash TEXT NOT NULL,
    public_key TEXT NOT NULL, signature TEXT NOT NULL) STRICT;
CREATE TABLE assets (
    asset_id INTEGER PRIMARY KEY, chain TEXT NOT NULL, contract TEXT NOT NULL, depth INTEGER NOT NULL,
    act INTEGER NOT NULL, UNIQUE (chain, contract)) STRICT;
CREATE TABLE wallets (
    wallet TEXT PRIMARY KEY, estate TEXT NOT NULL CHECK (estate IN ('client', 'house')),
    tier TEXT NOT NULL CHECK (tier IN ('hot', 'warm', 'cold')), chain TEXT NOT NULL, descriptor TEXT NOT NULL,
    threshold INTEGER NOT NULL, key_count INTEGER NOT NULL, act INTEGER NOT NULL) STRICT;
CREATE TABLE addresses (
    chain TEXT NOT NULL, address TEXT NOT NULL, wallet TEXT NOT NULL REFERENCES wallets,
    role TEXT NOT NULL CHECK (role IN ('deposit', 'main', 'change')), place INTEGER NOT NULL,
    account_id INTEGER NOT NULL, descriptor TEXT NOT NULL, public_key TEXT NOT NULL, proof TEXT NOT NULL,
    proof_message TEXT NOT NULL, proved_on TEXT NOT NULL, act INTEGER NOT NULL,
    PRIMARY KEY (chain, address), UNIQUE (wallet, role, place)) STRICT;
CREATE INDEX addresses_of_account ON addresses (account_id, chain);
CREATE TABLE keys (
    key_id INTEGER PRIMARY KEY, public_key TEXT NOT NULL UNIQUE, storage TEXT NOT NULL, wallet TEXT NOT NULL,
    state TEXT NOT NULL, since TEXT NOT NULL, ceremony TEXT NOT NULL, act INTEGER NOT NULL) STRICT;
CREATE TABLE holders (
    key_id INTEGER NOT NULL REFERENCES keys, holder TEXT NOT NULL, begins TEXT NOT NULL, ends TEXT NOT NULL,
    act INTEGER NOT NULL, PRIMARY KEY (key_id, holder, begins)) STRICT;
CREATE TABLE rekeys (
    key_id INTEGER NOT NULL REFERENCES keys, holder TEXT NOT NULL, left_on TEXT NOT NULL, decide_by TEXT NOT NULL,
    decision TEXT NOT NULL, reason TEXT NOT NULL, act INTEGER NOT NULL, PRIMARY KEY (key_id, holder, left_on)) STRICT;
CREATE TABLE audits (
    audit INTEGER PRIMARY KEY, on_day TEXT NOT NULL, document TEXT NOT NULL, findings INTEGER NOT NULL,
    act INTEGER NOT NULL) STRICT;
""",
    """
CREATE TABLE blocks (
    chain TEXT NOT NULL, height INTEGER NOT NULL, block_hash TEXT NOT NULL, time_s INTEGER NOT NULL,
    PRIMARY KEY (chain, height)) STRICT;
CREATE TABLE outputs (
    evidence TEXT PRIMARY KEY, chain TEXT NOT NULL, transaction_id TEXT NOT NULL, output INTEGER NOT NULL,
    contract TEXT NOT NULL, asset_id INTEGER NOT NULL, address TEXT NOT NULL, amount_minor TEXT NOT NULL,
    is_exact INTEGER NOT NULL, senders TEXT NOT NULL, height INTEGER, time_s INTEGER NOT NULL, state TEXT NOT NULL,
    account_id INTEGER NOT NULL, reason TEXT NOT NULL, receipt_id INTEGER NOT NULL, spent_by TEXT NOT NULL,
    spent_height INTEGER, arrived_at TEXT NOT NULL, UNIQUE (chain, transaction_id, output)) STRICT;
CREATE INDEX outputs_by_state ON outputs (chain, state);
CREATE INDEX outputs_by_height ON outputs (chain, height);
CREATE INDEX outputs_by_transaction ON outputs (chain, transaction_id);
CREATE TABLE listed_addresses (
    source TEXT NOT NULL, chain TEXT NOT NULL, address TEXT NOT NULL, act INTEGER NOT NULL,
    PRIMARY KEY (source, chain, address)) STRICT;
""",
    """
CREATE TABLE providers (
    provider TEXT PRIMARY KEY, name TEXT NOT NULL, country TEXT NOT NULL, status TEXT NOT NULL,
    review_by TEXT NOT NULL, document TEXT NOT NULL, act INTEGER NOT NULL) STRICT;
CREATE TABLE destinations (
    destination INTEGER PRIMARY KEY, account_id INTEGER NOT NULL, chain TEXT NOT NULL, address TEXT NOT NULL,
    provider TEXT NOT NULL, usable_from TEXT NOT NULL, proof TEXT NOT NULL, proof_message TEXT NOT NULL,
    proved_on TEXT NOT NULL, UNIQUE (account_id, chain, address)) STRICT;
CREATE TABLE travel (
    message INTEGER PRIMARY KEY, direction TEXT NOT NULL, reference TEXT NOT NULL, provider TEXT NOT NULL,
    data_set TEXT NOT NULL, body TEXT NOT NULL, sha256 TEXT NOT NULL, state TEXT NOT NULL, at TEXT NOT NULL,
    UNIQUE (direction, reference, sha256)) STRICT;
CREATE TABLE withdrawals (
    request INTEGER PRIMARY KEY, withdrawal_id INTEGER NOT NULL, account_id INTEGER NOT NULL,
    asset_id INTEGER NOT NULL, amount_minor TEXT NOT NULL, chain TEXT NOT NULL, contract TEXT NOT NULL,
    address TEXT NOT NULL, receipt_id INTEGER NOT NULL, state TEXT NOT NULL, hold TEXT NOT NULL,
    digest TEXT NOT NULL, settlement TEXT NOT NULL, asked_at TEXT NOT NULL, changed_at TEXT NOT NULL) STRICT;
CREATE INDEX withdrawals_by_state ON withdrawals (chain, state);
CREATE TABLE payments (
    digest TEXT PRIMARY KEY, purpose TEXT NOT NULL, request INTEGER NOT NULL, chain TEXT NOT NULL,
    wallet TEXT NOT NULL, draft BLOB NOT NULL, signed BLOB NOT NULL, transaction_id TEXT NOT NULL,
    nonce INTEGER NOT NULL, spends TEXT NOT NULL, fee_minor TEXT NOT NULL, amount_minor TEXT NOT NULL,
    asset_id INTEGER NOT NULL, state TEXT NOT NULL, sent_height INTEGER NOT NULL, at TEXT NOT NULL) STRICT;
CREATE INDEX payments_by_transaction ON payments (chain, transaction_id);
CREATE INDEX payments_by_request ON payments (request);
""",
    """
ALTER TABLE payments ADD COLUMN mined_height INTEGER NOT NULL DEFAULT -1;
ALTER TABLE payments ADD COLUMN mined_fee_minor TEXT NOT NULL DEFAULT '';
ALTER TABLE payments ADD COLUMN has_failed INTEGER NOT NULL DEFAULT 0;
""",
    """
ALTER TABLE providers ADD COLUMN base TEXT NOT NULL DEFAULT '';
ALTER TABLE providers ADD COLUMN public_key TEXT NOT NULL DEFAULT '';
ALTER TABLE travel ADD COLUMN confirmed TEXT NOT NULL DEFAULT '';
CREATE TABLE travel_in (
    provider TEXT NOT NULL, identifier TEXT NOT NULL, sha256 TEXT NOT NULL, chain TEXT NOT NULL,
    contract TEXT NOT NULL, address TEXT NOT NULL, amount_minor TEXT NOT NULL, body TEXT NOT NULL,
    data_set TEXT NOT NULL, rejected TEXT NOT NULL, transaction_id TEXT NOT NULL, evidence TEXT NOT NULL,
    at TEXT NOT NULL, PRIMARY KEY (provider, identifier)) STRICT;
""",
)
