"""Beneficial owners through chains, as exact fractions worked out by hand."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tarazy.facility.accounts.decisions import decide
from tarazy.facility.accounts.errors import DecisionRefusedError, RegisterInputError
from tarazy.facility.accounts.owners import ownership, remove_holding, set_holding, share_from
from tarazy.facility.accounts.parties import PartyFacts, new_party
from tarazy.facility.accounts.screening.screening import screen

from .desk import DANA, OLGA, Desk

COMPANY = PartyFacts("company", ("Holding One LLP",), "", "KZ", "KZ", "010140000123")


def company(desk: Desk, name: str) -> int:
    """Enter a company."""
    return new_party(desk.register, OLGA, COMPANY._replace(names=(name,)))


def person(desk: Desk, name: str) -> int:
    """Enter a person."""
    return new_party(desk.register, OLGA, PartyFacts("person", (name,), residence="KZ"))


def test_shares_multiply_along_chains_and_add_over_them(desk: Desk) -> None:
    # By hand: P holds 1/3 of A and 1/2 of B, B holds 2/3 of A: 1/3 + 1/2 * 2/3 = 2/3. Q has the other half of B: 1/3.
    a, b, p, q = company(desk, "A"), company(desk, "B"), person(desk, "P One"), person(desk, "Q Two")
    for owner, of, share in ((p, a, "1/3"), (b, a, "2/3"), (p, b, "50%"), (q, b, "0.5")):
        set_holding(desk.register, OLGA, owner, of, share_from(share))
    found = ownership(desk.register, a)
    assert [(o.party, o.share) for o in found.owners] == [(p, Fraction(2, 3)), (q, Fraction(1, 3))]
    assert found.undisclosed == 0


def test_a_third_is_a_third_and_not_less_than_the_threshold(desk: Desk) -> None:
    # Four holders of 1/4 by three chained companies of 1/1: exactly the threshold, which floats would also meet; and
    # 3 * (1/3 * 1/4) = 1/4, which 0.08333 + 0.08333 + 0.08333 does not.
    a, p = company(desk, "A"), person(desk, "P One")
    for name in "XYZ":
        middle = company(desk, name)
        set_holding(desk.register, OLGA, middle, a, Fraction(1, 3))
        set_holding(desk.register, OLGA, p, middle, Fraction(1, 4))
    found = ownership(desk.register, a)
    assert [o.party for o in found.above(Fraction(1, 4))] == [p]
    assert found.undisclosed == Fraction(3, 4)


def test_control_makes_an_owner_of_a_small_share_through_a_chain(desk: Desk) -> None:
    a, b, p = company(desk, "A"), company(desk, "B"), person(desk, "P One")
    set_holding(desk.register, OLGA, b, a, Fraction(1, 100), controls=True)
    set_holding(desk.register, OLGA, p, b, Fraction(1, 100), controls=True)
    assert [(o.party, o.share, o.controls) for o in ownership(desk.register, a).above(Fraction(1, 4))] == [
        (p, Fraction(1, 10_000), True)
    ]


def test_loops_and_too_much_of_one_company_are_refused(desk: Desk) -> None:
    a, b, c = company(desk, "A"), company(desk, "B"), company(desk, "C")
    set_holding(desk.register, OLGA, b, a, Fraction(1, 2))
    set_holding(desk.register, OLGA, c, b, Fraction(1, 2))
    for owner, of in ((a, c), (a, b), (a, a)):
        with pytest.raises(RegisterInputError, match="does not own its owner"):
            set_holding(desk.register, OLGA, owner, of, Fraction(1, 10))
    with pytest.raises(RegisterInputError, match="at most 1/2 left"):
        set_holding(desk.register, OLGA, person(desk, "P One"), a, Fraction(2, 3))
    remove_holding(desk.register, OLGA, b, a)
    set_holding(desk.register, OLGA, a, c, Fraction(1, 10))


@pytest.mark.parametrize("text", ["0", "1.1", "-1/2", "1/0", "many", "1e-3", "", "101%"])
def test_shares_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(RegisterInputError, match="more than 0"):
        share_from(text)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(1, 9)), max_size=14))
def test_shares_of_any_graph_add_up_to_one(
    tmp_path_factory: pytest.TempPathFactory, edges: list[tuple[int, int, int]]
) -> None:
    # Whatever is held: owners' shares and the undisclosed rest are the whole, and a walk along every path agrees.
    desk = Desk(tmp_path_factory.mktemp("owners"))
    parties = [company(desk, f"C{n}") for n in range(4)] + [person(desk, f"P {n}") for n in range(2)]
    direct: dict[int, dict[int, Fraction]] = {}
    for owner, of, tenths in edges:
        try:
            set_holding(desk.register, OLGA, parties[owner], parties[of], Fraction(tenths, 10))
        except RegisterInputError:
            continue
        direct.setdefault(parties[of], {})[parties[owner]] = Fraction(tenths, 10)

    def walk(party: int, whole: Fraction) -> dict[int, Fraction]:
        found: dict[int, Fraction] = {}
        for owner, share in direct.get(party, {}).items():
            below = {owner: whole * share} if owner in parties[4:] else walk(owner, whole * share)
            for who, part in below.items():
                found[who] = found.get(who, Fraction(0)) + part
        return found

    got = ownership(desk.register, parties[0])
    assert {o.party: o.share for o in got.owners} == walk(parties[0], Fraction(1))
    assert sum((o.share for o in got.owners), got.undisclosed) == 1
    desk.register.close()


def test_a_company_is_approved_only_when_nobody_can_hide_behind_it(desk: Desk) -> None:
    desk.lists()
    client, party = desk.applicant(COMPANY)
    desk.paper(party, "registration", "articles", "authority")
    desk.make_retail(client)
    owner = person(desk, "Marat Ospanov")
    set_holding(desk.register, OLGA, owner, party, Fraction(3, 4))
    screen(desk.register, OLGA)
    decide(desk.register, DANA, client, "checks_open", "begins")
    with pytest.raises(DecisionRefusedError) as refused:
        decide(desk.register, DANA, client, "approved", "too early")
    assert "1/4 of the company belongs to nobody who is known" in refused.value.found
    assert f"party {owner} lacks the paper identity" in refused.value.found
    set_holding(desk.register, OLGA, owner, party, Fraction(76, 100))
    desk.paper(owner, "identity", "address")
    assert decide(desk.register, DANA, client, "approved", "complete").standing == "proposed"
