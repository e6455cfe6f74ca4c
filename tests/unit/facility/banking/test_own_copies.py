"""Payment files between the record and the bank, where others may write too: nothing leaves but the dispatched bytes.

Oracle: the record dispatches by the SHA-256 of the message (dispatches.py), so no other bytes may be handed over, and
a message counts as handed over only where these bytes were.
"""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from tarazy.facility.banking.banks.file_drop import FileDrop
from tarazy.facility.banking.errors import BankActRefusedError
from tarazy.facility.banking.handing import hand_over, payment_files
from tarazy.facility.banking.pain002 import BYTES_MAX
from tarazy.facility.banking.sending import poll

from .desk import OURS, BankDesk
from .messages import ACCOUNT
from .test_payouts import recorded, written


def message(desk: BankDesk, folder: str) -> tuple[FileDrop, Path, bytes]:
    """Write a payment message; return the bank's folders, where its copy of some folder would lie, and its bytes."""
    message_id = written(desk, 7)
    drop = FileDrop(desk.folder / "bank", settle_s=0)
    return drop, desk.folder / "bank" / folder / f"{message_id}.xml", payment_files(desk.book)[0].content


@pytest.mark.parametrize("folder", ["staged", "out", "sent"])
@pytest.mark.parametrize("kind", ["altered", "empty", "link", "pipe", "folder"])
def test_file_that_somebody_put_under_the_name_of_a_message_is_neither_paid_nor_taken_for_it(
    desk: BankDesk, folder: str, kind: str
) -> None:
    """A crash lies between the dispatch and the bank, and somebody with a hand in the folders uses the time."""
    drop, path, content = message(desk, folder)
    plant(path, kind, content.replace(b"W7-1", b"W9-1"))
    with pytest.raises(BankActRefusedError, match="another file under its name"):
        hand_over(desk.book, drop, ACCOUNT, recorded(desk))
    assert payment_files(desk.book)[0].state == "handing"
    assert [each for each in (desk.folder / "bank" / "out").iterdir() if each != path] == []
    path.rmdir() if kind == "folder" else path.unlink()
    assert len(hand_over(desk.book, drop, ACCOUNT, recorded(desk)).handed) == 1
    (out,) = (desk.folder / "bank" / "out").iterdir()
    assert out.read_bytes() == content


def plant(path: Path, kind: str, other: bytes) -> None:
    """Put something under a name."""
    if kind == "link":
        elsewhere = path.parent.parent / "elsewhere.xml"
        elsewhere.write_bytes(other)
        path.symlink_to(elsewhere)
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    else:
        path.write_bytes(other if kind == "altered" else b"")


def test_two_processes_that_hand_over_at_once_leave_one_file(desk: BankDesk) -> None:
    """The bank fetches in between: without a lock the slower one puts the message there once more."""
    drop, path, content = message(desk, "out")
    fetched = list[bytes]()
    for _ in range(20):
        for each in ("staged", "sent"):
            (desk.folder / "bank" / each / path.name).unlink(missing_ok=True)
        threads = [threading.Thread(target=drop.deliver, args=(path.stem, content)) for _ in range(4)]
        for each in threads:
            each.start()
        while any(each.is_alive() for each in threads) or path.exists():
            if path.exists():
                fetched.append(path.read_bytes())
                path.unlink()
        for each in threads:
            each.join(60)
    assert fetched == [content] * 20


def test_report_without_end_is_refused_within_bounds(desk: BankDesk) -> None:
    drop = FileDrop(desk.folder / "bank", settle_s=0)
    endless = desk.folder / "bank" / "in" / "report.xml"
    endless.write_bytes(b"<Document><CstmrPmtStsRpt>")
    os.truncate(endless, 8 * BYTES_MAX)
    ((name, why),) = poll(desk.book, drop, OURS).refused
    assert (name, "at most" in why) == ("report.xml", True)
