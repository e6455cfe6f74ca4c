"""liabilities: the trees over what is owed to N clients in M assets, with their nodes stored, and paths from them.

Every client holds every asset, the most that there can be to hash. Made are the amounts of one asset at a time, which
is not counted; counted are hashing and writing. Then paths of clients far apart are read and checked up to the root.
"""

from __future__ import annotations

import importlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import common
import numpy as np
from memory import peak_bytes

from tarazy.facility.solvency.tree_file import TreeFile, write_trees
from tarazy.oversight.solvency import levels
from tarazy.oversight.solvency.verify_solvency_proof import account_leaf, top_of

PATHS = 1_000


class Amounts:
    """The amounts of one asset after the other, and how long making them took."""

    def __init__(self, clients: int, assets: int) -> None:
        self.clients, self.assets, self.made_s = clients, assets, 0.0
        self._random = np.random.default_rng(1)

    def __iter__(self) -> Iterator[bytes]:
        for _ in range(self.assets):
            started = time.perf_counter()
            column = np.zeros((self.clients + 1, 2), "<u8")
            column[1:, 0] = self._random.integers(1, 1 << 60, self.clients, dtype=np.uint64)
            amounts = column.tobytes()
            self.made_s += time.perf_counter() - started
            yield amounts


def hasher_of(name: str) -> tuple[str, Any]:
    """Return the module that hashes levels: the Rust engine's where it is built, else the readable one."""
    if name != "spec":
        try:
            core = importlib.import_module("tarazy_core")
            if hasattr(core, "liability_entries"):
                return "core", core
        except ImportError:
            pass
    return "spec", levels


def paths_ms(path: Path, clients: int, assets: int, hasher: Any) -> tuple[float, float]:
    """Return the median time of a path and of its check."""
    read, checked = [], []
    with TreeFile(path, hasher) as trees:
        for index in range(PATHS):
            account_id, asset_id = index * 7919 * 31 % clients + 1, index % assets + 1
            started = time.perf_counter()
            amount_minor, siblings = trees.path(asset_id, account_id)
            read.append(time.perf_counter() - started)
            started = time.perf_counter()
            top = top_of(account_leaf(asset_id, account_id, trees.salt(account_id), amount_minor), account_id, siblings)
            checked.append(time.perf_counter() - started)
            if top != trees.top(asset_id):
                raise SystemExit(f"expected account {account_id} under the top of asset {asset_id}, found another top")
    return common.median(read) * 1000, common.median(checked) * 1000


def main() -> None:
    """Run the bench."""
    made = common.parser(__doc__ or "")
    made.add_argument("--clients", type=int, default=1_000_000)
    made.add_argument("--assets", type=int, default=20)
    made.add_argument("--engine", choices=("core", "spec"), default="core")
    chosen = made.parse_args()
    name, hasher = hasher_of(chosen.engine)
    salts = bytes(16) + np.random.default_rng(2).bytes(16 * chosen.clients)
    with common.scratch() as folder:
        amounts, started, used_s = Amounts(chosen.clients, chosen.assets), time.perf_counter(), time.process_time()
        write_trees(folder / "trees", salts, amounts, hasher)
        used_s = time.process_time() - used_s
        seconds = time.perf_counter() - started - amounts.made_s
        path_ms, check_ms = paths_ms(folder / "trees", chosen.clients, chosen.assets, hasher)
        stored_mib = (folder / "trees").stat().st_size / 1024**2
    facts = {"seconds": round(seconds, 3), "rss_mib": round(peak_bytes() / 1024**2, 1), "engine": name}
    facts |= {"clients": chosen.clients, "assets": chosen.assets, "stored_mib": round(stored_mib, 1)}
    facts |= {"processor_s": round(used_s, 3)}
    facts |= {"path_ms": round(path_ms, 4), "check_ms": round(check_ms, 4)}
    common.finish(chosen, "liabilities", round(seconds, 3), "s", **facts)


if __name__ == "__main__":
    main()
