"""The treasury is killed before each step between an approved payout and the bank: it is paid once, and recorded first.

Oracle: the bank's own list of what it took, and the record's dispatches as they stand when the bank takes a message.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from tarazy.cli.bank.payments import recorded_in
from tarazy.cli.engines import fastest, load_engine
from tarazy.facility.banking.book import BankBook, book_beside
from tarazy.facility.banking.dispatches import dispatch_evidence
from tarazy.facility.banking.handing import payment_files
from tarazy.facility.banking.payouts import BankPayout, payouts

from ..bank_stage import BankStage, FolderBank, ask_for_payout, bank_round, pay_out

ROOT = Path(__file__).parents[2]
STEPS_MAX = 200


@contextmanager
def writer() -> Iterator[subprocess.Popen[str]]:
    """Start the process that forks lives."""
    command = [sys.executable, "-m", "tests.simulation.bank_writer"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process
        assert process.stdin is not None
        process.stdin.close()


def life(process: subprocess.Popen[str], folder: Path, step: int) -> str:
    """Let one life run and be killed before a step."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(f"{folder} {step}\n")
    process.stdin.flush()
    return process.stdout.readline().strip()


def test_kill_before_each_step_of_a_payout_pays_it_once_and_never_before_the_record(tmp_path: Path) -> None:
    stage = BankStage(tmp_path / "first", load_engine(fastest()))
    stage.folder.mkdir()
    stage.found()
    with closing(FolderBank(stage.bank_folder)) as bank:
        with stage.open():
            begin(stage, bank)
        with writer() as process:
            step = 1
            while killed_at(process, bank, stage.folder, tmp_path / f"step{step}", step):
                step += 1
                assert step < STEPS_MAX
    assert step > 9, "there are steps of the book, of the record and of the folders"


def begin(stage: BankStage, bank: FolderBank) -> None:
    """Let a client pay in and ask for two payouts, both approved by all who have to."""
    bank.day(100_000)
    for _ in range(2):
        bank_round(stage)
    for _ in range(2):
        ask_for_payout(stage, 1, 15_000)
    pay_out(stage)


def killed_at(process: subprocess.Popen[str], bank: FolderBank, first: Path, folder: Path, step: int) -> bool:
    """Kill a life before a step, look at what the bank has, let it run to its end; say whether the step was there."""
    shutil.copytree(first, folder)
    bank.move(folder / "bank")
    answer = life(process, folder, step)
    assert answer in ("killed", "done"), answer
    stage = BankStage(folder, load_engine(fastest()))
    check_recorded(stage, bank, bank.take())
    assert life(process, folder, 0) == "done"
    check_recorded(stage, bank, bank.take())
    names = [each.end_to_end_id for each in found_payouts(stage)]
    assert bank.paid() == [(each, 15_000) for each in sorted(names)], f"step {step}"
    shutil.rmtree(folder)
    return answer == "killed"


def found_payouts(stage: BankStage) -> list[BankPayout]:
    """Return the payouts of a book that is at rest, all of them sent in one message that is handed over."""
    with BankBook(book_beside(stage.journal)) as book:
        found = payouts(book)
        assert [each.state for each in found] == ["sent", "sent"]
        assert [each.state for each in payment_files(book)] == ["handed"]
        return found


def check_recorded(stage: BankStage, bank: FolderBank, names: list[str]) -> None:
    """Hold what the bank took against the record: each payment was dispatched by these very bytes."""
    recorded = recorded_in(stage.journal)
    for message_id, content in bank.bank.bytes_of.items():
        for each in bank.bank.messages[message_id]:
            if each.end_to_end_id in names:
                known = recorded[int(each.end_to_end_id[1:].partition("-")[0])]
                assert (known.state, known.dispatched_hash) == (
                    "dispatched",
                    dispatch_evidence(content, each.end_to_end_id),
                )
