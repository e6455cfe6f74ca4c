"""The second house of `tarazy demo`: an authority that has licensed the facility and listed what it may admit.

It is served in a process of its own and shares nothing with the facility. Its officers' keys lie beside its record so
that one can act at its desk; a real authority's officers keep their own.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tarazy.authority.desk import ACTS, APPROVE, AuthorityDesk
from tarazy.authority.greenlist.dossier import ITEMS
from tarazy.authority.licensing.statements import SITE
from tarazy.authority.office import FOUND, founding_body
from tarazy.authority.parameters import CAPITAL
from tarazy.authority.state import ROLES
from tarazy.cli.authority.arguments import DESK_KEY
from tarazy.cli.demo.house_acts import evidence
from tarazy.domain.signer import KeySigner
from tarazy.facility.officers.key_files import load_key_file, new_key_file
from tarazy.platform.signed_acts.record import ActRecord

PAPER = Path(__file__).with_name("january_2023.toml")
OFFICERS = ("Aida", "Bolat")
STOP_S = 20.0
FACILITY, TOKEN, FIRST_TOKEN = "demonstration", "bitcoin", "ether"
IDENTITIES = {
    TOKEN: {"symbol": "BTC", "name": "Bitcoin", "dti": "4H95J0R2X", "chain": "bitcoin", "class": "native"},
    FIRST_TOKEN: {"symbol": "ETH", "name": "Ether", "dti": "X9J9K872S", "chain": "ethereum", "class": "native"},
}
SUPPLIES = {
    TOKEN: {"circulating": 19_900_000, "total": 19_900_000, "maximum": 21_000_000},
    FIRST_TOKEN: {"circulating": 120_000_000, "total": 120_000_000},
}
ATTESTED = Path(__file__).with_name("attested_facts.toml")
PERSONS = ("seo", "finance_officer", "compliance_officer", "mlro", "cito")


def authority_beside(directory: Path) -> Path:
    """Return the authority's folder, which lies beside the facility's and holds its officers' keys."""
    return directory.with_name(f"{directory.name}.authority")


