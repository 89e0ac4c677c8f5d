"""Orders by FHIR R4: ServiceRequest in the form of JP Core, alone or in a transaction with what it refers to.

What is sent is kept as it came with what became of it, also what was refused: a sender that does not look at its
answers would else lose orders in silence. ServiceRequests are taken by `ordering`; the resources around them are read
into the request and not kept as resources.
"""
