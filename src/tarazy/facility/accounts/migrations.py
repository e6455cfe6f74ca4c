"""The tables of the register, in the order in which they came.

Dates are UTC as text. A `party` is a person or a company that the house knows: a client, an owner, a payer. `acts` is
the trail: each row carries the hash of the row before it and its officer's signature.
"""

from __future__ import annotations

MIGRATIONS = (
    """
CREATE TABLE acts (
    number INTEGER PRIMARY KEY, at TEXT NOT NULL, officer_id INTEGER NOT NULL, act TEXT NOT NULL,
    subject INTEGER NOT NULL, body TEXT NOT NULL, previous TEXT NOT NULL, hash TEXT NOT NULL,
    public_key TEXT NOT NULL, signature TEXT NOT NULL) STRICT;
CREATE INDEX acts_of_subject ON acts (subject);
CREATE TABLE parties (
    party INTEGER PRIMARY KEY, kind TEXT NOT NULL CHECK (kind IN ('person', 'company')), names TEXT NOT NULL,
    birth_date TEXT NOT NULL, country TEXT NOT NULL, residence TEXT NOT NULL, identifier TEXT NOT NULL,
    changed INTEGER NOT NULL) STRICT;
CREATE TABLE papers (
    party INTEGER NOT NULL REFERENCES parties, paper TEXT NOT NULL, sha256 TEXT NOT NULL, act INTEGER NOT NULL,
    PRIMARY KEY (party, paper, sha256)) STRICT;
CREATE TABLE holdings (
    owner INTEGER NOT NULL REFERENCES parties, company INTEGER NOT NULL REFERENCES parties, share TEXT NOT NULL,
    controls INTEGER NOT NULL, act INTEGER NOT NULL, PRIMARY KEY (owner, company)) STRICT;
CREATE TABLE clients (
    client INTEGER PRIMARY KEY, party INTEGER NOT NULL UNIQUE REFERENCES parties, state TEXT NOT NULL,
    state_since TEXT NOT NULL, class TEXT NOT NULL, class_since TEXT NOT NULL, review_by TEXT NOT NULL,
    exempt INTEGER NOT NULL, relation TEXT NOT NULL, approval_id INTEGER NOT NULL, fee_tier INTEGER NOT NULL,
    leaf_salt TEXT NOT NULL) STRICT;
CREATE TABLE decisions (
    decision INTEGER PRIMARY KEY, client INTEGER NOT NULL REFERENCES clients, kind TEXT NOT NULL, value TEXT NOT NULL,
    reason TEXT NOT NULL, facts TEXT NOT NULL, proposed_by INTEGER NOT NULL, proposed_at TEXT NOT NULL,
    confirmed_by INTEGER NOT NULL, confirmed_at TEXT NOT NULL, standing TEXT NOT NULL) STRICT;
CREATE TABLE outbox (
    number INTEGER PRIMARY KEY, client INTEGER NOT NULL REFERENCES clients, decision INTEGER NOT NULL,
    commands TEXT NOT NULL, paper TEXT NOT NULL) STRICT;
""",
    """
CREATE TABLE imports (
    import INTEGER PRIMARY KEY, source TEXT NOT NULL, sha256 TEXT NOT NULL, published TEXT NOT NULL, at TEXT NOT NULL,
    entries INTEGER NOT NULL, added INTEGER NOT NULL, changed INTEGER NOT NULL, removed INTEGER NOT NULL) STRICT;
CREATE TABLE listed (
    source TEXT NOT NULL, reference TEXT NOT NULL, since INTEGER NOT NULL, until INTEGER NOT NULL, digest TEXT NOT NULL,
    body TEXT NOT NULL, PRIMARY KEY (source, reference, since)) STRICT;
CREATE INDEX listed_now ON listed (source, until, since);
CREATE TABLE addresses (
    party INTEGER NOT NULL REFERENCES parties, address TEXT NOT NULL, act INTEGER NOT NULL,
    PRIMARY KEY (party, address)) STRICT;
CREATE TABLE payers (
    client INTEGER NOT NULL REFERENCES clients, party INTEGER NOT NULL REFERENCES parties, act INTEGER NOT NULL,
    PRIMARY KEY (client, party)) STRICT;
CREATE TABLE screenings (
    party INTEGER NOT NULL REFERENCES parties, source TEXT NOT NULL, import INTEGER NOT NULL, changed INTEGER NOT NULL,
    at TEXT NOT NULL, PRIMARY KEY (party, source)) STRICT;
CREATE TABLE hits (
    hit INTEGER PRIMARY KEY, party INTEGER NOT NULL REFERENCES parties, source TEXT NOT NULL, reference TEXT NOT NULL,
    digest TEXT NOT NULL, changed INTEGER NOT NULL, score INTEGER NOT NULL, parts TEXT NOT NULL, found_at TEXT NOT NULL,
    standing TEXT NOT NULL, verdict TEXT NOT NULL, reason TEXT NOT NULL, decided_by INTEGER NOT NULL,
    decided_key TEXT NOT NULL, decided_at TEXT NOT NULL, confirmed_by INTEGER NOT NULL, confirmed_at TEXT NOT NULL,
    UNIQUE (party, source, reference, digest, changed)) STRICT;
CREATE INDEX hits_open ON hits (standing, party);
""",
    """
CREATE TABLE attempts (
    attempt INTEGER PRIMARY KEY, client INTEGER NOT NULL REFERENCES clients, sha256 TEXT NOT NULL,
    version TEXT NOT NULL, seed TEXT NOT NULL, begun_at TEXT NOT NULL, ended_at TEXT NOT NULL,
    permille INTEGER NOT NULL, mark INTEGER NOT NULL, answers TEXT NOT NULL) STRICT;
CREATE TABLE complaints (
    complaint INTEGER PRIMARY KEY, client INTEGER NOT NULL REFERENCES clients, class TEXT NOT NULL,
    received TEXT NOT NULL, subject TEXT NOT NULL, handler INTEGER NOT NULL, acknowledge_by TEXT NOT NULL,
    answer_by TEXT NOT NULL, acknowledged_at TEXT NOT NULL, answered_at TEXT NOT NULL, outcome TEXT NOT NULL) STRICT;
CREATE TABLE agreements (
    agreement INTEGER PRIMARY KEY, client INTEGER NOT NULL REFERENCES clients, market_id INTEGER NOT NULL,
    begins TEXT NOT NULL, ends TEXT NOT NULL, presence_permille INTEGER NOT NULL, spread_max_ticks INTEGER NOT NULL,
    size_min_lots INTEGER NOT NULL, approval TEXT NOT NULL,
    proposed_by INTEGER NOT NULL, proposed_key TEXT NOT NULL,
    confirmed_by INTEGER NOT NULL) STRICT;
CREATE TABLE providers (
    provider TEXT PRIMARY KEY, public_key TEXT NOT NULL, last_number INTEGER NOT NULL,
    sent_number INTEGER NOT NULL) STRICT;
CREATE TABLE cap_counts (
    provider TEXT NOT NULL REFERENCES providers, subject TEXT NOT NULL, month TEXT NOT NULL,
    deposits INTEGER NOT NULL, purchases INTEGER NOT NULL, made_at TEXT NOT NULL, message TEXT NOT NULL,
    PRIMARY KEY (provider, subject, month)) STRICT;
""",
)
