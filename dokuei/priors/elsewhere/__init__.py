"""The same person at another facility: candidates shown to support, confirmed with two identifiers and a legal basis.

Nothing crosses facilities by itself, and nothing until both facilities were switched on. A link goes one way: readers
of the facility that asks see the other's studies and reports as priors, as long as it stands.
"""
