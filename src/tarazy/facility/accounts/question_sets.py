"""Question sets as dated files: what is asked, in which languages, and which answer is right.

A result is bound to the SHA-256 of the file. A paper is drawn by a seed alone: whoever has the file and the seed draws
the same questions and the same order of answers.
"""

from __future__ import annotations

import tomllib
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from tarazy.facility.accounts.errors import ListFileError

SETS = Path(__file__).with_name("questions")
LANGUAGES = ("en", "ru", "kk")
Texts = dict[str, str]


class KnowledgeQuestion(NamedTuple):
    """One question by language, with its right answer first."""

    id: str
    text: Texts
    answers: tuple[Texts, ...]


class QuestionSet(NamedTuple):
    """A set. `machine_made` names the languages in which nobody who speaks them has read it."""

    version: str
    begins: date
    asked: int
    machine_made: tuple[str, ...]
    questions: tuple[KnowledgeQuestion, ...]
    sha256: str


class DrawnQuestion(NamedTuple):
    """A question of a paper: its answers in the order of the paper, and where the right one stands."""

    question: KnowledgeQuestion
    answers: tuple[Texts, ...]
    right: int

    def plain(self) -> dict[str, Any]:
        """Return what the client sees: never where the right answer stands."""
        return {"id": self.question.id, "text": self.question.text, "answers": list(self.answers)}


def draw(questions: QuestionSet, seed: str) -> list[DrawnQuestion]:
    """Return the paper of a seed."""
    found = []
    for question in sorted(questions.questions, key=lambda each: lot(seed, each.id))[: questions.asked]:
        order = sorted(range(len(question.answers)), key=lambda n: lot(seed, f"{question.id}/{n}"))
        answers = tuple(question.answers[n] for n in order)
        found.append(DrawnQuestion(question, answers, order.index(0)))
    return found


def lot(seed: str, name: str) -> bytes:
    """Return by what a thing is ordered under a seed."""
    return sha256(f"{seed}\0{name}".encode()).digest()


def set_of(day: date, folder: Path = SETS) -> QuestionSet:
    """Return the set that counts on a day: the last one that has begun.

    Raises: ListFileError.
    """
    begun = [each for each in map(load_questions, sorted(folder.glob("*.toml"))) if each.begins <= day]
    if not begun:
        raise ListFileError(folder, expected=f"a question set that has begun by {day}", found="none")
    return max(begun, key=lambda each: (each.begins, each.version))


def set_with(digest: str, folder: Path = SETS) -> QuestionSet:
    """Return the set of a hash. Raises: ListFileError where no file has it: it was changed or taken away."""
    for path in sorted(folder.glob("*.toml")):
        if sha256(path.read_bytes()).hexdigest() == digest:
            return load_questions(path)
    raise ListFileError(folder, expected=f"a question set of SHA-256 {digest}", found="none")


def load_questions(path: Path) -> QuestionSet:
    """Read a set: every text in every language, every question once. Raises: ListFileError."""
    content = path.read_bytes()
    try:
        document = tomllib.loads(content.decode())
        questions = tuple(question(row) for row in document["question"])
        machine_made = tuple(document["machine_made"])
        found = QuestionSet(
            document["version"],
            document["begins"],
            document["asked"],
            machine_made,
            questions,
            sha256(content).hexdigest(),
        )
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError, TypeError, IndexError) as error:
        raise ListFileError(path, expected="a question set", found=f"{type(error).__name__} {error}") from error
    if len({each.id for each in questions}) < len(questions) or not 1 <= found.asked <= len(questions):
        expected = "every id once, and at least as many questions as are asked"
        raise ListFileError(path, expected=expected, found=f"{len(questions)} questions, {found.asked} asked")
    return found


def question(row: dict[str, Any]) -> KnowledgeQuestion:
    """Return one question; a language that lacks a text raises KeyError or IndexError."""
    text = {language: str(row["text"][language]) for language in LANGUAGES}
    right = {language: str(row["right"][language]) for language in LANGUAGES}
    count = max(len(row["wrong"][language]) for language in LANGUAGES)
    wrong = [{language: str(row["wrong"][language][n]) for language in LANGUAGES} for n in range(count)]
    return KnowledgeQuestion(row["id"], text, (right, *wrong))
