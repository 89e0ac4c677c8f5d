"""How the archive keeps and lists instances.

An instance is *kept* when its bytes are synced in a segment, and *listed* when its rows are committed; what was kept
and not listed before a crash is found again in its segment. Commands are in `services`; here is what they stand on.
"""
