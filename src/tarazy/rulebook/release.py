"""A release of the rulebook: one canonical text and its SHA-256, which the record names wherever a rule gates it."""

from __future__ import annotations

import json
from datetime import date
from hashlib import sha256
from typing import Any

from tarazy.rulebook.catalogue import LoadedRule, all_rules, regimes
from tarazy.rulebook.provisions import citation

SCHEMA = "tarazy-rulebook-1"


def exported() -> dict[str, Any]:
    """Return the whole rulebook: regimes, rules, dates, values, citations, and the source of every check."""
    return {
        "schema": SCHEMA,
        "regimes": [
            {"name": each.name, "title": each.title, "authority": each.authority, "covers": _days(each.covers)}
            for each in regimes().values()
        ],
        "rules": [exported_rule(each) for each in all_rules()],
    }


def exported_rule(loaded: LoadedRule) -> dict[str, Any]:
    """Return one rule."""
    rule = loaded.rule
    return {
        "id": loaded.id,
        "regime": loaded.regime,
        "title": rule.title,
        "asks": loaded.asks,
        "kind": str(rule.kind),
        "form": str(rule.form),
        "subject": rule.subject,
        "is_law": rule.is_law,
        "why": rule.why,
        "begins": rule.begins.isoformat(),
        "ends": rule.ends.isoformat() if rule.ends else None,
        "overrides": rule.overrides or None,
        "citations": [_citation(each) for each in rule.provisions],
        "values": [row.plain() for row in loaded.values.rows],
        "check_sha256": sha256((loaded.folder / "rule.py").read_bytes()).hexdigest(),
    }


def _citation(provision: str) -> dict[str, Any]:
    found = citation(provision)
    return found._asdict() | {"addresses": list(found.addresses)}


def _days(covers: dict[str, date]) -> dict[str, str]:
    return {subject: day.isoformat() for subject, day in covers.items()}


def canonical() -> bytes:
    """Return the rulebook's canonical text: JSON with sorted keys, without spaces, and one newline."""
    text = json.dumps(exported(), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return f"{text}\n".encode()


def release_hash() -> bytes:
    """Return the SHA-256 of the canonical text."""
    return sha256(canonical()).digest()
