"""What a supervisor finds that no single file shows: contradictions, addresses that back two, reserves that come and
go.

Everything here is computed from files that were signed, journals and the supervisor's own look at chains; nothing
rests on the operator's word.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from tarazy.oversight.solvency.reserves import ReserveLine


class Contradiction(NamedTuple):
    """Two files that one facility signed at one command and that differ: it has convicted itself."""

    facility_id: str
    seq: int
    roots: tuple[str, str]


class SharedReserve(NamedTuple):
    """One address that two licensees, or more, claim for themselves."""

    asset_id: int
    name: str
    facility_ids: tuple[str, ...]


class HeightOfLack(NamedTuple):
    """A height at which what lay at the addresses was less than what the facility owed."""

    height: int
    reserves_minor: int
    liabilities_minor: int


def contradictions(found: Iterable[dict[str, Any]]) -> list[Contradiction]:
    """Return contradictions among checked files (`check_file`), whoever brought them; only signed ones count."""
    first: dict[tuple[str, int], str] = {}
    shown = []
    for each in found:
        if not each["signed"]:
            continue
        where, root = (each["facility_id"], each["seq"]), each["root"]
        known = first.setdefault(where, root)
        if known != root:
            shown.append(Contradiction(*where, (known, root)))
    return shown


def shared_reserves(lines_of: Mapping[str, Sequence[ReserveLine]]) -> list[SharedReserve]:
    """Return what more than one licensee claims: addresses, bank accounts; `lines_of` is by facility.

    What a custodian keeps for several is no claim on one and the same thing, so custodians are left out.
    """
    claims: dict[tuple[int, str], set[str]] = defaultdict(set)
    for facility_id, lines in lines_of.items():
        for line in lines:
            if line.kind != "custodian":
                claims[line.asset_id, f"{line.kind} {line.name}"].add(facility_id)
    shared = ((key, holders) for key, holders in claims.items() if len(holders) > 1)
    return [SharedReserve(*key, tuple(sorted(holders))) for key, holders in sorted(shared)]


def heights_of_lack(
    addresses: Iterable[str],
    heights: Iterable[int],
    balance_at: Callable[[str, int], int],
    liabilities_at: Callable[[int], int],
) -> list[HeightOfLack]:
    """Return the heights, of those that the supervisor chose, at which the addresses held less than was owed.

    `balance_at(address, height)` asks the supervisor's own node; `liabilities_at(height)` is what its replay owed at
    that time. Heights before a report find what was borrowed for it, heights after it what was moved away again.
    """
    every, found = list(addresses), []
    for height in heights:
        reserves, owed = sum(balance_at(each, height) for each in every), liabilities_at(height)
        if reserves < owed:
            found.append(HeightOfLack(height, reserves, owed))
    return found
