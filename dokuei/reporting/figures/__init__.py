"""Marks a reader draws, and key images (キー画像, 図1, 図2 …).

A key image is a recipe: which frame, which part of it, which window, which way round, and what was drawn over it. The
hub draws the picture from the instance it holds; no pixel comes from a browser (ADR 0026).

Invariants: only the claimant of the reading writes, whoever may read the report reads; a save against an older
revision is refused with the newer marks; every key image has its picture, kept with its hash; when the report is
signed both are frozen (the database refuses a change) and stand in the version's hash.
"""
