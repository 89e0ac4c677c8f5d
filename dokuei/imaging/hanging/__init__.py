"""Hanging protocols of the whole installation: what hangs where, for everybody who reads here."""
