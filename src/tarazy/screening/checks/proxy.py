"""The contract is a proxy: its behaviour is another contract's code."""

from __future__ import annotations

from tarazy.screening.checks._delegation import designation, forwarding
from tarazy.screening.checks._proxied import proxies_of
from tarazy.screening.checks.base import Check, Subject
from tarazy.screening.model import Capability


class Proxy(Check):
    """Find a fallback that delegates every call, and who can change to what."""

    name = "proxy"
    title = "The code can be that of another contract"
    sees = (
        "A fallback that delegates the call as it came: minimal proxies (ERC-1167), the slots of ERC-1967, ERC-1822 "
        "and old OpenZeppelin proxies, beacons, any other slot; accounts that run another's code (EIP-7702). "
        "The slot and who writes it in this code and, where a node was asked, in the code behind it."
    )
    cannot_see = (
        "Whether code behind the proxy that was not at hand can name its successor: the holder is unknown then. While "
        "that code is not at hand every other capability of a proxy is unknown."
    )
    impact = "high"
    confidence = "high"
    goplus = ("is_proxy",)
    fires = "proxy-transparent/vulnerable"
    must_not_fire = "plain-modern/plain"

    def run(self, subject: Subject) -> Capability:
        """Answer for one contract."""
        facts = subject.facts
        own = forwarding(facts)
        found = (*proxies_of(subject), *((own,) if own is not None else ()))
        if found:
            return self.yes(
                f"every call is handed on to {found[0].where}",
                *(each.evidence for each in found[:4]),
                holders=tuple(dict.fromkeys(holder for each in found for holder in each.holders)),
                bound="the code stays what it is" if all(each.source == "code" for each in found) else None,
            )
        designated = designation(self, subject.code)
        if designated is not None:
            return designated
        if not subject.code:
            return self.unknown("there is no code to read")
        fallback = facts.flows.get("fallback")
        if fallback is None or not fallback.graph.complete:
            return self.unknown("what runs when no selector matches was not read to the end")
        return self.no("what runs when no selector matches delegates nothing")
