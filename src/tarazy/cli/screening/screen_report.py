"""A screening on the terminal: verdict, powers with holder and bound, trades as bars, attacks as stories."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from rich.console import Group
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from tarazy.cli.decimals import decimal
from tarazy.cli.output import Output
from tarazy.cli.screening.screen_language import Say, in_language, labels_in, titles_in
from tarazy.console.layout.messages import ENGLISH
from tarazy.screening.checks import all_checks
from tarazy.screening.model import (
    Answer,
    Attack,
    Capability,
    Evidence,
    Holder,
    Report,
    SimulatedTrade,
    Simulation,
    TraceStep,
)

STYLES = {"clear": "bold green", "caution": "bold yellow", "malicious": "bold red", "unknown": "bold magenta"}
ANSWER_STYLES = {Answer.YES: "red", Answer.UNKNOWN: "magenta", Answer.NO: "green"}
BAR_CELLS = 20
STORIES_MAX = 3
PPM_PER_PERCENT_SCALE = 4  # parts per million as percent have four decimal places


def show_report(output: Output, report: Report, language: str = ENGLISH) -> None:
    """Print one report in a language."""
    report, label = in_language(report, language), labels_in(language)
    output.show(heading(report, label))
    if language != ENGLISH:
        output.say(label("what this is"))
    if report.verdict is not None and report.verdict.next_step:
        output.say(f"{label('next')}: {report.verdict.next_step}")
        by_name = {finding.criterion: finding for finding in report.verdict.findings}
        for name in report.verdict.deciding:
            output.say(f"  {words(name)}: {by_name[name].text}")
    for note in report.notes:
        output.say(f"{label('note')}: {note}")
    shown = powers(report, language)
    if shown.row_count:
        output.show(shown)
    for reason, unseen in unknowns(report).items():
        told = ", ".join(map(words, unseen))
        output.say(f"{label('unknown')}: {told}: {reason}", style=ANSWER_STYLES[Answer.UNKNOWN])
    absent = [name for name, found in report.capabilities.items() if found.answer is Answer.NO]
    if absent:
        told = ", ".join(words(name) for name in absent)
        output.say(f"{label('no')}: {told}", style=ANSWER_STYLES[Answer.NO])
    if report.simulation is not None:
        output.show(simulated(report.simulation))
    show_others(output, report, label)


def show_others(output: Output, report: Report, label: Say) -> None:
    """Print the findings that weigh and do not decide."""
    for finding in report.verdict.findings if report.verdict else ():
        if (
            finding.outcome in ("fail", "unknown")
            and report.verdict
            and finding.criterion not in report.verdict.deciding
        ):
            weight = finding.severity if finding.outcome == "fail" else "unknown"
            output.say(f"{label(weight)}: {words(finding.criterion)}: {finding.text}")


def heading(report: Report, label: Say) -> Text:
    """Return the line with identity, verdict and criteria."""
    word = report.verdict.word if report.verdict else "unknown"
    text = Text(f"{report.id or report.address}  ")
    text.append(label(word).upper(), style=STYLES.get(word, "bold"))
    if report.verdict and report.verdict.criteria:
        text.append(f"  criteria {report.verdict.criteria} from {report.verdict.criteria_date or 'no date'}")
    named = " ".join(
        part for part in (report.token.name, f"({report.token.symbol})" if report.token.symbol else None) if part
    )
    text.append(f"  {named + ', ' if named else ''}{report.code_bytes:,} bytes of code, {report.seconds:.3f} s")
    return text


def words(name: str) -> str:
    """Return a capability's name as words."""
    return name.replace("_", " ")


def powers(report: Report, language: str) -> Table:
    """Return the powers that are there."""
    title = titles_in(language, {check.name: check.title for check in all_checks()})
    heads = map(labels_in(language), ("power", "who", "guard", "bound", "how it is known"))
    table = Table(*heads, box=None, padding=(0, 2, 0, 0))
    for name, found in report.capabilities.items():
        if found.answer is Answer.YES:
            table.add_row(*power_cells(title(name, words(name)), found))
    return table


def unknowns(report: Report) -> dict[str, list[str]]:
    """Return the powers that could not be seen, by reason."""
    found: dict[str, list[str]] = {}
    for name, capability in report.capabilities.items():
        if capability.answer is Answer.UNKNOWN:
            found.setdefault(capability.reason, []).append(name)
    return found


def power_cells(title: str, found: Capability) -> tuple[Text, str, str, str, str]:
    """Return one power's line."""
    who = "; ".join(holder_words(holder) for holder in found.holders)
    shown = evidence_words(found.evidence)
    how = f"{found.reason} ({shown})" if shown else found.reason
    return Text(title, style=ANSWER_STYLES[Answer.YES]), who or "-", found.guard or "-", found.bound or "-", how


