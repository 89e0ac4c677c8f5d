"""One repair to pynetdicom 3.0.4, for the listener and the sender alike."""

from contextlib import suppress
from typing import Any

from pynetdicom.transport import AssociationSocket


def close_sockets_always() -> None:
    """Let a socket be closed even if its peer is already gone.

    pynetdicom shuts a socket down before it closes it; when the peer has reset the connection the first
    step fails and the second is never taken, so each broken association would leave a file descriptor
    behind.
    """
    setattr(AssociationSocket, "_shutdown_socket", _shutdown_socket)  # noqa: B010


def _shutdown_socket(self: Any) -> None:
    import socket

    if self.socket is None:
        return
    with suppress(OSError):
        self.socket.shutdown(socket.SHUT_RDWR)
    with suppress(OSError):
        self.socket.close()
