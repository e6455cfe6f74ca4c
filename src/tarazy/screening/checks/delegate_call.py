"""Code of another contract runs on this storage."""

from __future__ import annotations

from tarazy.screening.checks._delegation import delegations, designation
from tarazy.screening.checks._proxied import proxies_of
from tarazy.screening.checks.base import Check, Subject
from tarazy.screening.model import Capability


class DelegateCall(Check):
    """Find delegated calls, where their target comes from, and who chooses it."""

    name = "delegate_call"
    title = "Code of another contract runs on this storage"
    sees = (
        "Every DELEGATECALL and CALLCODE on a path that can succeed, where the target comes from (the code, storage, "
        "another contract's answer, the caller), and who can change it."
    )
    cannot_see = "What that code does. Calls of the contract's own code and of precompiled contracts do not count."
    impact = "high"
    confidence = "high"
    goplus = ()
    fires = "mint-delegatecall/vulnerable"
    must_not_fire = "mint-delegatecall/benign"

    def run(self, subject: Subject) -> Capability:
        """Answer for one contract."""
        found = [*delegations(subject.facts), *proxies_of(subject)]
        if found:
            return self.yes(
                f"{found[0].entry} runs {found[0].where}",
                *(each.evidence for each in found[:6]),
                holders=tuple(dict.fromkeys(holder for each in found for holder in each.holders)),
                bound="the code stays what it is" if all(each.source == "code" for each in found) else None,
            )
        designated = designation(self, subject.code)
        if designated is not None:
            return designated
        if not subject.code:
            return self.unknown("there is no code to read")
        if not subject.facts.complete:
            return self.unknown("the code was not read to the end")
        return self.no("no path through the code delegates a call to another contract")
