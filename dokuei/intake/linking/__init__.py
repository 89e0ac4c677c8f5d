"""Requests and the images that belong to them (照合): linked by the rules, or by a person who saw both sides.

A **case** is what is known of one request and its images: *findings*, each a study that may belong to it or a
contradiction, and what became of them. Invariants: a study belongs to at most one live request; only exactly one
strong match is linked by itself; a contradiction holds the reading until a person who may says why it goes on; what a
person decided about a pair is kept and is not decided again by the rules; until the report is final every link can be
undone.
"""
