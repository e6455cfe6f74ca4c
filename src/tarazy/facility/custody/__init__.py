"""Custody: whose coins lie where, how they come in, how they leave, and who holds which key."""
