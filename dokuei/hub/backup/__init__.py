"""Backup, restore and the drill that proves a backup.

A backup is a folder: ``objects/`` holds every object of the store under its own key, ``database-….dump`` the database
as `pg_dump` writes it, ``objects-….jsonl`` a line with size and SHA-256 for each object, and ``manifest.json``, written
last, names the files that belong together. The database is dumped first: whatever it names was in the store before, and
what came later is found again in its segment when the restored system starts.
"""
