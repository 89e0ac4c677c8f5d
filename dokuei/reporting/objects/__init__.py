"""Marks and key images of a signed version as DICOM objects, filed in the studies they speak of (ADR 0030).

A presentation state for each key image, a key object selection over them, a measurement report of the marks. Written
by the hub from the signed version and the original images; every number is computed again from the pixels.

Invariants: a version is exported once; the UIDs stand in the database before a byte is written; a second run writes
the same instances; what cannot be written stays visible to support and is tried again.
"""
