"""How much room is left in the store: looked at every few seconds, and told before anything breaks.

Below `disk_warn_bytes` support is warned, below `disk_low_bytes` images are turned away (A700) until room is back. The
level is one row, so that each crossing is told once, whichever of several workers sees it first. A bucket does not say
how much is free; of it is asked whether a small object can be written.
"""
