"""Where snapshots go: a frozen child writes the state, the writer puts the signed head before it and names the file."""

from __future__ import annotations

import contextlib
from pathlib import Path

from tarazy.journal.errors import StorageError
from tarazy.journal.files import Files
from tarazy.journal.merkle import HASH_SIZE, Frontier
from tarazy.journal.snapshots import SNAPSHOT_HEADER, remove_old_snapshots, snapshot_path
from tarazy.journal.statement import STATEMENT_SIZE, Statement


def state_offset(frontier: Frontier) -> int:
    """Return where the state begins in the file of a snapshot whose statement has this tree."""
    return len(SNAPSHOT_HEADER) + STATEMENT_SIZE + len(frontier.hashes) * HASH_SIZE


class SnapshotStore:
    """Snapshots in the facility's folder; the newest `keep` of them stay, None = all."""

    def __init__(self, directory: Path, files: Files, keep: int | None = None) -> None:
        self._directory = directory
        self._files = files
        self._keep = keep

    def new_path(self, seq: int) -> Path:
        """Return the file that a snapshot is in until it is whole; a start removes what is left of such files."""
        path = snapshot_path(self._directory, seq)
        return path.with_name(path.name + ".new")

    def finish(self, statement: Statement, frontier: Frontier) -> None:
        """Make a snapshot of a state that is on the device and whose statement is; after a crash all of it or nothing.

        Raises: StorageError; then there is no snapshot, and the next start replays from the one before.
        """
        new = self.new_path(statement.seq)
        fd = self._files.open(new)
        try:
            self._files.write(fd, new, [SNAPSHOT_HEADER, statement.pack(), *frontier.hashes], 0)
            self._files.sync(fd, new)
        finally:
            self._files.close(fd)
        self._files.rename(new, snapshot_path(self._directory, statement.seq))
        self._files.sync_folder(new.parent)
        if self._keep is not None:
            remove_old_snapshots(self._directory, self._keep, files=self._files)

    def discard(self, seq: int) -> None:
        """Remove what there is of a snapshot that will not be finished."""
        with contextlib.suppress(StorageError):
            self._files.remove(self.new_path(seq))
