"""Whether a request and a study that arrived belong together, and how strong the evidence is.

Words: a *side* is what one of the two says of patient and exam (`facts.Side`); *evidence* is what comparing one fact
shows, with its weight and a sentence for support (`evidence.Evidence`); a *verdict* is all evidence of a pair
(`evidence.Verdict`); a *choice* is what follows for one side and everything that might belong to it
(`choice.choose`). Invariants: exactly one strong match links, anything else goes to a person; a contradiction never
links, whatever else agrees; nothing here touches database, clock or network. Every number is in `table.py`.
"""
