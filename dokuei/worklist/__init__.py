"""Readings (読影): one study set, one radiologist's answer; waiting, claimed, read — and the deadline of each.

Invariants: a reading is in exactly one state; at most one reader holds it; a claim is a lease that ends without signs
of life and keeps the draft; every pending reading says what it waits for; a deadline that nears or passes is written
down by the due loop even if nobody looks.
"""
