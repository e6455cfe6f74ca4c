"""`tarazy bank read FILE`: what a file of a bank says, statement by statement, and whether it holds together.

With --json one object is printed, piece by piece, so that memory does not grow with the file: under `statements` one
object for each, with `entries`, `opening`, `closing`, `balanced` and `errors`, and the same five for the whole file.
The entries of the whole file are those of its statements, each with the number of its own; they are kept on disk until
their place in the object comes.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, cast

from rich.table import Table

from tarazy.cli.output import Output, plain
from tarazy.facility.banking.checks import opening_of
from tarazy.facility.banking.errors import BankFileError
from tarazy.facility.banking.plain import edge_plain, end_plain, entry_plain, fault_plain, head_plain
from tarazy.facility.banking.reading import NONE_TURNED, read_bank_file
from tarazy.facility.banking.statements import (
    BankEntry,
    ReversalSign,
    StatementEnd,
    StatementFault,
    StatementHead,
)

FAULTS_SHOWN = 20
BLOCK_BYTES = 1 << 16
ENCODER = json.JSONEncoder(default=plain)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    parser.add_argument("file", type=Path, metavar="FILE", help="camt.052, camt.053, camt.054 or MT940")
    parser.add_argument("--without-entries", action="store_true", help="balances, counts and errors alone")
    parser.add_argument(
        "--reversal-sign",
        choices=[each.value for each in ReversalSign],
        help="whether a reversed entry carries its own sign (own) or that of the entry that it undoes (original); "
        "without it the balances decide",
    )


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Read the file; exit with 1 where it has errors."""
    sign = ReversalSign(arguments.reversal_sign) if arguments.reversal_sign else None
    keeps = output.as_json and not arguments.without_entries
    with tempfile.TemporaryFile() as file:
        kept = cast(BinaryIO, file)
        report = BankFileReport(arguments.file, kept if keeps else None)
        report.read(NONE_TURNED)
        turned = report.to_turn(sign)
        if turned:
            kept.seek(0)
            kept.truncate()
            report = BankFileReport(arguments.file, kept if keeps else None)
            report.read(turned)
        if output.as_json:
            output.pieces(report.pieces())
        else:
            show(report, output)
    return 1 if report.faults else 0


