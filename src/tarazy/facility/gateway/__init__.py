"""The way in for traders: requests become commands, and answers come from the record's read models."""
