"""突合: each night, per facility, what arrived against what was asked, read and sent back.

A *loose end* is something a room holds that should have been taken up by now; the rooms tell theirs (`<room>.loose`).
A *certificate* is the list of one night, frozen and chained by hash; empty is the goal. An *explanation* says why a
loose end may stay; it can be taken back, and the certificate shows it. Nothing here changes what other rooms hold:
every row leads to the screen where it is cured.
"""
