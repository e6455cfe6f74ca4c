"""The GoPlus wire format: one file for each endpoint, pure functions from reports to what is sent."""
