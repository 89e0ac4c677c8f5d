"""The scrub: every kept byte is read back and compared with its SHA-256, one slice after the other, round and round.

What differs or is gone becomes a `Damage`. An original heals when its sender sends it again; a pack is made anew from
the originals. A damaged original counts nowhere as kept: not as a repeat, not in a storage commitment, not in a pack.
"""
