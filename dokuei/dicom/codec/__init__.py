"""Pixels: any frame of any transfer syntax to an array, and losslessly to High-Throughput JPEG 2000.

`decode`, `htj2k` and `picture` touch bytes somebody else wrote with libraries written in C. They run only inside
`child`, a process with limits; everybody else asks `sandbox`. No Django, no network.
"""
