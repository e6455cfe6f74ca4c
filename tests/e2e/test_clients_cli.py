"""The register of clients on the command line: from an application to an account in the record, and wrong turns."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.facility.accounts.desk import KZ, NOBODY, OFAC, UN, VESSEL

from .offices import Office, Run, found_office

LISTED = "<INDIVIDUAL><FIRST_NAME>Айгерім</FIRST_NAME><SECOND_NAME>САПАРОВА</SECOND_NAME><REFERENCE_NUMBER>XXi.9\
</REFERENCE_NUMBER></INDIVIDUAL>"


class Clerk:
    """Officers who act on the command line."""

    def __init__(self, tarazy: Run, office: Office) -> None:
        self.tarazy, self.office = tarazy, office

    def act(self, act: str, *words: object, officer: int = 1, code: int = 0) -> dict[str, object]:
        """Do an act as an officer and return its object."""
        key = self.office.keys[officer - 1]
        who = ("--officer", officer, "--key", key)
        done = self.tarazy("facility", "client", act, self.office.facility, *words, *who, "--json")
        assert done.code == code, done.err
        return dict(done.json)

    def look(self, act: str, *words: object, code: int = 0) -> dict[str, object]:
        """Do an act that needs no officer."""
        done = self.tarazy("facility", "client", act, self.office.facility, *words, "--json")
        assert done.code == code, done.err
        return dict(done.json)

    def file(self, name: str, text: str) -> Path:
        """Write a file."""
        path = self.office.folder / name
        path.write_text(text, encoding="utf-8")
        return path


@pytest.fixture
def clerk(tarazy: Run, tmp_path: Path) -> Clerk:
    """Return the clerk of a facility that two officers founded."""
    return Clerk(tarazy, found_office(tarazy, tmp_path))


def test_an_application_becomes_an_account_of_the_record(clerk: Clerk, tarazy: Run) -> None:
    names = ("--name", "Aigerim Saparova", "--birth", "1991-02-03", "--country", "KZ", "--residence", "KZ")
    entered = clerk.act("new", "--kind", "person", *names)
    client, party = entered["client"], entered["party"]
    passport = clerk.file("passport.txt", "a passport")
    clerk.act("paper", party, f"identity={passport}", f"address={passport}")
    lists = (
        ("un", UN.format(day="2026-11-29", people=NOBODY + LISTED, companies=""), ()),
        ("ofac", OFAC.format(day="11/27/2026", count=1, entries=VESSEL.format(uid=1)), ()),
        ("kz", KZ.format(people="<person><lname>A</lname><fname>B</fname></person>"), ("--published", "2026-11-28")),
    )
    for name, text, more in lists:
        clerk.act("screen", "--import", name, clerk.file(f"{name}.xml", text), *more)
    proposal = clerk.act("classify", client, "retail", "--reason", "a private person")["decision"]
    clerk.act("classify", "--confirm", proposal["decision"], officer=2)
    found = clerk.act("screen", code=1)
    (hit,) = found["open"]
    assert (hit["source"], hit["party"]) == ("un", party)
    clerk.act("decide", client, "checks_open", "--reason", "papers are there")
    refused = clerk.act("decide", client, "approved", "--reason", "hurry", code=1)
    assert f"hit {hit['hit']} of party {party} on the list un is open" in str(refused["error"])
    clerk.act("screen", "--end", hit["hit"], "--verdict", "false", "--reason", "another person: born elsewhere")
    proposal = clerk.act("decide", client, "approved", "--reason", "checked in person")["decision"]
    assert "another officer" in str(clerk.act("decide", "--confirm", proposal["decision"], code=1)["error"])
    assert clerk.act("decide", "--confirm", proposal["decision"], officer=2)["decision"]["standing"] == "done"

    draft = clerk.office.folder / "opens.json"
    clerk.look("draft", draft, "--client", client, "--officer", 1, "--approver", 2)
    for key in clerk.office.keys:
        assert tarazy("instruct", "sign", draft, "--key", key).code == 0
    assert tarazy("instruct", "submit", clerk.office.facility, draft).code == 0
    assert tarazy("verify", clerk.office.facility).code == 0
    record = b"".join(path.read_bytes() for path in clerk.office.facility.rglob("*") if path.is_file())
    assert int(str(client)).to_bytes(8, "little") in record
    assert b"Saparova" not in record
    assert b"Aigerim" not in record

    clerk.act("decide", client, "suspended", "--reason", "asked for papers")
    again = clerk.office.folder / "restricts.json"
    drafted = clerk.look("draft", again, "--client", client, "--officer", 1)
    assert drafted["draft"]["commands"][0]["account_id"] == 1
    shown = clerk.look("show", client)
    assert (shown["state"], len(shown["outbox"])) == ("suspended", 2)
    assert clerk.look("list", "--acts")["acts"][0]["act"] == "party.new"
    assert [row["client"] for row in clerk.look("list", "--state", "suspended")["clients"]] == [client]


def test_test_and_complaint_on_the_command_line(clerk: Clerk) -> None:
    client = clerk.act("new", "--kind", "person", "--name", "Bolat Omarov", "--residence", "KZ")["client"]
    paper = clerk.act("test", "--begin", client, "--language", "kk")
    attempt = paper["attempt"]["attempt"]
    assert len(paper["questions"]) == 5
    assert "seed" not in str(paper)
    answered = clerk.act("test", "--answer", attempt, 1, 1, 1, 1, 1)["attempt"]
    assert 0 <= answered["permille"] <= 1_000
    assert "from" in str(clerk.act("test", "--begin", client, code=1)["error"])
    late = clerk.act("complaint", "--new", client, "--text", "no answer", "--received", "2026-01-01", code=1)
    number = late["complaints"][0]["complaint"]
    assert late["complaints"][0]["late"] == ["acknowledge", "answer"]
    clerk.act("complaint", "--acknowledge", number, code=1)
    clerk.act("complaint", "--answer", number, "--text", "answered, and told of AFSA", code=1)
    assert clerk.look("complaint")["complaints"] == []


def test_companies_owners_and_payers_on_the_command_line(clerk: Clerk) -> None:
    company = clerk.act("new", "--kind", "company", "--name", "TOO Alpha", "--residence", "KZ", "--country", "KZ")
    owner = clerk.act("new", "--kind", "person", "--name", "Dana", "--owner-of", company["party"], "--share", "1/3")
    assert owner["client"] is None
    clerk.act("new", "--party", owner["party"], "--payer-of", company["client"])
    shown = clerk.look("show", company["client"])
    assert (shown["owners"], shown["undisclosed"]) == (
        [{"party": owner["party"], "share": "1/3", "controls": False}],
        "2/3",
    )
    count = len(clerk.look("list", "--acts")["acts"])
    more = ("--kind", "person", "--name", "Too Much", "--owner-of", company["party"], "--share", "3/4")
    assert "at most 2/3 left" in str(clerk.act("new", *more, code=1)["error"])
    assert len(clerk.look("list", "--acts")["acts"]) == count  # the party of a refused holding is not there either
    loop = ("new", "--party", company["party"], "--owner-of", company["party"], "--share", "1/2")
    assert "does not own its owner" in str(clerk.act(*loop, code=1)["error"])


def test_the_cap_is_drafted_for_two_signatures(clerk: Clerk) -> None:
    rules = clerk.file("rulebook.txt", "USD 1,000 a month")
    words = ("--cap", "--scale", 2, "--rulebook", rules, "--officer", 1, "--approver", 2)
    commands = clerk.look("draft", clerk.office.folder / "cap.json", *words)["draft"]["commands"]
    assert [(each["limit_kind"], each["amount_max_minor"]) for each in commands] == [
        ("deposits", 100_000),
        ("purchases", 100_000),
    ]


WRONG = [
    ("show", (1,), 1, "a register of clients"),
    ("new", ("--kind", "person"), 2, "--kind and --name"),
    ("new", ("--kind", "person", "--name", "A", "--country", "Kaz"), 1, "two capital letters"),
    ("new", ("--kind", "person", "--name", "A", "--share", "1/2"), 2, "--owner-of PARTY together"),
    ("paper", (1, "identity"), 2, "expected NAME=FILE"),
    ("decide", (1, "approved"), 2, "or --confirm N alone"),
    ("classify", ("--confirm", 1, "--reason", "x"), 2, "--confirm N alone"),
    ("test", ("--begin", 0), 2, "1 or more"),
]


@pytest.mark.parametrize(
    ("act", "words", "code", "text"), WRONG, ids=[f"{act}-{n}" for n, (act, *_) in enumerate(WRONG)]
)
def test_wrong_turns_are_told_in_a_sentence(
    clerk: Clerk, tarazy: Run, act: str, words: tuple[object, ...], code: int, text: str
) -> None:
    who = () if act == "show" else ("--officer", 1, "--key", clerk.office.keys[0])
    done = tarazy("facility", "client", act, clerk.office.facility, *words, *who)
    assert done.code == code, done.err
    assert text in done.err
    assert "Traceback" not in done.err


def test_a_key_of_another_officer_is_refused(clerk: Clerk, tarazy: Run) -> None:
    words = ("--kind", "person", "--name", "A B", "--officer", 1, "--key", clerk.office.keys[1])
    done = tarazy("facility", "client", "new", clerk.office.facility, *words)
    assert done.code == 2
    assert "of officer 1, found" in done.err
    assert not clerk.office.facility.with_name("venue.clients").exists()