class BankFileReport:
    """What was read: ends of statements in memory, entries in a file, one line of JSON for each."""

    def __init__(self, path: Path, kept: BinaryIO | None) -> None:
        self.path, self.kept = path, kept
        self.ends: list[tuple[StatementHead, StatementEnd | None, int, int]] = []
        self.file_faults: list[StatementFault] = []

    def read(self, turned: frozenset[int]) -> None:
        """Read the file. Raises: OSError."""
        head: StatementHead | None = None
        start = 0
        try:
            for part in read_bank_file(self.path, turned):
                if isinstance(part, BankEntry):
                    if self.kept is not None and head is not None:
                        self.kept.write(ENCODER.encode(entry_plain(head, part)).encode() + b"\n")
                elif isinstance(part, StatementHead):
                    head, start = part, self._place()
                else:
                    self.ends.append((part.head, part, start, self._place()))
                    head = None
        except BankFileError as error:
            number = head.number if head else 0
            self.file_faults.append(StatementFault("file", error.line, number, 0, error.expected, said(error)))
            if head is not None:
                self.ends.append((head, None, start, self._place()))

    def _place(self) -> int:
        return self.kept.tell() if self.kept is not None else 0

    def to_turn(self, sign: ReversalSign | None) -> frozenset[int]:
        """Return which statements have reversals with the sign of the entry that they undo."""
        if sign is ReversalSign.original:
            return frozenset(head.number for head, *_ in self.ends)
        ties = frozenset(head.number for head, end, *_ in self.ends if end is not None and end.ties_turned)
        return ties if sign is None else NONE_TURNED

    @property
    def faults(self) -> list[StatementFault]:
        """Return every fault: those of statements, then those of the file."""
        return [each for _, end, *_ in self.ends if end for each in end.faults] + self.file_faults

    def pieces(self) -> Iterator[str]:
        """Yield the object piece by piece."""
        first, last = self._edges()
        yield '{"file": ' + json.dumps(self.path.name) + ', "statements": ['
        for number, (head, end, start, stop) in enumerate(self.ends):
            values = head_plain(head) | (end_plain(end) if end else self._cut_plain(head))
            yield ("," if number else "") + json.dumps(values, default=plain)[:-1] + ', "entries": ['
            yield from self._entries(start, stop)
            yield "]}"
        yield '], "entries": ['
        yield from self._entries(0, self.ends[-1][3] if self.ends else 0)
        whole = {
            "entry_count": sum(end.entry_count for _, end, *_ in self.ends if end),
            "opening": first.get("opening"),
            "opening_minor": first.get("opening_minor"),
            "closing": last.get("closing"),
            "closing_minor": last.get("closing_minor"),
            "balanced": self._balanced(),
            "errors": [fault_plain(each) for each in self.faults],
        }
        if self.file_faults:
            whole["error"] = self.file_faults[0].text()
        yield "], " + json.dumps(whole, default=plain)[1:]

    def _cut_plain(self, head: StatementHead) -> dict[str, Any]:
        """Return the values of a statement at whose end the reading never came."""
        opening = opening_of(head.balances)
        faults = [fault_plain(each) for each in self.file_faults]
        unread = {"entry_count": None, "balanced": False, "errors": faults, "notices": []}
        return {**edge_plain("opening", opening), **edge_plain("closing", None), **unread}

    def _edges(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return where the file opens and closes; nothing where it is about several accounts or was not read whole."""
        accounts = {(head.account, head.currency) for head, *_ in self.ends}
        if len(accounts) != 1 or any(end is None for _, end, *_ in self.ends):
            return {}, {}
        ends = [end for _, end, *_ in self.ends if end is not None]
        return end_plain(ends[0]), end_plain(ends[-1])

    def _balanced(self) -> bool | None:
        """Return whether every statement ties; None where none is against it and one cannot say."""
        found = [end.is_balanced if end else False for _, end, *_ in self.ends]
        if self.file_faults or False in found or any(each.code == "chain" for each in self.faults):
            return False
        return None if None in found else True

    def _entries(self, start: int, stop: int) -> Iterator[str]:
        """Yield the kept lines between two places, with commas between them."""
        if self.kept is None or start == stop:
            return
        self.kept.seek(start)
        while start < stop:
            whole = self.kept.read(min(BLOCK_BYTES, stop - start))
            whole += b"" if whole.endswith(b"\n") else self.kept.readline()
            start += len(whole)
            lines = whole.decode().replace("\n", ",")
            yield lines if start < stop else lines[:-1]


def said(error: BankFileError) -> str:
    """Return what was found, with what to do."""
    return f"{error.found}. {error.action}" if error.action else error.found


def show(report: BankFileReport, output: Output) -> None:
    """Print a line for each statement, then what is wrong."""
    table = Table("no.", "format", "account", "statement", "opening", "entries", "closing", "ties", box=None)
    for head, end, *_ in report.ends:
        values = end_plain(end) if end else {}
        ties = {True: "yes", False: "no", None: "not said"}[values.get("balanced", False)]
        account = f"{head.account} {head.currency}"
        edges = (values.get("opening") or "-", str(values.get("entry_count", "-")), values.get("closing") or "-")
        table.add_row(str(head.number), head.version, account, head.statement_id, *edges, ties)
    if report.ends:
        output.show(table)
    notices = [each for _, end, *_ in report.ends if end for each in end.notices]
    for kind, found in (("error", report.faults), ("notice", notices)):
        for each in found[:FAULTS_SHOWN]:
            output.say(f"{kind}: {each.text()}")
        if len(found) > FAULTS_SHOWN:
            output.say(f"... and {len(found) - FAULTS_SHOWN} more")
