"""The demonstration: a market runs through a facility and is replayed."""
