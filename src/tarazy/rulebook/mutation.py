"""Mutants of a check: each has one comparison changed. Some situation of the rule must tell it from the real one."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from typing import Any, NamedTuple

from tarazy.rulebook.catalogue import LoadedRule
from tarazy.rulebook.situations import RuleSituation, failures, situations_of

# What each comparison is changed to: its strict or loose neighbour, which only a boundary tells, and its opposite.
CHANGES: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Lt: (ast.LtE, ast.GtE),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}


class RuleMutant(NamedTuple):
    """A changed check: the line, the change in words, and the source with it."""

    line: int
    change: str
    tree: ast.Module


def mutants(source: str) -> Iterator[RuleMutant]:
    """Yield every source with one comparison changed, or one `and` made `or` and the other way round."""
    tree = ast.parse(source)
    nodes = [node for node in ast.walk(tree) if isinstance(node, (ast.Compare, ast.BoolOp))]
    for index, node in enumerate(nodes):
        for change, words in _changes(node):
            changed = copy.deepcopy(tree)
            twin = [each for each in ast.walk(changed) if isinstance(each, (ast.Compare, ast.BoolOp))][index]
            change(twin)
            yield RuleMutant(node.lineno, words, changed)


def _changes(node: ast.AST) -> Iterator[tuple[Any, str]]:
    """Yield what can be changed in a node, with its words."""
    if isinstance(node, ast.BoolOp):
        other = ast.Or if isinstance(node.op, ast.And) else ast.And
        yield (lambda twin: setattr(twin, "op", other())), f"{type(node.op).__name__} to {other.__name__}"
    if isinstance(node, ast.Compare):
        for place, operator in enumerate(node.ops):
            for new in CHANGES.get(type(operator), ()):
                words = f"{type(operator).__name__} to {new.__name__}"
                yield (lambda twin, at=place, kind=new: twin.ops.__setitem__(at, kind())), words


def _is_told_apart(rule: LoadedRule, situations: list[RuleSituation]) -> bool:
    """Return whether a situation has another outcome with the mutant, or the mutant cannot answer it."""
    try:
        return bool(failures(rule, situations))
    except Exception:  # whatever a changed comparison lets happen
        return True


def surviving(rule: LoadedRule) -> list[str]:
    """Return the mutants of a rule that no situation tells from it."""
    path = rule.folder / "rule.py"
    situations = situations_of(rule)
    found = []
    for mutant in mutants(path.read_text(encoding="utf-8")):
        namespace: dict[str, Any] = {"__name__": "mutant"}
        exec(compile(ast.fix_missing_locations(mutant.tree), str(path), "exec"), namespace)
        if not _is_told_apart(rule._replace(check=namespace["check"]), situations):
            found.append(f"{rule.id}/rule.py:{mutant.line}: {mutant.change}")
    return found
