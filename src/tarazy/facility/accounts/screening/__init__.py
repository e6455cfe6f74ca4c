"""Screening: dated lists of sanctioned persons, names compared across scripts, and hits that a named officer ends.

A list is imported whole or not at all and keeps the hash of its file. What changed in a list is compared with every
party, and a party that changed with every list. A score is a sum whose parts are kept with the hit.
"""
