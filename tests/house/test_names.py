"""One class, one name: who searches for a class finds one."""

from __future__ import annotations

import ast
from collections import defaultdict

from .repository import SOURCE

# Names that two classes still share. The list only ever gets shorter.
SHARED = {
    "Book",
    "Entry",
    "Evidence",
    "Instruction",
    "InstructionError",
    "Kind",
    "Leg",
    "Limit",
    "Mark",
    "Receipt",
    "Side",
    "SnapshotError",
    "Subject",
}


def test_no_two_classes_have_one_name() -> None:
    places: dict[str, list[str]] = defaultdict(list)
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.ClassDef):
                places[node.name].append(str(path.relative_to(SOURCE)))
    shared = {name: found for name, found in places.items() if len(found) > 1}
    new = {name: found for name, found in shared.items() if name not in SHARED}
    assert not new, f"choose a name that says which: {new}"
    assert set(shared) >= SHARED, f"take out of SHARED: {sorted(SHARED - set(shared))}"