@contextmanager
def served_authority(directory: Path, site: str) -> Iterator[dict[str, Any]]:
    """Serve the authority of a folder until the end, and yield its addresses; `error` where it cannot.

    `site`: where the facility publishes; the authority compares it with its register.
    """
    folder = authority_beside(directory)
    note_site(folder, site)
    command = [sys.executable, "-m", "tarazy.cli.main", "authority", "serve", str(folder), "--port", "0", "--json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        told = process.stdout.readline() if process.stdout else ""
        yield json.loads(told) if told.startswith("{") else {"error": "the authority did not start"}
    finally:
        process.terminate()
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout:
            process.stdout.close()


def found_authority(folder: Path) -> None:
    """Make the authority anew, with its first licence and its first token."""
    shutil.rmtree(folder, ignore_errors=True)
    record = ActRecord(folder, new=True)
    keys = [new_key_file(folder / f"{name.lower()}.key", name) for name in OFFICERS]
    desk_key = new_key_file(folder / DESK_KEY, "the authority's desk")
    rows = [
        {"officer_id": str(n), "name": name, "public_key": key.public_key.hex(), "roles": ",".join(ROLES)}
        for n, (name, key) in enumerate(zip(OFFICERS, keys, strict=True), 1)
    ]
    with AuthorityDesk(record) as desk:
        body = founding_body("Authority of the demonstration", desk_key.public_key, rows, 2, keys[1])
        desk.act(1, keys[0], FOUND, "authority", body)
        license_facility(desk, keys)
        attest(desk, keys)
        for token in IDENTITIES:
            list_token(desk, keys, token)
        publish_paper(desk, keys)


def decided(desk: AuthorityDesk, keys: list[KeySigner], act: str, subject: str, body: dict[str, Any]) -> None:
    """Let the first officer act, and the second approve where two are needed."""
    line = desk.act(1, keys[0], act, subject, body)
    if ACTS[act].is_for_two:
        desk.act(2, keys[1], APPROVE, subject, {"proposal": line.unsigned.number, "reason": "demonstration"})


def license_facility(desk: AuthorityDesk, keys: list[KeySigner]) -> None:
    """Bring the facility of the demonstration to a licence of a year."""
    today = datetime.now(UTC).date()
    persons = {role: f"Demonstration {number}" for number, role in enumerate(PERSONS, 1)}
    application = {
        "name": "Facility of the demonstration",
        **persons,
        "board_members": 6,
        "independent_members": 2,
        "policies": [evidence("policies of the demonstration").hex()],
        "fee_paid_usd": 98_000,
    }
    decided(desk, keys, "application.receive", FACILITY, application)
    decided(desk, keys, "application.principle", FACILITY, {"conditions": ["Show that every client can be paid"]})
    shown = {"condition": 1, "document": evidence("rehearsal of the demonstration").hex()}
    decided(desk, keys, "condition.met", FACILITY, shown)
    source = "made up for the demonstration; no text was seen that sets it"
    capital = {"value": 250_000, "unit": "USD", "from": today.isoformat(), "source": source}
    decided(desk, keys, "parameter.set", CAPITAL, capital)
    terms = {"from": today.isoformat(), "expires": (today + timedelta(days=365)).isoformat(), "capital_usd": 300_000}
    number = f"AFSA-A-LA-{today.year}-0001"
    decided(desk, keys, "licence.grant", FACILITY, {"number": number, "types": ["digital_asset"], **terms})


def attest(desk: AuthorityDesk, keys: list[KeySigner]) -> None:
    """Let the licensee attest what no record holds, for half a year."""
    today = datetime.now(UTC).date()
    days = {"on": today.isoformat(), "expires": (today + timedelta(days=180)).isoformat()}
    for rule, facts in attested_facts().items():
        paper = {"document_sha256": evidence(f"attestation of {rule}").hex(), "owner": "Demonstration 3"}
        decided(desk, keys, "attestation.receive", FACILITY, {"rule": rule, "facts": facts, **paper, **days})


def attested_facts() -> dict[str, str]:
    """Return what the licensee states, by rule: the lines below each heading of the file."""
    parts = ATTESTED.read_text(encoding="utf-8").split('\n["')[1:]
    return {rule: facts.strip() for rule, _, facts in (part.partition('"]') for part in parts)}


def note_site(folder: Path, site: str) -> None:
    """Note where the facility publishes; the desk compares its pages with the register from then on."""
    with AuthorityDesk.open(folder) as desk:
        decided(desk, [load_key_file(folder / f"{OFFICERS[0].lower()}.key")], SITE, FACILITY, {"url": site})


def list_token(desk: AuthorityDesk, keys: list[KeySigner], token: str) -> None:
    """Put a token on the list, its evidence made up and said to be."""
    today = datetime.now(UTC).date()
    flags = {"anonymity_enhanced": False, "algorithmic": False}
    people = {"issuer": "nobody", "applicant": "operator", "insiders": list(OFFICERS)}
    decided(desk, keys, "dossier.open", token, {**IDENTITIES[token], **SUPPLIES[token], **flags, **people})
    days = {"on": today.isoformat(), "expires": (today + timedelta(days=90)).isoformat()}
    for item in ITEMS:
        row = {"item": item, "verdict": "met", "found": "made up for the demonstration", "source": "nothing was read"}
        decided(desk, keys, "dossier.evidence", token, {**row, **days})
    decided(desk, keys, "token.list", token, {"present": [1, 2], "reason": "a token of the demonstration"})


def publish_paper(desk: AuthorityDesk, keys: list[KeySigner]) -> None:
    """Publish the worked example: the themes of January 2023, in our own words."""
    today = datetime.now(UTC).date()
    body = tomllib.loads(PAPER.read_text(encoding="utf-8"))
    texts = {name: text.strip() if isinstance(text, str) else text for name, text in body.items()}
    deadline = (today + timedelta(days=60)).isoformat()
    number = f"DEMO-P-CE-{today.year}-0001"
    decided(desk, keys, "consultation.publish", "january-2023", {**texts, "number": number, "deadline": deadline})
