"""`tarazy authority show DIR [NAME]`: what the authority knows, or one licence, token or consultation."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import Any

from rich.table import Table

from tarazy.authority.desk import AuthorityDesk
from tarazy.authority.greenlist.decisions import overdue_reviews
from tarazy.authority.licensing.licence import register_state, reminders
from tarazy.authority.state import AuthorityCase
from tarazy.cli.authority.arguments import add_folder, open_desk
from tarazy.cli.errors import CliError
from tarazy.cli.output import Output


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    add_folder(parser)
    parser.add_argument("name", nargs="?", metavar="NAME", help="short name of a licensee, a token or a consultation")


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Show it."""
    with open_desk(arguments, reads_only=True) as desk:
        pass  # all that is shown was read
    if arguments.name:
        case = find(desk, arguments.name)
        output.show(steps(case))
        output.result(plain(case))
        return 0
    for title, cases in groups(desk).items():
        table = Table("name", "title", "state", title=title)
        for case in cases:
            table.add_row(case.name, case.title, register_state(case) if title == "Licences" else case.state)
        output.show(table)
    duties = [*reminders(desk.state, desk.now()[:10]), *overdue_reviews(desk.state, desk.now()[:10])]
    for proposal in desk.waiting():
        duties.append(
            f"proposal {proposal.number} of officer {proposal.officer_id} waits: {proposal.act}, {proposal.subject}"
        )
    for words in duties:
        output.say(words)
    everything = {title.lower(): [plain(case) for case in cases] for title, cases in groups(desk).items()}
    output.result({"title": desk.state.title, "acts": len(desk.record.lines), "duties": duties} | everything)
    return 0


def groups(desk: AuthorityDesk) -> dict[str, list[AuthorityCase]]:
    """Return the cases by room."""
    state = desk.state
    rooms = {"Licences": state.licences, "Tokens": state.tokens, "Consultations": state.consultations}
    return {title: sorted(cases.values(), key=lambda each: each.name) for title, cases in rooms.items()}


def find(desk: AuthorityDesk, name: str) -> AuthorityCase:
    """Return a case. Raises: CliError."""
    for cases in groups(desk).values():
        for case in cases:
            if case.name == name:
                return case
    raise CliError(f"expected a licensee, a token or a consultation, found none named {name!r}")


def steps(case: AuthorityCase) -> Table:
    """Return the life of a case."""
    table = Table("act", "when", "what", "officers", "words", title=f"{case.title}: {case.state}")
    for each in case.steps:
        officers = ", ".join(map(str, each.officers))
        table.add_row(str(each.number), each.at, each.act, officers, each.words)
    return table


def plain(case: AuthorityCase) -> dict[str, Any]:
    """Return a case for programs."""
    return asdict(case)
