"""Identity: is the token who it says it is, by which identifiers is it known, and whose code is it."""
