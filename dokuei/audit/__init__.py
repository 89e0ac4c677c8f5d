"""The append-only trail: who did what to which thing, when (PS3.15 A.5, IHE ITI-20).

Each act writes one **entry** inside its own transaction. When that transaction commits, the database itself adds
the entry's **link**: a gapless number and the SHA-256 over number, previous hash and entry. The application role may
insert and read entries and nothing else, so neither entry nor link can be changed or removed by the program.
Invariants: an act and its entry commit together; a refusal is written after the rollback; links have no gap.
"""
