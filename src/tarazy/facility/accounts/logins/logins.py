"""Logins: a name with its password and a code, or a passkey, becomes a session; and how lost things are found again.

A password alone opens nothing but the wait for a recovery. Names, wrong passwords and wrong codes are answered alike
and take as long, and are counted for the network and for the name. A login with a second factor ends a recovery that
somebody began: who has the factor needs none, and a thief of the password is stopped.
Called in threads: a password costs time. Sessions are in memory, as `platform/access/session_table.py` says why.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from hmac import compare_digest

from tarazy.facility.accounts.logins.configuration import LoginSection
from tarazy.facility.accounts.logins.errors import CODE_WRONG, INVITATION_WRONG, LOGIN_WRONG, RECOVERY_WAITS
from tarazy.facility.accounts.logins.one_time_codes import spare_digest, step_of
from tarazy.facility.accounts.logins.passwords import check_password, hash_of, is_password
from tarazy.facility.accounts.logins.users import UserStore, WebUser
from tarazy.platform.access.lockout import Lockout
from tarazy.platform.access.session_table import SessionTable
from tarazy.platform.refusals import RefusedError


class Logins:
    """The logins of one facility."""

    def __init__(self, users: UserStore, section: LoginSection) -> None:
        self.users, self.section = users, section
        self.table = SessionTable(users.clock, section.session_hours * 3_600, section.idle_minutes * 60)
        self.lockout = Lockout(users.clock, section.wrong_max, section.locked_minutes * 60)

    # ------------------------------------------------------------ in and out

    def begin(self, name: str, password: str, code: str, network: str) -> str:
        """Return the token of a new session.

        Raises: RefusedError.
        """
        user = self.proven(name, password, network)
        if not user.has_second_factor or not self.is_code(user, code):
            self.note_wrong(user.name, network)
            raise RefusedError(LOGIN_WRONG)
        return self.enter(user, network, "password")

    def enter(self, user: WebUser, network: str, by: str) -> str:
        """Return the token of a session for somebody who has shown two factors."""
        self.lockout.forget(f"user {user.name}")
        if user.recovery_s is not None:
            self.users.act("recovery_canceled", user, network, recovery_s=None)
        self.users.audit.write("logged_in", user=user.name, network=network, by=by)
        return self.table.begin(str(user.number))

    def find(self, token: str, *, is_use: bool = True) -> WebUser | None:
        """Return whose session a token is, None for any other text and for a user who was locked."""
        subject = self.table.find(token, is_use=is_use) if token else None
        user = self.users.numbered(int(subject)) if subject is not None else None
        if user is None or user.locked_s is not None:
            self.table.end(token)
            return None
        return user

    def number_of(self, token: str, user: WebUser, take: Callable[[], int]) -> int:
        """Return the number that the orders of a session bear; the audit trail says whose it is when it is taken."""

        def noted() -> int:
            number = take()
            self.users.audit.write("session_numbered", user=user.name, session=number)
            return number

        return self.table.number_of(token, noted)

    def end(self, token: str) -> None:
        """End a session."""
        subject = self.table.end(token)
        user = self.users.numbered(int(subject)) if subject is not None else None
        if user is not None:
            self.users.audit.write("logged_out", user=user.name)

    # ------------------------------------------------------------ what proves a person

    def proven(self, name: str, password: str, network: str) -> WebUser:
        """Return the user of a name and its password.

        Raises: RefusedError, the same for a name that nobody has and for a wrong password.
        """
        self.lockout.require_unlocked(f"network {network}")
        user = self.users.named(name)
        if user is not None:
            self.lockout.require_unlocked(f"user {user.name}")
        is_it = is_password(user.password if user is not None else None, password)
        if user is None or not is_it or user.locked_s is not None:
            self.note_wrong(user.name if user is not None else "", network)
            raise RefusedError(LOGIN_WRONG)
        return user

    def note_wrong(self, name: str, network: str) -> None:
        """Count a wrong secret; the trail names the user only where there is one."""
        self.lockout.note_wrong(f"network {network}")
        if name:
            self.lockout.note_wrong(f"user {name}")
        self.users.audit.write("login_refused", user=name, network=network)

    def is_code(self, user: WebUser, code: str) -> bool:
        """Say whether a code is right: of the authenticator, or a spare one; either counts once."""
        code = code.strip()
        if user.salt is not None:
            step = step_of(self.users.secret(user.salt), code, self.users.clock(), user.used_step)
            if step is not None:
                return self.users.use_step(user, step)
        return len(code) <= 20 and self.users.use_spare_code(user, code)

    def confirm(self, user: WebUser, code: str, network: str) -> None:
        """Let a person who is logged in show the second factor again.

        Raises: RefusedError.
        """
        self.lockout.require_unlocked(f"user {user.name}")
        if not self.is_code(user, code):
            self.note_wrong(user.name, network)
            raise RefusedError(CODE_WRONG)

    # ------------------------------------------------------------ setting up

    def accept(self, name: str, invitation: str, password: str, network: str) -> str:
        """Let an invited person choose a password; return a session in which the second factor is set up.

        Raises: RefusedError.
        """
        self.lockout.require_unlocked(f"network {network}")
        user = self.users.named(name)
        given = spare_digest(self.users.master, invitation.strip())
        stored = (user.invitation if user is not None else None) or b""
        is_in_time = user is not None and (user.invited_until_s or 0) > self.users.clock()
        if user is None or not compare_digest(stored, given) or not is_in_time or user.locked_s is not None:
            self.note_wrong("", network)
            raise RefusedError(INVITATION_WRONG)
        check_password(password, user.name)
        terms = {"password": hash_of(password), "invitation": None, "invited_until_s": None}
        self.users.act("invitation_used", user, network, **terms)
        self.table.end_all(str(user.number))
        return self.table.begin(str(user.number))

    def set_authenticator(self, user: WebUser, code: str, network: str) -> list[str]:
        """Take an authenticator that shows the right code in use; return spare codes, shown this once.

        Raises: RefusedError.
        """
        self.lockout.require_unlocked(f"user {user.name}")
        salt = user.new_salt
        step = step_of(self.users.secret(salt), code.strip(), self.users.clock(), 0) if salt else None
        if step is None:
            self.lockout.note_wrong(f"user {user.name}")
            raise RefusedError(CODE_WRONG)
        self.users.act("authenticator_set", user, network, salt=salt, new_salt=None, used_step=step)
        return self.users.renew_spare_codes(user)

    def change_password(self, user: WebUser, old: str, new: str, token: str, network: str) -> None:
        """Change a password; all other sessions of the person end.

        Raises: RefusedError.
        """
        self.proven(user.name, old, network)
        check_password(new, user.name)
        self.users.act("password_changed", user, network, password=hash_of(new))
        self.table.end_all(str(user.number), but=token)

    # ------------------------------------------------------------ a lost second factor

    def ask_recovery(self, name: str, password: str, network: str) -> int:
        """Begin the recovery of a lost second factor; return from when on it can be finished, seconds since 1970.

        Asked again it begins nothing anew. Raises: RefusedError.
        """
        user = self.proven(name, password, network)
        if user.recovery_s is None:
            user = replace(user, recovery_s=int(self.users.clock()))
            self.users.act("recovery_asked", user, network, recovery_s=user.recovery_s)
        return self.recovery_due_s(user)

    def recovery_due_s(self, user: WebUser) -> int:
        """Return from when on a recovery can be finished."""
        return int((user.recovery_s or 0) + self.section.recovery_hours * 3_600)

    def finish_recovery(self, name: str, password: str, network: str) -> str:
        """End the lost factors once the wait is over; return a session in which a new one is set up.

        Raises: RefusedError.
        """
        user = self.proven(name, password, network)
        if user.recovery_s is None:
            raise RefusedError(RECOVERY_WAITS, "none was asked for, or a login has ended it")
        wait_s = self.recovery_due_s(user) - self.users.clock()
        if wait_s > 0:
            raise RefusedError(RECOVERY_WAITS, f"it can be finished in {wait_s / 3_600:.1f} h", int(wait_s) + 1)
        self.users.drop_second_factors(user, network)
        self.table.end_all(str(user.number))
        return self.table.begin(str(user.number))

    def withdrawal_wait_s(self, user: WebUser) -> float:
        """Return how long no withdrawal is requested after a recovery, 0 where it is over."""
        if user.recovered_s is None:
            return 0.0
        return max(0.0, user.recovered_s + self.section.withdrawal_wait_hours * 3_600 - self.users.clock())
