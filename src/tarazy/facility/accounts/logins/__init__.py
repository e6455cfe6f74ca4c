"""Logins of people: passwords, one-time codes, passkeys, sessions, and the recovery of a lost second factor."""
