"""The accounts' liabilities trees of all assets in one file, so that any path is read without hashing a level again.

Layout, little-endian: magic `TZTREES1`, u32 assets, u32 zero, u64 positions in use (accounts + 1), then the salts (16
bytes for each position in use); then for each asset the amounts (16 bytes each) and its levels from LOW_LEVEL up,
entries of 48 bytes. A level holds what lies above the positions in use; what is not stored is the zero leaf. The
levels below LOW_LEVEL are hashed again from eight amounts: storing them would make the file eight times larger and no
path faster.

The file is derived: it can be made again from the journal, so it is not synced.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import BinaryIO

from tarazy.oversight.solvency import levels
from tarazy.oversight.solvency.errors import SolvencyError
from tarazy.oversight.solvency.levels import ENTRY_BYTES, NUMBER_BYTES, LevelHasher, even, number_at, read_entry
from tarazy.spec.liabilities import ZERO, Entry, width

MAGIC = b"TZTREES1"
HEADER = struct.Struct("<8sIIQ")
LOW_LEVEL = 3
BLOCK = 1 << 15
AGAIN = "Make the trees again from the journal."


def height_of(count: int) -> int:
    """Return the number of levels above the leaves for so many positions in use."""
    return width(count).bit_length() - 1


def level_size(count: int, level: int) -> int:
    """Return how many entries of a level lie above the positions in use."""
    return (count + (1 << level) - 1) >> level


def stored_levels(count: int) -> range:
    """Return the levels that the file holds: from LOW_LEVEL (or the top, where that is lower) to the top."""
    height = height_of(count)
    return range(min(LOW_LEVEL, height), height + 1)


def write_trees(
    path: Path, salts: bytes, columns: Iterable[bytes], hasher: LevelHasher = levels, threads: int = 2
) -> None:
    """Write the trees of all assets; a column is the amounts of one asset by account, position 0 being 0.

    Raises: SolvencyError where a column has another length than the salts; OSError.
    """
    fresh = path.with_name(f"{path.name}.new")
    count, assets = len(salts) // NUMBER_BYTES, 0
    with open(fresh, "wb") as file, ThreadPoolExecutor(threads) as pool:
        file.write(HEADER.pack(MAGIC, 0, 0, count))
        file.write(salts)
        for assets, amounts in enumerate(columns, 1):
            if len(amounts) != len(salts):
                found = f"{len(amounts) // NUMBER_BYTES} in the column of asset {assets}"
                raise SolvencyError(expected=f"{count} amounts for {count} salts", found=found, action=AGAIN)
            _write_asset(file, assets, salts, amounts, hasher, pool)
        file.seek(0)
        file.write(HEADER.pack(MAGIC, assets, 0, count))
    os.replace(fresh, path)


def _write_asset(
    file: BinaryIO, asset_id: int, salts: bytes, amounts: bytes, hasher: LevelHasher, pool: ThreadPoolExecutor
) -> None:
    """Write one asset's amounts and levels."""
    count = len(amounts) // NUMBER_BYTES
    file.write(amounts)
    first, *above = stored_levels(count)

    def low(start: int) -> bytes:
        part = slice(start * NUMBER_BYTES, (start + BLOCK) * NUMBER_BYTES)
        return hasher.liability_entries(asset_id, start, salts[part], amounts[part], first)

    level = b"".join(pool.map(low, range(0, count, BLOCK)))
    file.write(level)
    for _ in above:
        level = b"".join(pool.map(hasher.liability_parents, _pieces(level)))
        file.write(level)


def _pieces(level: bytes) -> Iterator[bytes]:
    """Iterate over pairs of a level in pieces for several threads."""
    level, step = even(level), BLOCK * ENTRY_BYTES
    return (level[at : at + step] for at in range(0, len(level), step))


