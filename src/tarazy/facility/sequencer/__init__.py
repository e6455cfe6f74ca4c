"""The one writer: it orders commands, runs the engine, appends the journal and only then releases events."""
