"""What stands between a client and its approval. Everything is named at once, so that nobody is sent back twice."""

from __future__ import annotations

from tarazy.facility.accounts.clients import ClientRow
from tarazy.facility.accounts.owners import chain_above, ownership
from tarazy.facility.accounts.parties import find_party, missing_papers
from tarazy.facility.accounts.register import Register
from tarazy.facility.accounts.screening.clearing import screening_obstacles


def approval_obstacles(register: Register, row: ClientRow) -> list[str]:
    """Return what is missing before a client may be approved, in words; empty where nothing is."""
    party = find_party(register, row.party)
    found = [] if row.class_ else ["the client has no class"]
    if row.class_ and row.review_by < register.today.isoformat():
        found.append(f"the class was to be reviewed by {row.review_by}")
    if not party.facts.residence:
        found.append("the residence is not known")
    found += papers_missing(register, row.party)
    if party.facts.kind == "company":
        found += owners_missing(register, row.party)
    return found + screening_obstacles(register, row)


def papers_missing(register: Register, party: int) -> list[str]:
    """Return the papers that a party lacks."""
    kind = find_party(register, party).facts.kind
    wanted = register.parameters.words(f"papers.{kind}", register.today)
    return [f"party {party} lacks the paper {paper}" for paper in missing_papers(register, party, wanted)]


def owners_missing(register: Register, company: int) -> list[str]:
    """Return what is not known of a company's owners: a share that could hide one, papers of those who are."""
    threshold = register.parameters.share("owners.threshold", register.today)
    behind = ownership(register, company)
    found = []
    if behind.undisclosed >= threshold:
        found.append(
            f"{behind.undisclosed} of the company belongs to nobody who is known, a beneficial owner has {threshold}"
        )
    for owner in behind.above(threshold):
        found += papers_missing(register, owner.party)
    for party in chain_above(register, company):
        if find_party(register, party).facts.kind == "company":
            found += papers_missing(register, party)
    return found
