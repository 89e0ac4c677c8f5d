"""Studies that were sent under another patient's ID: moved to whose they are, and back."""
