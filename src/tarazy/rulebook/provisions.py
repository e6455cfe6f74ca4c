"""The provisions that the rulebook must answer for: where each stands, and how much of its text was seen.

A row is a provision of an act. `row_sha256` is the hash of our note on it as it was when the rule was written; where
the note has changed since, its rules are stale until somebody reads both again. Nothing here repeats the note.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from tarazy.rulebook.errors import RulebookError
from tarazy.rulebook.toml_files import check_fields, read_toml, rows_of

FOLDER = Path(__file__).with_name("provisions")
# How a text was seen, the best first. From `title` on, the binding text itself was not seen at all.
SEEN = ("full", "excerpt", "secondary", "title", "sister", "analog", "memory", "none")
BINDING = frozenset({"full", "excerpt", "secondary"})
MACHINE = ("yes", "partly", "attestation")
# What a text is; a proposal and what is only expected bind nobody.
STAGES = ("enacted", "guidance", "superseded", "proposal", "expected")
NOT_YET = ("proposal", "expected")
FIELDS = {"id": str, "corpus": str, "segment": str, "machine": str, "seen": str, "sources": list, "row_sha256": str}


class Provision(NamedTuple):
    """One provision, as far as it is known."""

    id: str
    corpus: str
    segment: str
    machine: str
    seen: str
    sources: tuple[str, ...]
    row_sha256: str
    regime: str
    stage: str = "enacted"

    @property
    def key(self) -> str:
        """Return how refusals and values cite it: `aifc_daa/2.5.1(3)`."""
        return f"{self.corpus}/{self.segment}"

    @property
    def is_seen(self) -> bool:
        """Say whether anything of a binding text was seen, at least through somebody who cites it."""
        return self.seen in BINDING and self.stage not in NOT_YET


class Citation(NamedTuple):
    """Where a rule comes from: body, corpus, segment, address, hash of the note, how the text was seen."""

    provision: str
    body: str
    corpus: str
    segment: str
    addresses: tuple[str, ...]
    text_sha256: str
    seen: str


@cache
def sources() -> dict[str, str]:
    """Return the address of every page by its mark (`S1`, `N15`)."""
    return {mark: str(address) for mark, address in read_toml(FOLDER / "sources.toml").items()}


@cache
def corpora() -> dict[str, dict[str, str]]:
    """Return title and body of every act by its code (`aifc_daa`)."""
    return {code: dict(row) for code, row in read_toml(FOLDER / "corpora.toml").items()}


@cache
def provisions(regime: str | None = None) -> dict[str, Provision]:
    """Return the provisions of a regime, or of all, by their id.

    Raises: RulebookError for a row that cannot be used.
    """
    found: dict[str, Provision] = {}
    for path in sorted(FOLDER.glob("*.toml")):
        if path.stem in ("sources", "corpora"):
            continue
        document = read_toml(path)
        for row in rows_of(path, document, "provision"):
            each = _provision(f"{path.name}, {row.get('id')}", row, str(document.get("regime", "")))
            if each.id in found:
                raise RulebookError(path, expected="each provision once", found=f"{each.id} twice")
            found[each.id] = each
    return {key: each for key, each in found.items() if regime in (None, each.regime)}


def _provision(where: str, row: dict[str, Any], regime: str) -> Provision:
    check_fields(where, row, FIELDS, {"regime": str, "stage": str})
    for field, known in (("seen", SEEN), ("machine", MACHINE), ("stage", STAGES)):
        if row.get(field, known[0]) not in known:
            raise RulebookError(where, expected=f"{field} to be one of {', '.join(known)}", found=repr(row[field])[:60])
    if row["corpus"] not in corpora():
        raise RulebookError(where, expected="a code of provisions/corpora.toml", found=repr(row["corpus"])[:60])
    unknown = [mark for mark in row["sources"] if mark not in sources()]
    if unknown:
        raise RulebookError(where, expected="marks of provisions/sources.toml", found=", ".join(unknown))
    fields = {**row, "sources": tuple(row["sources"]), "regime": row.get("regime", regime)}
    return Provision(**fields)


def citation(provision: str) -> Citation:
    """Return the citation of a provision.

    Raises: RulebookError where there is none of this id.
    """
    row = provisions().get(provision)
    if row is None:
        raise RulebookError("citation", expected="the id of a provision (R25, M03)", found=repr(provision))
    act = corpora()[row.corpus]
    addresses = tuple(sources()[mark] for mark in row.sources)
    return Citation(row.id, act["body"], act["title"], row.segment, addresses, row.row_sha256, row.seen)
