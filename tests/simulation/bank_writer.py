"""A process that forks lives of a treasury, each killed at a numbered step: before it, for every step there is.

Lines in: `FOLDER STEP`. A step is a commit to the bank book, a link or a rename in the bank's folders,
or an instruction of the officers. Lines out: `killed`, or `done` where the life had fewer steps.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import sys
import traceback
from pathlib import Path
from typing import Any

from tarazy.cli.engines import fastest, load_engine

from ..bank_stage import BankStage, bank_round

ROUNDS = 2


class Steps:
    """Counts the steps of a life and ends it before one of them."""

    def __init__(self, last: int) -> None:
        self.left = last

    def step(self, *_: object) -> None:
        """Count one."""
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def statement(self, text: str, connection: sqlite3.Connection) -> None:
        """Count a statement that stands alone, and the end of a transaction: what is inside is undone by a kill."""
        is_alone = text.startswith(("INSERT", "UPDATE", "DELETE")) and not connection.in_transaction
        if is_alone or text == "COMMIT":
            self.step()

    def counted(self, act: Any) -> Any:
        """Return a function that counts itself first."""

        def acting(*arguments: Any, **named: Any) -> Any:
            self.step()
            return act(*arguments, **named)

        return acting


def live(folder: Path, last: int) -> None:
    """Do rounds of the treasury, until the step comes."""
    steps, stage = Steps(last), BankStage(folder, load_engine(fastest()))
    with stage.open():
        book = stage.bank.connection
        book.set_trace_callback(lambda text: steps.statement(text, book))
        stage.people = steps.counted(stage.people)  # type: ignore[method-assign]
        os.link, os.replace = steps.counted(os.link), steps.counted(os.replace)
        for _ in range(ROUNDS):
            bank_round(stage)


def main() -> None:
    """Fork a life for each line."""
    for line in sys.stdin:
        folder, last = line.split()
        child = os.fork()
        if child == 0:
            code = 1
            try:
                live(Path(folder), int(last))
                code = 0
            except BaseException:
                traceback.print_exc()
            finally:
                sys.stderr.flush()
                os._exit(code)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        print({0: "done", -signal.SIGKILL: "killed"}.get(code, f"failed with {code}"), flush=True)


if __name__ == "__main__":
    main()
