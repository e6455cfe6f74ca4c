"""`tarazy verify --documents DIR`: are the documents there that signed instructions of the record name?"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from tarazy.cli.output import Output
from tarazy.cli.words import counted
from tarazy.journal.named_documents import Named, named_documents
from tarazy.platform.documents.store import Documents

NOT_THERE = 4


class DocumentsReport(NamedTuple):
    """The documents that a record names, and of each its state in the store."""

    named: list[Named]
    states: dict[str, str]

    @property
    def lost(self) -> list[Named]:
        """Return those that are missing or damaged; a tombstone says that its time was over."""
        return [each for each in self.named if self.states[each.digest.hex()] in ("missing", "damaged")]

    def plain(self) -> dict[str, Any]:
        """Return it for programs."""
        of_state = {state: [each for each in self.named if self.states[each.digest.hex()] == state] for state in STATES}
        return {"named": len(self.named), "present": len(of_state["present"])} | {
            state: [
                {"sha256": each.digest.hex(), "seq": each.seq, "instruction_number": each.instruction_number}
                for each in of_state[state]
            ]
            for state in STATES[1:]
        }


STATES = ("present", "missing", "damaged", "deleted")


def documents_report(journal: Path, store: Path) -> DocumentsReport:
    """Look for every named document in a store and check its hash.

    Raises: DocumentError where there is no store, or its index is damaged.
    """
    named = named_documents(journal)
    return DocumentsReport(named, Documents(store).states(each.digest.hex() for each in named))


def show(output: Output, report: DocumentsReport) -> None:
    """Print what was found."""
    found = list(report.states.values())
    deleted = f", {found.count('deleted')} deleted after their time" if "deleted" in found else ""
    count = counted(len(report.named), "document")
    output.say(f"instructions name {count}: {found.count('present')} there and whole{deleted}")
    for each in report.lost:
        digest = each.digest.hex()
        output.say(f"  {report.states[digest].upper()} {digest}, first named by command {each.seq:,}", style="bold red")
