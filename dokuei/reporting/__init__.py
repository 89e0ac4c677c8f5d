"""Reports: the draft only its reader writes, and versions that never change.

Invariants: one report a reading; a draft survives crash, release and another machine; only the claimant signs, and
signs exactly the revision that was on the screen; a version is immutable (the database refuses a change), numbered
without gaps and chained by SHA-256 to the one before.
"""
