"""Where rooms keep what they know: one way to open a database, one way to write a file whole."""
