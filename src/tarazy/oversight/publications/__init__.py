"""What an authority and a facility publish, read by both: the green list, the register, statements, disclosures."""
