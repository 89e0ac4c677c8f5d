"""MLLP (HL7 v2 transport specification R1): where a message begins and ends in a stream of bytes."""

from collections.abc import Iterator

START, END, RETURN = b"\x0b", b"\x1c", b"\r"
LARGEST = 4 * 1024 * 1024
MOST_NOISE = 64 * 1024


class TooMuch(Exception):
    """A frame beyond the largest, or nothing but bytes outside of frames."""


class Frames:
    """Takes bytes as they come and gives whole messages. `LARGEST` bounds what is held of an unfinished one."""

    def __init__(self, largest: int = LARGEST) -> None:
        self.largest = largest
        self._held = bytearray()
        self._noise = 0

    @property
    def is_within(self) -> bool:
        """Whether a message has begun and not ended."""
        return bool(self._held)

    def take(self, received: bytes) -> Iterator[bytes]:
        """Every message that is whole now.

        What stands between frames is skipped: some senders put line breaks there.
        """
        self._held += received
        while True:
            begin = self._held.find(START)
            self._noise += len(self._held) if begin < 0 else begin
            if self._noise > MOST_NOISE:
                raise TooMuch
            if begin < 0:
                self._held.clear()
                return
            del self._held[:begin]
            end = self._held.find(END + RETURN)
            if end < 0:
                if len(self._held) > self.largest:
                    raise TooMuch
                return
            message = bytes(self._held[1:end])
            del self._held[: end + 2]
            self._noise = 0
            yield message


def framed(message: bytes) -> bytes:
    """A message as it goes over the line."""
    return START + message + END + RETURN
