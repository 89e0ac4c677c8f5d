"""Orders by HL7 v2: ORM^O01, OMI^O23 and OMG^O19 over MLLP.

A **connection** says which facility sends from which address, in which encoding. Every **message** is kept as it came,
in the transaction in which it is taken; one that cannot be taken is kept in quarantine, where support sees it, tries
it again or ends it with a reason. Invariants: an acknowledgement leaves after the commit; the same message again gets
the same answer and changes nothing.
"""
