"""Attacks that the simulation showed, as evidence.

On made-up storage only what a privileged account did counts: an initialiser that anyone may call there may long be
closed on a chain. What the owner did to a trade that worked before is shown on any state.
"""

from __future__ import annotations

from typing import NamedTuple

from tarazy.screening.model import Attack, Evidence, Holder, HolderKind, Simulation

SHOWN_MAX = 3


class Story(NamedTuple):
    """What attacks showed: in words, who did it, and the traces."""

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
    return Story(f"the simulation shows it: {told(found[0])}", holders, tuple(map(evidence_of, found)))


def counts(simulation: Simulation, attack: Attack, effects: tuple[str, ...]) -> bool:
    """Return whether an attack proves one of the effects."""
    anyone = attack.actor is HolderKind.ANYONE
    if anyone and simulation.state == "synthetic":
        return False
    side = "anyone" if anyone else "privileged"
    return attack.effect in effects or f"{attack.effect}/{side}" in effects


def evidence_of(attack: Attack) -> Evidence:
    """Return the evidence that an attack is."""
    return Evidence("trace", told(attack), selector=attack.calls[0] if attack.calls else None, trace=attack.trace)


def told(attack: Attack) -> str:
    """Return an attack in one sentence: who called what, and what came of it."""
    last = attack.trace[-1].detail if attack.trace else attack.effect
    return f"{attack.actor.value.replace('_', ' ')} by {', '.join(attack.calls)}: {last or attack.effect}"
