"""The skeleton of a new rule: a folder that does not pass its tests until a person has written it."""

from __future__ import annotations

import re
from pathlib import Path

from tarazy.rulebook.catalogue import FOLDER, regimes
from tarazy.rulebook.errors import RulebookError

NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
NAME_LETTERS_MAX = 48
RULE = '''"""What the rule asks, in one sentence of our own words."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="",
    kind=RuleKind.obligation,
    form=RuleForm.coded,
    subject="NAME",
    provisions=(),
    why="",
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    found, most = case.number("name_of_a_fact"), case.value("most")
    return case.holds(found <= most, f"{found} of at most {most}")
'''
VALUES = """# One [[value]] for a key from a day on: value, unit, from, to, status (enacted, expected, proposal, default
# or unset), citation (a provision), grade (how its text was seen).
"""
SITUATIONS = """# Named as sentences: met, breached, both sides of each boundary, unknown.
[[situation]]
name = "nothing is known"
outcome = "unknown"
"""


def new_rule(regime: str, name: str, root: Path = FOLDER) -> Path:
    """Write the folder of a new rule and return it.

    Raises: RulebookError where the name or the regime cannot be, or the rule is there.
    """
    if regime not in regimes():
        raise RulebookError("regime", expected=f"one of {', '.join(regimes())}", found=repr(regime)[:60])
    if not NAME.fullmatch(name) or len(name) > NAME_LETTERS_MAX:
        raise RulebookError("name", expected="lower-case words joined by underscores", found=repr(name)[:80])
    folder = root / regime / name
    if folder.exists():
        raise RulebookError(folder, expected="a new name", found="a rule of this name")
    folder.mkdir(parents=True)
    for file, text in (("rule.py", RULE), ("values.toml", VALUES), ("situations.toml", SITUATIONS)):
        (folder / file).write_text(text.replace("NAME", name), encoding="utf-8")
    return folder
