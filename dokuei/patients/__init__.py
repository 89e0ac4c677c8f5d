"""Who the patient is: one row per facility, issuer and patient ID, and every identity ever seen under it.

Words: *identity* is what one data set says (ID, issuer, name, birth date, sex). A *contradiction* is a
value that differs from the one we hold. Invariants: a row never changes silently — what was seen and what
it replaced is kept in `Sighting`; patients of two facilities are never the same row.
"""
