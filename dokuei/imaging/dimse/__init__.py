"""The DICOM listener: C-STORE and C-ECHO, storage commitment, C-FIND, C-MOVE and C-GET, MPPS.

A peer must be known by its calling AE title (and its address or certificate, if one is registered); the title says
whose images it sends and may see. Bytes are kept as received; success means that they are synced and certain to be
listed. Whatever a hostile peer sends costs it its own association only.
"""

from dokuei.imaging.dimse.server import Listener, serve

__all__ = ["Listener", "serve"]
