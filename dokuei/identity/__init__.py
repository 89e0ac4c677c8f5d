"""People, facilities, roles, permissions, sessions, machine tokens.

Words: a **Person** signs in; a **Facility** (施設) is a client hospital or clinic; an **Actor** is whoever acts —
a person, a machine with a token, or a named part of the system. Invariants: accounts are invited, never open;
nothing answers before a second factor; an administrator's role carries no right to patient data.
"""
