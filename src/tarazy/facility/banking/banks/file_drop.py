"""A bank by files in folders: what most banks offer over SFTP, whatever carries the files between the two machines.

    out/      payment files for the bank, each there at once and whole
    in/       statements and reports from the bank
    staged/, sent/    our own copies of payment files, before and after they were in out/
    taken/, refused/  files from the bank after they were read

A payment file is written in staged/, linked into out/, then moved to sent/. After a crash: one in sent/ was in out/;
one in staged/ with a second link is in out/ or with the bank; one without may have been there and gone, is put there
again, and the bank refuses the message id that it knows. Each copy is compared with what the record dispatched before
it counts. Until the bank has fetched a file, whoever may write to out/ can change it: give that to its transport alone.
"""

from __future__ import annotations

import os
import re
import time
from pathlib import Path

from tarazy.facility.banking.banks.own_copies import alone, is_there
from tarazy.facility.banking.errors import BankFieldError
from tarazy.platform.storage.files import write_whole

FOLDERS = ("out", "in", "staged", "sent", "taken", "refused")
NAME = re.compile(r"[A-Za-z0-9-]{1,35}")
UNFINISHED = (".part", ".tmp", ".filepart", ".new")
SETTLE_S = 5.0
FILES_MAX = 1_000


class FileDrop:
    """The folders of one bank. A file in `in/` counts when it has not changed for some seconds."""

    def __init__(self, folder: Path, settle_s: float = SETTLE_S) -> None:
        self.folder, self.settle_s = folder, settle_s
        for name in FOLDERS:
            (folder / name).mkdir(parents=True, exist_ok=True, mode=0o700)

    def deliver(self, message_id: str, content: bytes) -> None:
        """Put a payment message into out/, once, and never other bytes than these.

        Raises: BankFieldError for an id that is no name; BankActRefusedError where another file has its name; OSError.
        """
        if not NAME.fullmatch(message_id):
            raise BankFieldError("message id", expected="letters, digits and dashes", found=repr(message_id[:40]))
        name = f"{message_id}.xml"
        staged, out, sent = (self.folder / each / name for each in ("staged", "out", "sent"))
        with alone(self.folder):
            if is_there(sent, content):
                return
            if not is_there(staged, content):
                write_whole(staged, content, 0o600)
            if staged.stat().st_nlink == 1 and not is_there(out, content):
                os.link(staged, out)
            os.replace(staged, sent)

    def files(self) -> list[Path]:
        """Return complete files from the bank, oldest first; at most a thousand at once."""
        limit, found = time.time() - self.settle_s, []
        for path in (self.folder / "in").iterdir():
            if path.name.startswith(".") or path.name.endswith(UNFINISHED) or path.is_symlink() or not path.is_file():
                continue
            changed = path.stat().st_mtime
            if changed <= limit:
                found.append((changed, path))
        return [path for _, path in sorted(found)[:FILES_MAX]]

    def finish(self, path: Path, *, is_taken: bool) -> None:
        """Move a file away; one of the same name that lies there already keeps its place beside it."""
        folder = self.folder / ("taken" if is_taken else "refused")
        place, number = folder / path.name, 1
        while place.exists():
            number += 1
            place = folder / f"{number}-{path.name}"
        os.replace(path, place)
