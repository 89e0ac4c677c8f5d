"""DICOM over TCP: the upper layer's PDUs (PS3.8), command sets (PS3.7), and one association on a socket.

Everything that comes from a peer is bounded before it is believed. Blocking sockets, one thread an association;
pixel bytes go from the socket into one buffer and are not touched again.
"""
