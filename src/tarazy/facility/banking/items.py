"""What came in on accounts of client money: one item for each payment, with its evidence, its state, its last day.

States: `unallocated` (nobody's yet, with the reason), `matched` (a client's, not yet in the record), `credited` and
`received` (in the record, as a deposit or as an unattributed receipt, with the number of its command). What the record
says is read from the record; the book only follows it, so that nothing is credited twice after a crash: the evidence
hash of an item is the same for ever, and the engine takes each evidence once.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from typing import Any, NamedTuple

from tarazy.facility.accounts.errors import ParameterUnsetError
from tarazy.facility.accounts.trail import Actor, canonical
from tarazy.facility.banking.book import WORK, BankAccount, BankBook, payers
from tarazy.facility.banking.details import details_minor
from tarazy.facility.banking.errors import BankActRefusedError
from tarazy.facility.banking.holds import held_items
from tarazy.facility.banking.matching import Matched, match
from tarazy.facility.banking.reading import WholeStatement
from tarazy.facility.banking.statements import NOBODY, BankEntry, EntryDetail, StatementHead, entry_identity

EVIDENCE = b"tarazy bank entry 1\n"
OPEN = ("unallocated", "matched")


class ReceiptItem(NamedTuple):
    """A payment that came in. `seq` is 0 until the record has it; `client` 0 while it is nobody's."""

    item: int
    entry: int
    part: int
    account: str
    currency: str
    asset_id: int
    amount_minor: int
    arrived_on: str
    return_by: str
    evidence_hash: str
    end_to_end_id: str
    payer_name: str
    payer_account: str
    payer_identifier: str
    remittance: str
    state: str
    reason: str
    client: int
    seq: int

    def plain(self) -> dict[str, Any]:
        """Return it for programs."""
        return self._asdict()


def take_items(book: BankBook, account: BankAccount, statement: int, whole: WholeStatement) -> int:
    """Make items of a new statement's booked credits and match them; return how many."""
    rows = book.all("SELECT position, entry FROM entries WHERE statement = ?", (statement,))
    numbers: dict[int, int] = dict(rows)
    known = payers(book)
    count = 0
    for entry in whole.entries:
        if entry.is_booked and entry.amount_minor > 0:
            for part, (amount_minor, detail) in enumerate(parts_of(entry)):
                add_item(book, account, numbers[entry.position], part, amount_minor, detail, whole.head, entry, known)
                count += 1
    return count


def parts_of(entry: BankEntry) -> list[tuple[int, EntryDetail | None]]:
    """Return the payments of an entry: its transactions where they make it exactly, else the whole as one."""
    if len(entry.details) > 1 and details_minor(entry) == entry.amount_minor:
        return [(each.amount_minor or 0, each) for each in entry.details]
    return [(entry.amount_minor, entry.details[0] if len(entry.details) == 1 else None)]


def add_item(
    book: BankBook,
    account: BankAccount,
    number: int,
    part: int,
    amount_minor: int,
    detail: EntryDetail | None,
    head: StatementHead,
    entry: BankEntry,
    known: list[Any],
) -> None:
    """Enter an item with its evidence and what it matches."""
    arrived = entry.booked_on or entry.value_on or book.today
    payer = detail.payer if detail else NOBODY
    end_to_end, text = (detail.end_to_end_id, detail.remittance) if detail else ("", entry.information)
    matched = match(detail, known, book.parameters.number("receipt.name_score_min", arrived))
    if end_to_end and book.all("SELECT 1 FROM payouts WHERE end_to_end_id = ?", (end_to_end,)):
        matched = Matched(0, f"payout {end_to_end} that came back")
    if entry.is_reversal:
        matched = Matched(0, "a reversal: it gives back what went out before")
    book.connection.execute(
        "INSERT INTO items VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)",
        (
            *(number, part, account.account, account.currency, account.asset_id, amount_minor),
            *(str(arrived), str(return_day(book, arrived)), evidence_hash(head, entry, part, amount_minor).hex()),
            *(end_to_end, payer.name, payer.account, payer.identifier, text),
            *("matched" if matched.client else "unallocated", matched.reason, matched.client),
        ),
    )


def evidence_hash(head: StatementHead, entry: BankEntry, part: int, amount_minor: int) -> bytes:
    """Return the evidence of a payment: what makes its entry itself, its part, its amount and its day.

    Anybody who has the bank's file computes it again.
    """
    identity = list(entry_identity(head, entry))
    return sha256(EVIDENCE + canonical([identity, part, amount_minor, str(entry.booked_on)]).encode()).digest()


def return_day(book: BankBook, arrived: date) -> date:
    """Return the last day for giving money back: some days after its arrival, the next working day where it is none.

    A year without a calendar leaves weekends as the only days off.
    """
    day = arrived + timedelta(days=book.parameters.number("receipt.return_days", arrived))
    while not is_working(book, day):
        day += timedelta(days=1)
    return day


