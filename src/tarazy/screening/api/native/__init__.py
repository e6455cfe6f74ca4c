"""Routes of the screening's own API."""
