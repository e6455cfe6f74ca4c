"""What all sections of the console share: the frame, forms, sanitising, charts, static files."""
