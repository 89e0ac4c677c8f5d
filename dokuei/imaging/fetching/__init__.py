"""Asking a facility's archive for a patient's studies (C-FIND) and fetching them (C-MOVE to ourselves, else C-GET).

What is fetched comes in by the ordinary way, as from any device of the facility: the same checks, no other door. It is
marked before it comes, so that it never looks like new work. Nothing here runs inside a transaction.
"""
