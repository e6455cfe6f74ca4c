"""Write generated files, or with --check say which of them are stale: what the generators of a page share."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def write_or_check(wanted: Mapping[Path, str], source: str, left: Iterable[Path] = ()) -> int:
    """Write the files that differ and remove those that are left over; return the exit status.

    With --check among the arguments of the program nothing is written, each stale file is named with what it is made
    from, and the status is 1 where there is one.
    """
    stale = [path for path, text in wanted.items() if not path.exists() or path.read_text() != text]
    left = sorted(left)
    if "--check" in sys.argv[1:]:
        for path in (*stale, *left):
            print(f"{path.relative_to(ROOT)} is not what {source} say: run `make generate`", file=sys.stderr)
        return int(bool(stale or left))
    for path in left:
        path.unlink()
    for path in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(wanted[path])
    print(f"{len(stale)} of {len(wanted)} files written, {len(left)} removed")
    return 0
