"""Durable and indexed C-STORE of 512 KiB CT: ours, Orthanc, and storescp as the limit.

    python -m bench.receive [--count 600] [--rounds 3]

The sender is DCMTK's storescu with TCP_NODELAY and 128 KiB PDUs; without TCP_NODELAY every DCMTK-based receiver would
stand at about 20 instances a second for each association, whatever the machine.
"""

import argparse
import os
import shutil
import subprocess
import time

import psycopg

from bench.ground import Table, a_study, cpu_of_group, cpu_seconds, dokuei, orthanc, storescp, workplace
from dokuei.kit.config import load_config
from tests.server import Installation, until


def send(port: int, title: str, batches: list[list[str]]) -> float:
    """Seconds until every sender has ended."""
    began = time.perf_counter()
    senders = [
        subprocess.Popen(
            [
                "/usr/bin/storescu",
                "-pdu",
                "131072",
                "-aet",
                "STORESCU",
                "-aec",
                title,
                "127.0.0.1",
                str(port),
                *one,
            ],
            env={**os.environ, "TCP_NODELAY": "1"},
        )
        for one in batches
    ]
    for sender in senders:
        if sender.wait():
            raise RuntimeError("a sender failed: this round does not count")
    return time.perf_counter() - began


class Rows:
    """Counts what is listed, on a connection of its own."""

    def __init__(self, place: Installation) -> None:
        config = load_config({"DOKUEI_DATA": str(place.folder)})
        self.connection = psycopg.connect(config.database("app"), autocommit=True)
        self.connection.execute("set app.system = 'bench'")

    def count(self) -> int:
        row = self.connection.execute("select count(*) from imaging_instance").fetchone()
        assert row is not None
        return int(row[0])


def until_listed(rows: Rows, wanted: int) -> None:
    until(lambda: rows.count() >= wanted)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--count", type=int, default=600)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--without-orthanc", action="store_true")
    asked = options.parse_args()
    for associations in (1, 4):
        compare(asked.count, asked.rounds, associations, with_orthanc=not asked.without_orthanc)


def compare(count: int, rounds: int, associations: int, *, with_orthanc: bool) -> None:
    rate = Table(f"C-STORE, {associations} association(s), {count} x 512 KiB", "instances/s")
    cost = Table("receiver CPU", "ms an instance")
    lag = Table("last success -> last row visible", "ms")
    with workplace() as folder, dokuei(folder) as ours:
        rows, parts = Rows(ours), ours.parts()
        for number in range(rounds):
            files = a_study(folder / f"files{number}", count)
            batches = [[str(one) for one in files[n::associations]] for n in range(associations)]
            before, cpu = rows.count(), cpu_seconds(parts["dimse"])
            database = cpu_of_group([parts["postgres"]])
            rate.add("dokuei", count / send(int(ours.dicom.rpartition(":")[2]), "DOKUEI", batches))
            ended = time.perf_counter()
            until_listed(rows, before + count)
            lag.add("dokuei", (time.perf_counter() - ended) * 1000)
            cost.add("dokuei, listener", (cpu_seconds(parts["dimse"]) - cpu) / count * 1000)
            cost.add("dokuei, its database", (cpu_of_group([parts["postgres"]]) - database) / count * 1000)
            if with_orthanc:
                with orthanc(folder / f"orthanc{number}") as (port, _, pid):
                    cpu = cpu_seconds(pid)
                    rate.add("orthanc", count / send(port, "ORTHANC", batches))
                    cost.add("orthanc", (cpu_seconds(pid) - cpu) / count * 1000)
            with storescp(folder / f"storescp{number}") as (port, pid):
                rate.add("storescp", count / send(port, "ANY", batches))
            for used in ("files", "orthanc", "storescp"):
                shutil.rmtree(folder / f"{used}{number}", ignore_errors=True)
    rate.show(against=["orthanc", "storescp"])
    cost.show(against=["orthanc"])
    lag.show()


if __name__ == "__main__":
    main()
