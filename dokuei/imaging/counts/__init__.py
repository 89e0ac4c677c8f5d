"""Asking a facility's archive how many instances a study has (C-FIND), when nobody announced it.

A study that arrives has one question, with a time in it; when it is due the worker asks, outside of any transaction and
never while an image is being received. An archive that does not answer delays nothing: a study settles without it.
"""
