"""A mail server on loopback that keeps what it is given and refuses whom it is told to."""

import socketserver
import threading
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, cast


class MailServer(socketserver.ThreadingTCPServer):
    """RFC 5321 as far as one client needs it."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.kept: list[tuple[str, EmailMessage]] = []
        self.refused: dict[str, int] = {}
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.server_address[1]}"

    def to(self, address: str) -> list[EmailMessage]:
        return [message for one, message in self.kept if one == address]


class _Session(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        server = cast(MailServer, self.server)
        to: list[str] = []
        self._say("220 test")
        while line := self.rfile.readline():
            word, _, rest = line.decode().strip().partition(" ")
            match word.upper():
                case "RCPT":
                    address = rest[rest.index("<") + 1 : rest.index(">")]
                    code = server.refused.get(address, 250)
                    if code == 250:
                        to.append(address)
                    self._say(f"{code} told")
                case "DATA":
                    self._say("354 go on")
                    message: Any = message_from_bytes(self._data(), policy=policy.default)
                    server.kept += [(one, message) for one in to]
                    to = []
                    self._say("250 kept")
                case "QUIT":
                    self._say("221 bye")
                    return
                case _:
                    self._say("250 test")

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())

    def _data(self) -> bytes:
        lines = []
        while (line := self.rfile.readline()) not in {b".\r\n", b""}:
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        return b"".join(lines)
