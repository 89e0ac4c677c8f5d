"""Requests on paper (紙の依頼): PDF, scans, photographs and fax pages, kept as they came and transcribed by hand.

A **paper** is one request slip of a facility; its **pages** are counted over all its files. Somebody of support holds
it (a lease) and transcribes it field by field, each with its **source**: the page, perhaps a rectangle on it, or that
it is unreadable, not written, or was told by telephone. Invariants: the bytes that came never change; the same bytes
are one paper of a facility; nobody checks what they transcribed; what was written and what was corrected both stay.
"""
