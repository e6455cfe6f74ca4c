"""The public pages of a facility."""
