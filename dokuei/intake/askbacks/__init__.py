"""Ask-backs (照会): typed questions about a request, from its reader or from support to the facility.

Each has a kind, a sentence, answers for one tap, a named role and a due time. Invariants: at most one open ask-back of
a kind and request; an answer stands for ever and names who gave it; one that nobody answered in time is over, and the
reading never waits for it. A signed report says what was asked and answered until it was signed, and nothing later.
"""
