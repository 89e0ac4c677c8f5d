"""The DICOM ground: UIDs, text, names, bounded parsing, JSON. No Django, no network, no clock.

Everything here takes bytes somebody else wrote. Nothing is trusted: lengths are checked before they are
followed, text is decoded by evidence and made harmless for display, and what was tolerated is noted in
words a person can read.
"""
