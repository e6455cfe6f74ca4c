"""The checks, one a file: the module's name is the capability that it answers. A new file is found by itself."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from tarazy.screening.checks._naming import named
from tarazy.screening.checks._witness import witnessed
from tarazy.screening.checks.base import CAPABILITY_NAMES, Check, Subject, unknown
from tarazy.screening.collector import collector_paused
from tarazy.screening.model import Answer, Capability


@cache
def all_checks() -> tuple[Check, ...]:
    """Return one check for each module of this package, in the order of names.

    Modules whose name begins with an underscore are helpers.
    Raises: TypeError for a module without exactly one documented check of its own name.
    """
    names = sorted(found.name for found in pkgutil.iter_modules(__path__))
    return tuple(load_check(name) for name in names if name != "base" and not name.startswith("_"))


def load_check(name: str) -> Check:
    """Return the check of one module."""
    module = importlib.import_module(f"{__name__}.{name}")
    kinds = [
        item
        for item in vars(module).values()
        if isinstance(item, type) and issubclass(item, Check) and item.__module__ == module.__name__
    ]
    if len(kinds) != 1 or kinds[0].name != name:
        found = ", ".join(f"{kind.__name__} of name {kind.name!r}" for kind in kinds) or "none"
        raise TypeError(f"{module.__name__}: expected one check of the name {name!r}, found {found}")
    return kinds[0]()


# What code can be asked of that is no token. All others speak of balances and transfers.
OF_ANY_CODE = frozenset({"selfdestruct", "delegate_call", "proxy", "known_code"})
NO_TOKEN = "the code does not answer as a token (balanceOf and transfer), so nothing is known of its balances"

NO_ERC20 = "the contract is {}: it keeps single things by number, and an ERC-20's questions are not asked of it"


@collector_paused()
def run_checks(subject: Subject) -> dict[str, Capability]:
    """Answer every capability; what no check answered is unknown, with the reason.

    A no about the balances of code that is no token would be silence taken for safety: it is unknown.
    """
    answers = {name: unknown(name, "no check of this name is built in") for name in CAPABILITY_NAMES}
    if subject.facts.collection:
        answers = {name: unknown(name, NO_ERC20.format(subject.facts.collection)) for name in CAPABILITY_NAMES}
        return answers | {each.name: run_check(each, subject) for each in all_checks() if each.name in OF_ANY_CODE}
    answers.update((check.name, run_check(check, subject)) for check in all_checks())
    if subject.facts.is_token:
        return answers
    return {
        name: unknown(name, NO_TOKEN, *found.evidence)
        if found.answer is Answer.NO and name not in OF_ANY_CODE
        else found
        for name, found in answers.items()
    }


def run_check(check: Check, subject: Subject) -> Capability:
    """Answer one capability; a check that fails, or answers what it was not asked, leaves it unknown."""
    try:
        answer = check.run(subject)
    except Exception as error:  # a defect of one check must not silence the others
        return unknown(check.name, f"the check failed: {type(error).__name__}: {str(error)[:200]}")
    fault = find_fault(check, answer)
    if fault:
        return unknown(check.name, f"the check gave no proper answer: {fault}")
    return named(witnessed(answer, subject.simulation), subject.facts)


def find_fault(check: Check, answer: object) -> str | None:
    """Return what is wrong with an answer, or None."""
    if not isinstance(answer, Capability):
        return f"expected a Capability, found {type(answer).__name__}"
    if answer.name != check.name:
        return f"expected the capability {check.name}, found {answer.name}"
    if not answer.reason.strip():
        return "expected a reason, found none"
    if answer.answer is Answer.YES and not answer.evidence:
        return "expected evidence of a yes, found none"
    return None
