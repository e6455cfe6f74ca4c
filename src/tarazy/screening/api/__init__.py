"""The screening over HTTP: our own format and that of GoPlus."""
