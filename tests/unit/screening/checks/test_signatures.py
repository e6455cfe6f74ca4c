"""A signature is consent to what was signed: a digest that the caller passes on may have been signed for anything else.

Right by reading: ECDSA recovers a signer for any digest, so only a digest of the transfer's own words binds him to it
(EIP-712, "Rationale"). `tests/corpus/kinds/various.sol` has both.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tarazy.screening.model import Answer
from tests.corpus.kinds import kinds


@pytest.mark.parametrize("name", ["AnyDigest", "BareDigest"])
def test_a_digest_that_is_passed_on_is_no_consent(name: str, node_tools: Path) -> None:
    assert kinds(node_tools)[name].screened().capabilities["leak"].answer is not Answer.NO


def test_a_digest_of_what_is_moved_is_consent(node_tools: Path) -> None:
    assert kinds(node_tools)["BoundDigest"].screened().capabilities["leak"].answer is Answer.NO
