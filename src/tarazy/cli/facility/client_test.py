"""`tarazy facility client test DIR --begin CLIENT`, `--answer ATTEMPT N ...`, `--take CLIENT N` and what follows."""

from __future__ import annotations

import argparse

from tarazy.cli.arguments import positive
from tarazy.cli.errors import CliError
from tarazy.cli.facility.client_decide import tell
from tarazy.cli.facility.client_desk import actor_of, add_actor, add_desk, open_register
from tarazy.cli.output import Output
from tarazy.facility.accounts.api_keys import api_keys_folder
from tarazy.facility.accounts.front_desk import FrontDesk
from tarazy.facility.accounts.knowledge_test import (
    AttemptRow,
    answer_attempt,
    begin_attempt,
    confirm_exemption,
    paper_of,
    propose_exemption,
)
from tarazy.facility.accounts.question_sets import LANGUAGES, set_with
from tarazy.facility.accounts.register import Register
from tarazy.facility.accounts.trail import Actor
from tarazy.facility.accounts.web_test_taken import take_web_test
from tarazy.journal.keys import keys_folder


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    add_desk(parser)
    chosen = parser.add_mutually_exclusive_group(required=True)
    chosen.add_argument("--begin", type=positive, metavar="CLIENT", help="draw a paper for a client")
    chosen.add_argument("--answer", type=positive, nargs="+", metavar="N", help="an attempt, then its answers in order")
    chosen.add_argument(
        "--take",
        type=positive,
        nargs=2,
        metavar=("CLIENT", "N"),
        help="take a test that was answered at the pages",
    )
    chosen.add_argument("--exempt", type=positive, metavar="CLIENT", help="propose that a pass lifts the monthly cap")
    chosen.add_argument("--bind", type=positive, metavar="CLIENT", help="propose that the cap binds again")
    chosen.add_argument("--confirm", type=positive, metavar="N", help="number of the decision to confirm")
    parser.add_argument("--reason", default="", metavar="TEXT", help="why, for a proposal")
    parser.add_argument("--language", choices=LANGUAGES, default="en", help="language of the paper (en)")
    add_actor(parser)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Do one step of a test."""
    actor = actor_of(arguments)
    with open_register(arguments) as register:
        if arguments.begin is not None:
            show_paper(output, begin_attempt(register, actor, arguments.begin), arguments.language)
        elif arguments.answer is not None:
            attempt, *answers = arguments.answer
            if not answers:
                raise CliError("expected the number of the attempt and its answers, found no answers")
            row = answer_attempt(register, actor, attempt, answers)
            output.say(f"attempt {attempt}: {row.permille} of 1,000, {'passed' if row.is_passed else 'not passed'}")
            output.result({"attempt": row.plain()})
        elif arguments.take is not None:
            take(arguments, output, register, actor)
        elif arguments.confirm is not None:
            tell(output, confirm_exemption(register, actor, arguments.confirm))
        else:
            client, lifts = arguments.exempt or arguments.bind, arguments.exempt is not None
            tell(output, propose_exemption(register, actor, client, is_exempt=lifts, reason=arguments.reason))
    return 0


def take(arguments: argparse.Namespace, output: Output, register: Register, actor: Actor) -> None:
    """Take a test of the pages into the register."""
    client, number = arguments.take
    desk = FrontDesk(api_keys_folder(keys_folder(arguments.directory)))
    try:
        row = take_web_test(register, desk, actor, client, number)
    finally:
        desk.close()
    passed = "passed" if row.is_passed else "not passed"
    output.say(f"attempt {row.attempt} of client {client}: {row.permille} of 1,000, {passed}")
    output.result({"attempt": row.plain()})


def show_paper(output: Output, row: AttemptRow, language: str) -> None:
    """Print a paper in one language, and say where nobody who speaks it has read the text."""
    paper = paper_of(row)
    if language in set_with(row.sha256).machine_made:
        output.say("This text was made by a machine and was not read by a speaker of the language.")
    for place, each in enumerate(paper, 1):
        output.say(f"{place}. {each.question.text[language]}")
        for number, answer in enumerate(each.answers, 1):
            output.say(f"   {number}) {answer[language]}")
    output.say(f"attempt {row.attempt}; answer with --answer {row.attempt} and one number for each question")
    questions = [each.plain() for each in paper]
    output.result({"attempt": row.plain(), "questions": questions})
