"""Getting the signed report back: the PDF, where it went, and who has read, confirmed and acted on it.

Invariants: every final version has one delivery per channel and at least two confirmations; a delivery is retried
until it is delivered or visibly failed; opening by someone else changes nothing for the addressee; a document is
rendered once, kept with its hash, and never rendered again differently.
"""
