"""The officers' section: instructions that wait for signatures, and signing them in the browser."""
