"""Anyone is the gravest word: it stands only where the simulation played it with a stranger's key.

The reading finds no guard where there is none, and also where there is one of a form that it does not know. So without
a witness the answer says that it is not known who can; where nobody else could, whether it can be done at all is not
known either. That tokens are made, or burnt by their holders, is read from the balances themselves and stays.
"""

from __future__ import annotations

from dataclasses import replace

from tarazy.screening.checks._trading import REAL_STATES
from tarazy.screening.model import Answer, Capability, Holder, HolderKind, Simulation

TRADES = ("blocks_sell", "blocks_transfer", "delays_sell", "taxes_sell", "raises_tax")
WITNESSES = {
    "mint": ("mints", "makes_own"),
    "leak": ("takes_balance", "gives_allowance", "drains_pool", "withdraws_ether", "withdraws_tokens"),
    "balance_change": ("takes_balance", "mints", "makes_own"),
    "approval_abuse": ("gives_allowance", "takes_balance"),
    "metadata_change": (),  # the simulation plays nothing of it
    "privileged_withdraw": ("withdraws_ether", "withdraws_tokens"),
    **dict.fromkeys(
        ("limit", "pause", "blacklist", "whitelist", "size_cap_change", "fee_change", "personal_fee"), TRADES
    ),
}
READ_FROM_BALANCES = frozenset({"mint"})
NOT_SEEN = Holder(HolderKind.UNKNOWN, "no guard was found in the code, and no stranger was seen to do it")


def witnessed(found: Capability, simulation: Simulation | None) -> Capability:
    """Return an answer in which anyone is named only where a stranger was seen to do it on state that somebody made."""
    effects = WITNESSES.get(found.name)
    named = [holder for holder in found.holders if holder.kind is HolderKind.ANYONE]
    if found.answer is not Answer.YES or effects is None or not named or seen(simulation, effects):
        return found
    others = tuple(holder for holder in found.holders if holder.kind is not HolderKind.ANYONE)
    if others or found.name in READ_FROM_BALANCES:
        return replace(found, holders=(*others, NOT_SEEN))
    reason = f"the code reads as if anyone could, which no stranger was seen to do: {found.reason}"
    return Capability(found.name, Answer.UNKNOWN, reason, evidence=found.evidence)


def seen(simulation: Simulation | None, effects: tuple[str, ...]) -> bool:
    """Return whether a stranger brought one of some effects about, on state that somebody made."""
    if simulation is None or simulation.state not in REAL_STATES:
        return False
    return any(a.actor is HolderKind.ANYONE and a.effect in effects for a in simulation.attacks)