def is_working(book: BankBook, day: date) -> bool:
    """Say whether banks work on a day, as far as the calendars go."""
    try:
        return book.calendar.is_working(day)
    except ParameterUnsetError:
        return day.weekday() < 5


def items(book: BankBook, state: str = "", due_until: str = "") -> list[ReceiptItem]:
    """Return items by number: all, those of a state, those that must be returned by a day."""
    query, values = "SELECT * FROM items WHERE 1", list[str]()
    if state:
        query, values = f"{query} AND state = ?", [*values, state]
    if due_until:
        query, values = f"{query} AND state IN ('unallocated', 'received') AND return_by <= ?", [*values, due_until]
    return [ReceiptItem(*row) for row in book.all(f"{query} ORDER BY item", tuple(values))]


def find_item(book: BankBook, item: int) -> ReceiptItem:
    """Return an item. Raises: NotInBankBookError."""
    return ReceiptItem(*book.one("item", "SELECT * FROM items WHERE item = ?", (item,)))


def match_again(book: BankBook) -> int:
    """Match what is unallocated and not in the record with what is known of payers now; return how many found one."""
    known, found = payers(book), 0
    with book.changing():
        for each in items(book, "unallocated"):
            detail = detail_again(each)
            matched = match(detail, known, book.parameters.number("receipt.name_score_min", book.today))
            if each.reason.startswith(("a reversal", "payout ")) or not matched.client:
                continue
            found += 1
            book.connection.execute(
                "UPDATE items SET state = 'matched', reason = ?, client = ? WHERE item = ? AND state = 'unallocated'",
                (matched.reason, matched.client, each.item),
            )
    return found


def detail_again(item: ReceiptItem) -> EntryDetail:
    """Return what matching needs of an item."""
    payer = NOBODY._replace(name=item.payer_name, account=item.payer_account, identifier=item.payer_identifier)
    empty = ("", "", "", "")
    parties = (payer, NOBODY, NOBODY, NOBODY)
    return EntryDetail(
        item.amount_minor, item.currency, item.end_to_end_id, *empty, *parties, "", item.remittance, "", ()
    )


def allocate(book: BankBook, actor: Actor, item: int, client: int, reason: str) -> None:
    """Give an item to a client by an officer's word. Raises: BankActRefusedError, NotInBankBookError."""
    with book.acting(actor, WORK):
        found = find_item(book, item)
        if found.state != "unallocated":
            raise BankActRefusedError(f"item {item}", expected="one that is unallocated", found=found.state)
        if item in held_items(book):
            action = "tarazy bank hold releases it, with another officer"
            raise BankActRefusedError(
                f"item {item}", expected="one of a statement that is believed", found="one that is held", action=action
            )
        if client not in {each.client for each in payers(book)}:
            raise BankActRefusedError(f"client {client}", expected="one that the bank book knows", found="none")
        if not reason.strip():
            raise BankActRefusedError(f"item {item}", expected="a reason", found="none")
        book.write(actor, "bank.allocate", item, {"client": client, "reason": reason})
        values = (f"officer {actor.officer_id}: {reason}", client, item)
        book.connection.execute("UPDATE items SET state = 'matched', reason = ?, client = ? WHERE item = ?", values)


def commands(book: BankBook) -> list[dict[str, object]]:
    """Return the commands that bring what the record does not have into it, as drafts read them.

    What is matched is credited; what is nobody's is received unattributed: the ledger holds what the bank holds.
    Nothing of a held statement is: its bank may hold nothing of the kind.
    """
    held = held_items(book)
    accounts = {each.client: each.account_id for each in payers(book)}
    found: list[dict[str, object]] = []
    for each in items(book):
        if each.state not in OPEN or each.seq or each.item in held:
            continue
        common: dict[str, object] = {
            "location": "bank",
            "asset_id": each.asset_id,
            "evidence_ns": midnight_ns(each.arrived_on),
            "amount_minor": each.amount_minor,
            "evidence_hash": each.evidence_hash,
        }
        if each.client:
            found.append({"command": "CreditDeposit", "account_id": accounts[each.client], **common})
        else:
            found.append({"command": "ReceiveUnattributed", **common})
    return found


def midnight_ns(day: str) -> int:
    """Return the beginning of a day, UTC, in nanoseconds."""
    moment = datetime.combine(date.fromisoformat(day), time(), UTC)
    return int(moment.timestamp()) * 10**9


def follow(book: BankBook, recorded: dict[str, int], receipts: dict[str, int]) -> int:
    """Note what the record has: evidence hashes with the number of their command; return how many are new.

    `receipts` are those of them that wait unattributed. Doing it again changes nothing.
    """
    count = 0
    with book.changing():
        for each in items(book):
            seq = recorded.get(each.evidence_hash, 0)
            if seq and each.seq != seq:
                state = "received" if each.evidence_hash in receipts else "credited"
                update = "UPDATE items SET state = ?, seq = ? WHERE item = ?"
                book.connection.execute(update, (state, seq, each.item))
                count += 1
    return count
