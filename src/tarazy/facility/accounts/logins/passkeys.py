"""Passkeys (WebAuthn): made by a person who is logged in, and two factors by themselves at a login.

The authenticator checks the person (a finger, a PIN), so user verification is required. A challenge is used once and
within five minutes. A browser gives passkeys to names alone, not to numbers: `localhost`, or the facility's own name.
"""

from __future__ import annotations

import json
import time
from collections import OrderedDict
from typing import Any, NamedTuple

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from tarazy.facility.accounts.logins.errors import PASSKEY_WRONG
from tarazy.facility.accounts.logins.logins import Logins
from tarazy.facility.accounts.logins.users import WebUser
from tarazy.platform.refusals import RefusedError

CHALLENGE_S = 300.0
CHALLENGES_MAX = 10_000
REQUIRED = UserVerificationRequirement.REQUIRED


class Place(NamedTuple):
    """Where a page is served: the name that passkeys are bound to, and the origin."""

    name: str
    origin: str


class Passkeys:
    """The passkeys of one facility's people."""

    def __init__(self, logins: Logins, facility: str) -> None:
        self._logins, self._facility = logins, facility
        self._challenges: OrderedDict[bytes, tuple[int, float]] = OrderedDict()  # whose (0: nobody's yet), until

    def registration(self, user: WebUser, place: Place) -> dict[str, Any]:
        """Return what a browser needs to make a passkey."""
        known = [PublicKeyCredentialDescriptor(each.credential) for each in self._logins.users.passkeys(user.number)]
        options = generate_registration_options(
            rp_id=place.name,
            rp_name=self._facility,
            user_id=user.number.to_bytes(8, "big"),
            user_name=user.name,
            exclude_credentials=known,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED, user_verification=REQUIRED
            ),
        )
        self._remember(options.challenge, user.number)
        return dict(json.loads(options_to_json(options)))

    def register(self, user: WebUser, place: Place, credential: dict[str, Any], label: str) -> None:
        """Take a passkey that a browser made.

        Raises: RefusedError, UserError.
        """
        challenge = self._challenge(credential, user.number)
        try:
            made = verify_registration_response(
                credential=credential,
                expected_challenge=challenge,
                expected_rp_id=place.name,
                expected_origin=place.origin,
                require_user_verification=True,
            )
        except (WebAuthnException, ValueError, KeyError, TypeError) as error:
            raise RefusedError(PASSKEY_WRONG) from error
        key = (made.credential_id, made.credential_public_key, made.sign_count)
        self._logins.users.add_passkey(user, *key, label)

    def challenge(self, place: Place) -> dict[str, Any]:
        """Return what a browser needs to log somebody in."""
        options = generate_authentication_options(rp_id=place.name, user_verification=REQUIRED)
        self._remember(options.challenge, 0)
        return dict(json.loads(options_to_json(options)))

    def begin(self, place: Place, credential: dict[str, Any], network: str) -> str:
        """Return the token of a new session for what a passkey signed.

        Raises: RefusedError.
        """
        self._logins.lockout.require_unlocked(f"network {network}")
        try:
            return self._begin(place, credential, network)
        except RefusedError:
            self._logins.note_wrong("", network)
            raise

    def _begin(self, place: Place, credential: dict[str, Any], network: str) -> str:
        challenge = self._challenge(credential, 0)
        users = self._logins.users
        try:
            row = users.passkey(base64url_to_bytes(str(credential["rawId"])))
            if row is None:
                raise RefusedError(PASSKEY_WRONG)
            verified = verify_authentication_response(
                credential=credential,
                expected_challenge=challenge,
                expected_rp_id=place.name,
                expected_origin=place.origin,
                credential_public_key=row.public_key,
                credential_current_sign_count=row.sign_count,
                require_user_verification=True,
            )
        except (WebAuthnException, ValueError, KeyError, TypeError) as error:
            raise RefusedError(PASSKEY_WRONG) from error
        user = users.numbered(row.number)
        if user is None or user.locked_s is not None:
            raise RefusedError(PASSKEY_WRONG)
        users.use_passkey(row, verified.new_sign_count)
        return self._logins.enter(user, network, "passkey")

    # ------------------------------------------------------------ inside

    def _remember(self, challenge: bytes, number: int) -> None:
        self._challenges[challenge] = (number, time.monotonic() + CHALLENGE_S)
        while len(self._challenges) > CHALLENGES_MAX:
            self._challenges.popitem(last=False)

    def _challenge(self, credential: dict[str, Any], number: int) -> bytes:
        """Return the challenge that a browser answers, which is used up. Raises: RefusedError."""
        try:
            client = json.loads(base64url_to_bytes(str(credential["response"]["clientDataJSON"])))
            challenge = base64url_to_bytes(str(client["challenge"]))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise RefusedError(PASSKEY_WRONG) from error
        whose, until_s = self._challenges.pop(challenge, (-1, 0.0))
        if whose != number or until_s < time.monotonic():
            raise RefusedError(PASSKEY_WRONG, "ask again")
        return challenge
