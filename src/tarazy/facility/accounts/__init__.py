"""Clients of a facility: who they are, who decided about them, and what the venue is told of it.

The register is one SQLite file beside the record. Names, papers and decisions stay in it: the record learns owner and
account numbers alone, in instructions that officers sign. Every privileged act is one line of a chained, signed trail,
written in the same transaction as its effect. What a rule asks for is a dated parameter that says how much of the rule
was read. `api_keys.py` has the keys of their programs, `screening/` the lists of sanctioned persons and the matching of
names.
"""
