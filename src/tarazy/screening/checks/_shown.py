"""Attacks that the simulation showed, as evidence.

On made-up storage only what a privileged account did counts: an initialiser that anyone may call there may long be
closed on a chain. Against a no of the reading it does not count there at all: a wallet that was never named, or a cap
in units of another supply, refuses what would pass on a chain. It decides where the reading is unsure. A trade that
fails because the same calls took the tokens away, or flooded the pool with new ones, shows that privilege and no
restriction.
"""

from __future__ import annotations

from typing import NamedTuple

from tarazy.screening.model import Attack, Evidence, Holder, HolderKind, Simulation

SHOWN_MAX = 3
REFUSALS = frozenset({"blocks_sell", "blocks_transfer", "taxes_sell", "raises_tax"})
CAUSES = frozenset(
    {"mints", "makes_own", "takes_balance", "gives_allowance", "drains_pool", "takes_ownership", "replaces_code"}
)


class Story(NamedTuple):
    """What attacks showed: in words, who did it, and the traces."""

    real: bool  # on state that somebody made, not on made-up storage
    reason: str
    holders: tuple[Holder, ...]
    evidence: tuple[Evidence, ...]


def shown(simulation: Simulation | None, effects: tuple[str, ...]) -> Story | None:
    """Return the attacks with one of some effects, or None where none was shown.

    An effect `name/kind` counts only where that kind of holder brought it about, `name/privileged` where not anyone
    could.
    """
    if simulation is None or not effects:
        return None
    found = [attack for attack in simulation.attacks if counts(simulation, attack, effects)][:SHOWN_MAX]
    if not found:
        return None
    holders = tuple(dict.fromkeys(Holder(attack.actor, "in the simulation") for attack in found))
    return Story(
        simulation.state != "synthetic",
        f"the simulation shows it: {format_attack(found[0])}",
        holders,
        tuple(map(evidence_of, found)),
    )


def counts(simulation: Simulation, attack: Attack, effects: tuple[str, ...]) -> bool:
    """Return whether an attack proves one of the effects."""
    anyone = attack.actor is HolderKind.ANYONE
    if anyone and simulation.state == "synthetic":
        return False
    if attack.effect in REFUSALS and follows_from_another(simulation, attack):
        return False
    side = "anyone" if anyone else "privileged"
    return attack.effect in effects or f"{attack.effect}/{side}" in effects


def follows_from_another(simulation: Simulation, attack: Attack) -> bool:
    """Return whether the same calls also made or took tokens, so that the refusal follows from that."""
    return any(other.effect in CAUSES and set(other.calls) <= set(attack.calls) for other in simulation.attacks)


def evidence_of(attack: Attack) -> Evidence:
    """Return the evidence that an attack is."""
    return Evidence(
        "trace", format_attack(attack), selector=attack.calls[0] if attack.calls else None, trace=attack.trace
    )


def format_attack(attack: Attack) -> str:
    """Return an attack in one sentence: who called what, and what came of it."""
    last = attack.trace[-1].detail if attack.trace else attack.effect
    return f"{attack.actor.value.replace('_', ' ')} by {', '.join(attack.calls)}: {last or attack.effect}"
