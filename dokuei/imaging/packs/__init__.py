"""Series packs: the frames of one series as verified lossless HTJ2K, in slice order, in one object of the store.

Made by the worker when a study has settled; what comes later goes into a further pack. The originals stay where they
are: a pack only makes what is there quick to send, so losing one or making it twice harms nobody.
"""
