"""Acknowledged instances that could not be listed: kept in their segment, and a row here until they are.

Nobody but support can find out why; meanwhile they are tried again at every start, after longer and longer rests, and
by hand. Whatever lists such an instance ends its row.
"""
