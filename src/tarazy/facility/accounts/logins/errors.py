"""Why a login, or what a person does with one, is refused."""

from __future__ import annotations

from tarazy.platform.refusals import Reason

LOGIN_WRONG = Reason("login_wrong", 401, "name, password or code is wrong")
INVITATION_WRONG = Reason("invitation_wrong", 401, "name or invitation is wrong, or the invitation is over")
PASSKEY_WRONG = Reason("passkey_wrong", 401, "the passkey was not accepted")
PASSWORD_WEAK = Reason("password_weak", 422, "choose another password")
CODE_WRONG = Reason("code_wrong", 422, "the code is wrong or was used")
RECOVERY_WAITS = Reason("recovery_waits", 409, "the recovery waits")


class UserError(Exception):
    """A user cannot be made or changed as asked: says what was expected and what was found."""
