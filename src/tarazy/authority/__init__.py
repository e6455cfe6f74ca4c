"""What a regulator runs: licences, the green list, consultations, each step a signed act in one record."""
