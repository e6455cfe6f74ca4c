"""Officers of a facility: their key files, and instructions on their way to being signed by everyone needed."""