def holder_words(holder: Holder) -> str:
    """Return who may, in words."""
    place = holder.address or holder.where
    return f"{words(holder.kind.value)} ({place})" if place else words(holder.kind.value)


def evidence_words(evidence: Iterable[Evidence]) -> str:
    """Return the places that show it."""
    told = []
    for item in evidence:
        entry = item.signature or item.selector
        place = f"at 0x{item.offset:x}" if item.offset is not None else item.transaction
        told.append(" ".join(part for part in (entry, place) if part) or item.kind)
    return ", ".join(dict.fromkeys(told))


def simulated(simulation: Simulation) -> Group:
    """Return what trading did, and what a hostile owner could do."""
    where = f"block {simulation.block_number:,}" if simulation.block_number is not None else f"{simulation.state} state"
    head = Text(f"simulation on {simulation.engine}, {where}", style="bold")
    if not simulation.ran:
        return Group(head, Text(f"  did not run: {simulation.reason}"))
    table = Table("trade", "pool", "", "tax", "of what was paid", "why not", box=None, padding=(0, 2, 0, 0))
    for trade in simulation.trades:
        table.add_row(*trade_cells(trade))
    counted = Counter(words(attack.effect) for attack in simulation.attacks)
    summary = (
        ", ".join(f"{effect} ({count} {'way' if count == 1 else 'ways'})" for effect, count in counted.items())
        or "found nothing"
    )
    limit = "" if simulation.complete else "; a limit ended the search"
    hostile = Text(f"  hostile owner: {simulation.explored_calls:,} calls tried, {summary}{limit}")
    return Group(head, table, hostile, *(story(attack) for attack in chosen(simulation.attacks)))


def trade_cells(trade: SimulatedTrade) -> tuple[str, ...]:
    """Return one trade's line, with its tax as a bar."""
    done = "done" if trade.succeeded else "refused"
    if trade.tax_ppm is None:
        return words(trade.scenario), trade.pool, done, "-", "", trade.reason
    filled = min(BAR_CELLS, max(0, round(trade.tax_ppm * BAR_CELLS / 1_000_000)))
    bar = "█" * filled + "░" * (BAR_CELLS - filled)
    return words(trade.scenario), trade.pool, done, f"{percent(trade.tax_ppm)} %", bar, trade.reason


def percent(ppm: int) -> str:
    """Return parts per million as percent, without noughts at the end."""
    return decimal(ppm, PPM_PER_PERCENT_SCALE).rstrip("0").rstrip(".")


def chosen(attacks: Iterable[Attack]) -> list[Attack]:
    """Return the shortest story of each effect, a few at most."""
    shortest: dict[str, Attack] = {}
    for attack in sorted(attacks, key=lambda each: len(each.trace)):
        shortest.setdefault(attack.effect, attack)
    return list(shortest.values())[:STORIES_MAX]


def story(attack: Attack) -> Tree:
    """Return one attack step by step."""
    tree = Tree(Text(f"how the {words(attack.actor.value)} {words(attack.effect)}", style="red"))
    for step in attack.trace:
        tree.add(step_words(step))
    return tree


def step_words(step: TraceStep) -> Text:
    """Return one step in words."""
    text = Text(step.action)
    text.append(" ✓" if step.succeeded else " ✗", style="green" if step.succeeded else "red")
    if step.detail:
        text.append(f" {step.detail}")
    return text


def batch_table(reports: Iterable[tuple[str, str, str, str]]) -> Table:
    """Return the table of a batch: (id, verdict, powers, what is unknown)."""
    table = Table("id", "verdict", "powers", "unknown", box=None, padding=(0, 2, 0, 0))
    for name, verdict, there, unseen in reports:
        table.add_row(name, Text(verdict, style=STYLES.get(verdict, "")), there, unseen)
    return table


def batch_line(report: Report) -> tuple[str, str, str, str]:
    """Return what a batch shows of one report."""
    by_answer = {
        answer: [words(name) for name, found in report.capabilities.items() if found.answer is answer]
        for answer in (Answer.YES, Answer.UNKNOWN)
    }
    unseen = by_answer[Answer.UNKNOWN]
    told = f"{len(unseen)} of {len(report.capabilities)}" if unseen else "none"
    if len(unseen) == len(report.capabilities) and report.notes:
        told = f"all: {report.notes[0]}"
    word = report.verdict.word if report.verdict else "unknown"
    return report.id, word, ", ".join(by_answer[Answer.YES]) or "none", told
