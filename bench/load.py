"""Ask a server for many paths over kept connections, and say how quickly it answered.

`wrk` where Debian's is installed, else a client of our own in a process of its own (slower, so ratios shrink).
"""

import asyncio
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

CONNECTIONS = 8
SCRIPT = """
local requests, n = {}, 0
init = function() for path in io.lines("%s") do requests[#requests + 1] = wrk.format("GET", path) end end
request = function() n = n %% #requests + 1; return requests[n] end
done = function(summary, latency)
  local failed = summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.timeout
  io.write(string.format('\\n{"requests": %%d, "seconds": %%f, "bytes": %%d, "failed": %%d, "p50_ms": %%f, "p99_ms": %%f}\\n',
    summary.requests, summary.duration / 1e6, summary.bytes, failed,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end
"""


@dataclass(frozen=True)
class Load:
    requests: int
    seconds: float
    bytes: int
    failed: int
    p50_ms: float
    p99_ms: float

    @property
    def rate(self) -> float:
        return self.requests / self.seconds


def name() -> str:
    return "wrk" if shutil.which("wrk") else "our own client"


def load(address: str, paths: Sequence[str], headers: Mapping[str, str], seconds: float) -> Load:
    """Requests over eight connections for so long; a failed one makes the round worthless."""
    with tempfile.TemporaryDirectory() as folder:
        listed = Path(folder) / "paths"
        listed.write_text("".join(f"{path}\n" for path in paths))
        flags = [part for pair in headers.items() for part in ("-H", ": ".join(pair))]
        if shutil.which("wrk"):
            script = Path(folder) / "load.lua"
            script.write_text(SCRIPT % listed)
            where = ["-s", str(script), f"http://{address}"]
            command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", *flags, *where]
        else:
            told = json.dumps({"address": address, "headers": dict(headers), "seconds": seconds})
            command = [sys.executable, "-m", "bench.load", told, str(listed)]
        said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found = Load(**json.loads(said.splitlines()[-1]))
    if found.failed or not found.requests:
        raise RuntimeError(f"{address}: {found.failed} requests failed: this round does not count")
    return found


async def _ours(told: dict[str, object], paths: Sequence[str]) -> Load:
    host, _, port = str(told["address"]).partition(":")
    seconds = float(str(told["seconds"]))
    headers = dict(told["headers"])  # type: ignore[call-overload]
    head = "".join(f"{key}: {value}\r\n" for key, value in headers.items())
    requests = [f"GET {path} HTTP/1.1\r\nHost: {host}\r\n{head}\r\n".encode() for path in paths]
    times: list[float] = []
    total, failed = 0, 0
    until = time.perf_counter() + seconds

    async def one(first: int) -> None:
        nonlocal total, failed
        reader, writer = await asyncio.open_connection(host, int(port), limit=4 * 1024**2)
        turn = first
        while (began := time.perf_counter()) < until:
            writer.write(requests[turn % len(requests)])
            turn += CONNECTIONS
            answer = await reader.readuntil(b"\r\n\r\n")
            length = int(answer.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
            await reader.readexactly(length)
            failed += not answer.startswith(b"HTTP/1.1 200")
            total += length + len(answer)
            times.append(time.perf_counter() - began)
        writer.close()

    began = time.perf_counter()
    await asyncio.gather(*(one(number) for number in range(CONNECTIONS)))
    took = time.perf_counter() - began
    times.sort()
    p50, p99 = times[len(times) // 2] * 1000, times[len(times) * 99 // 100] * 1000
    return Load(len(times), took, total, failed, p50, p99)


if __name__ == "__main__":
    result = asyncio.run(_ours(json.loads(sys.argv[1]), Path(sys.argv[2]).read_text().split()))
    print(json.dumps(asdict(result)))
