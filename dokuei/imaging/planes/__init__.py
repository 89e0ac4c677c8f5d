"""Planes cut out of a stack of slices, as the viewer cuts them (ADR 0025, 0034).

A *stack* is what the viewer scrolls through: slices of one series that are built alike. Its name is a hash over the
instances and frames in it, so a series that has grown since, or falls apart otherwise, is another stack. A *volume* is
a stack that planes can be cut from, by the true place of each slice. A *plane* is numbers only: where it lies, how fine
it is, how thick. Places are millimetres in the patient coordinate system (PS3.3 C.7.6.2.1.1).

Invariants: both programs refuse the same stacks and find the same values (`web/src/viewer/model/cut.json`); nothing is
extrapolated or made up across missing slices; never more than some slices are held at a time.
"""
