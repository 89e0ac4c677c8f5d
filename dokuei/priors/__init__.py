"""Which earlier studies matter to a reading, and getting them here before it is given out.

Words: a *prior* is an earlier study of the same patient; a *search* is what is done about the priors of one request;
a *candidate* is a study the facility's own archive names and we may fetch; a *tier* is a kind of prior in the order of
relevance, in a *table* that is data. Invariants: what contradicts the patient is neither fetched nor shown; an
emergency never waits; every wait has an end; a search that was cut off is taken up again and doubles nothing.
"""
