"""DICOMweb (PS3.18) at ``/dicomweb/{facility code}``: QIDO-RS, WADO-RS, STOW-RS as a bare ASGI application.

It does not pass through Django's middleware: a frame is one cached access check and one read of an exact
range.
"""

from dokuei.imaging.dicomweb.access import heard
from dokuei.imaging.dicomweb.app import application

__all__ = ["application", "heard"]
