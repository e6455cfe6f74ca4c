"""A facility's own file of attestations: a file of facts whose one fact is the rows that rules of judgement read.

Each names the rule, who answers for it, the day, the SHA-256 of the document behind it and the last day on which it
counts. Of one rule the newest counts; older ones stay, so that the file says what was attested when.
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import NamedTuple

from tarazy.platform.storage.files import write_whole
from tarazy.rulebook.catalogue import find_rule
from tarazy.rulebook.errors import RulebookError
from tarazy.rulebook.fact_files import load_facts
from tarazy.rulebook.rule import RuleForm

NAME = "attestations"
LETTERS_MAX = 200


class RuleAttestation(NamedTuple):
    """One row of the file."""

    rule: str
    owner: str
    on: date
    document_sha256: str
    expires: date

    def line(self) -> str:
        """Return the row in TOML."""
        fields = {key: value if isinstance(value, date) else json.dumps(value, ensure_ascii=False)
                  for key, value in self._asdict().items()}  # fmt: skip
        return f"  {{ {', '.join(f'{key} = {value}' for key, value in fields.items())} }},"


def load_attestations(path: Path) -> list[RuleAttestation]:
    """Return the rows of a file, none where it is not there.

    Raises: RulebookError.
    """
    if not path.exists():
        return []
    facts = list(load_facts(path))
    if [fact.name for fact in facts] != [NAME]:
        found = ", ".join(sorted({fact.name for fact in facts})) or "nothing"
        action = "Keep other facts in a file of their own"
        raise RulebookError(path, expected=f"the fact {NAME} alone", found=found[:80], action=action)
    return [RuleAttestation(*(row[field] for field in RuleAttestation._fields)) for row in facts[0].value]


def attest(path: Path, row: RuleAttestation, today: date) -> list[RuleAttestation]:
    """Add a row to a file and return all of them.

    Raises: RulebookError where the rule is none of judgement, or the row attests nothing.
    """
    rule = find_rule(row.rule)
    if rule.rule.form is not RuleForm.attested:
        action = "State the facts that it asks for in a file of facts"
        raise RulebookError(rule.id, expected="a rule that a person attests", found=str(rule.rule.form), action=action)
    if not row.owner.strip() or len(row.owner) > LETTERS_MAX or not row.owner.isprintable():
        raise RulebookError("owner", expected=f"a name of 1 to {LETTERS_MAX} letters", found=repr(row.owner)[:80])
    if row.on > today:
        raise RulebookError("on", expected=f"a day until {today}", found=str(row.on))
    longest = int(rule.values.number("valid_days_max", row.on).value)
    if not 0 < (row.expires - row.on).days <= longest:
        expected = f"an end 1 to {longest} days after {row.on}"
        raise RulebookError("expires", expected=expected, found=str(row.expires))
    rows = [*load_attestations(path), row._replace(rule=rule.id)]
    write_whole(path, _text(rows).encode())
    return rows


def _text(rows: list[RuleAttestation]) -> str:
    """Return the file."""
    first = min(row.on for row in rows)
    head = f'[[fact]]\nname = "{NAME}"\non = {first}\nsource = "attestations of the facility"\ngrade = "declared"\n'
    return f"{head}value = [\n{chr(10).join(row.line() for row in rows)}\n]\n"
