"""Facts of what a facility keeps beside its record."""