class TreeFile:
    """The trees of a file, read where they are asked for. Close it, or use it in a `with`."""

    def __init__(self, path: Path, hasher: LevelHasher = levels) -> None:
        """Open the file. Raises: SolvencyError where it is none, or cut short; OSError."""
        self._hasher = hasher
        self._fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        head = os.pread(self._fd, HEADER.size, 0)
        fields = HEADER.unpack(head) if len(head) == HEADER.size else (b"", 0, 0, 0)
        magic, self.assets, self.count = bytes(fields[0]), int(fields[1]), int(fields[3])
        expected = HEADER.size + self.count * NUMBER_BYTES + self.assets * self._asset_bytes() if self.count else 0
        size = os.fstat(self._fd).st_size
        if magic != MAGIC or size != expected:
            os.close(self._fd)
            raise SolvencyError(
                expected=f"a file of liabilities trees of {expected} bytes", found=str(size), action=AGAIN
            )

    def __enter__(self) -> TreeFile:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        os.close(self._fd)

    @property
    def positions(self) -> int:
        """Return the width of the trees."""
        return width(self.count)

    def top(self, asset_id: int) -> Entry:
        """Return the top of an asset's tree."""
        return self._entry(asset_id, height_of(self.count), 0)

    def salt(self, account_id: int) -> int:
        """Return an account's salt."""
        return number_at(self._read(HEADER.size + account_id * NUMBER_BYTES, NUMBER_BYTES), 0)

    def path(self, asset_id: int, account_id: int) -> tuple[int, list[Entry]]:
        """Return an account's amount and the siblings on its path, the lowest first.

        Raises: SolvencyError where there is no such account or asset.
        """
        if not (0 < account_id < self.count and 0 < asset_id <= self.assets):
            raise SolvencyError(
                expected=f"an account from 1 to {self.count - 1} and an asset from 1 to {self.assets}",
                found=f"account {account_id}, asset {asset_id}",
                action="Give the number that the account was opened with.",
            )
        first, height = stored_levels(self.count)[0], height_of(self.count)
        amount_minor, siblings = self._low_path(asset_id, account_id, first)
        siblings += [self._entry(asset_id, level, account_id >> level ^ 1) for level in range(first, height)]
        return amount_minor, siblings

    def _low_path(self, asset_id: int, account_id: int, levels_up: int) -> tuple[int, list[Entry]]:
        """Return an account's amount and the siblings below the lowest level that is stored."""
        start = account_id >> levels_up << levels_up
        size = min(1 << levels_up, self.count - start)
        amounts = self._read(self._asset_at(asset_id) + start * NUMBER_BYTES, size * NUMBER_BYTES)
        salts = self._read(HEADER.size + start * NUMBER_BYTES, size * NUMBER_BYTES)
        entries, siblings = self._hasher.liability_entries(asset_id, start, salts, amounts, 0), []
        for level in range(levels_up):
            index = (account_id - start) >> level ^ 1
            siblings.append(read_entry(entries, index) if index * ENTRY_BYTES < len(entries) else ZERO)
            entries = self._hasher.liability_parents(even(entries))
        return number_at(amounts, (account_id - start) * NUMBER_BYTES), siblings

    def _entry(self, asset_id: int, level: int, index: int) -> Entry:
        """Return a stored entry; what lies beyond the positions in use is the zero leaf."""
        if index >= level_size(self.count, level):
            return ZERO
        below = sum(level_size(self.count, each) for each in stored_levels(self.count) if each < level)
        at = self._asset_at(asset_id) + self.count * NUMBER_BYTES + (below + index) * ENTRY_BYTES
        return read_entry(self._read(at, ENTRY_BYTES), 0)

    def _asset_at(self, asset_id: int) -> int:
        return HEADER.size + self.count * NUMBER_BYTES + (asset_id - 1) * self._asset_bytes()

    def _asset_bytes(self) -> int:
        entries = sum(level_size(self.count, level) for level in stored_levels(self.count))
        return self.count * NUMBER_BYTES + entries * ENTRY_BYTES

    def _read(self, at: int, size: int) -> bytes:
        data = os.pread(self._fd, size, at)
        if len(data) != size:
            raise SolvencyError(expected=f"{size} bytes at byte {at}", found=str(len(data)), action=AGAIN)
        return data
