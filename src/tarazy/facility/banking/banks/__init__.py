"""Ways to banks: a folder of files, a REST interface, and a bank that is simulated for tests and drills."""
