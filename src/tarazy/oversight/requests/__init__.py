"""Clients' signed requests: what they say as commands, how they are kept, and whether a record follows them."""
