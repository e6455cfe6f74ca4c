"""A screening on the terminal in another language: its sentences, and the few words around them.

The words are those of the pages. The JSON of a report is data and stays English.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from tarazy.console.layout.messages import ENGLISH
from tarazy.console.screening.languages import sentences_in, tools
from tarazy.console.screening.words import title_of
from tarazy.screening.model import Attack, Capability, Report, Simulation, TraceStep, Verdict
from tarazy.screening.wording import without_places

Say = Callable[[str], str]
# What the terminal says in a word, as the pages' catalogue has it.
LABELS = {
    "power": "Power",
    "who": "Who holds it",
    "guard": "Guard",
    "bound": "Bound",
    "how it is known": "evidence",
    "next": "Next:",
    "note": "Notes",
    "what this is": "This translation was made by a machine; the English text counts.",
}


def labels_in(language: str) -> Say:
    """Return what puts a word of the terminal into a language."""
    words = tools(language)["_"]

    def label(text: str) -> str:
        return text if language == ENGLISH else words(LABELS.get(text, text)).removesuffix(":")

    return label


def titles_in(language: str, titles: dict[str, str]) -> Callable[[str, str], str]:
    """Return what names a power: by its check in English, by its title on the pages in other languages."""
    words = tools(language)["_"]
    return lambda name, otherwise: titles.get(name, otherwise) if language == ENGLISH else words(title_of(name))


def in_language(report: Report, language: str) -> Report:
    """Return a report whose sentences are in a language, without places of storage and code."""
    if language == ENGLISH:
        return report
    sentences = sentences_in(language)

    def say(text: str) -> str:
        return sentences.say(without_places(text))

    return replace(
        report,
        capabilities={name: capability_in(found, say) for name, found in report.capabilities.items()},
        simulation=simulation_in(report.simulation, say) if report.simulation else None,
        verdict=verdict_in(report.verdict, say) if report.verdict else None,
        notes=tuple(map(say, report.notes)),
    )


def capability_in(found: Capability, say: Say) -> Capability:
    """Return an answer with its sentences in a language."""
    holders = tuple(replace(holder, where=say(holder.where)) for holder in found.holders)
    guard, bound = say(found.guard or "") or None, say(found.bound or "") or None
    return replace(found, reason=say(found.reason), guard=guard, bound=bound, holders=holders)


def verdict_in(verdict: Verdict, say: Say) -> Verdict:
    """Return a verdict with its sentences in a language."""
    findings = tuple(replace(finding, text=say(finding.text)) for finding in verdict.findings)
    return replace(verdict, findings=findings, next_step=say(verdict.next_step))


def simulation_in(simulation: Simulation, say: Say) -> Simulation:
    """Return a simulation with its sentences in a language."""
    trades = tuple(replace(trade, reason=say(trade.reason)) for trade in simulation.trades)
    attacks = tuple(attack_in(attack, say) for attack in simulation.attacks)
    return replace(simulation, reason=say(simulation.reason), trades=trades, attacks=attacks)


def attack_in(attack: Attack, say: Say) -> Attack:
    """Return a story in a language."""
    return replace(attack, trace=tuple(step_in(step, say) for step in attack.trace))


def step_in(step: TraceStep, say: Say) -> TraceStep:
    """Return one step of a story in a language."""
    return replace(step, action=say(step.action), detail=say(step.detail))
