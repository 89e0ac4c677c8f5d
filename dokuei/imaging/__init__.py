"""The archive: studies as they arrive, kept as received, served to whoever may see them.

Words: *receipt* is the state of a study's arrival; *quarantine* keeps an instance that contradicts one we
hold; a *grant* is one person's right to look at one study for a stated reason.

Invariants: success is answered only after the bytes are synced and the row is committed; the same SOP
Instance UID with the same data set is taken once; with another data set both are kept and nothing is
overwritten; the same UIDs from two facilities are two things; counts are counted, never incremented.
"""
