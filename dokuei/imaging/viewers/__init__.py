"""Certified viewers elsewhere: which there are, who opened which study in one, and what it says it shows.

A template names the address of a study in another viewer; the hub alone fills it in, after comparing what stands on the
reader's screen with what it holds. A viewer that can is given a secret with which it asks whose study it was opened for
and says what it shows; another patient there stops the signature until somebody has looked.
"""
