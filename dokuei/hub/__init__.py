"""The server program: settings, doors, processes. Wiring only, no decisions."""
