"""From the last image to a study that is ready to be read at home: ``python -m bench.ready [--slices 300] [--rounds 3]``.

A CT of real slices is announced and sent by C-STORE over one association; ready means that the manifest names a packed
frame for every slice. Then a study is sent while another is being packed: how much longer does the 95th of 100 answers
take? Rounds alternate, the sender times each answer.
"""

import argparse
import statistics
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

from bench.ground import Table, a_ct, dokuei, workplace
from dokuei.dicom.net.requestor import Address, Requestor
from dokuei.gateway.items import Item, read_items
from tests.server import Installation

READY_GOAL, SLOWER_GOAL = 2.0, 1.3


@dataclass
class Sent:
    """One study on its way: how long each answer took, and when the last came."""

    study: str
    seconds: list[float]
    ended: float


class Sender:
    """A device, and the token with which its hospital announces and looks."""

    def __init__(self, place: Installation) -> None:
        token = place.token("bench", "dicom:store", "dicom:read", "study:read").split()[-1]
        self.web = httpx.Client(
            base_url=place.url, headers={"authorization": f"Bearer {token}"}, verify=place.trust
        )
        self.to = Address("DOKUEI", "127.0.0.1", int(place.dicom.rpartition(":")[2]))

    def announce(self, items: Sequence[Item]) -> None:
        body = {"study_instance_uid": items[0].study_instance_uid, "instance_count": len(items)}
        self.web.post("/api/v1/studies/announcements", json=body).raise_for_status()

    def send(self, items: Sequence[Item]) -> Sent:
        first = items[0]
        association = Requestor.open(self.to, "STORESCU", [(first.sop_class_uid, (first.transfer_syntax,))])
        context = association.contexts[first.sop_class_uid, first.transfer_syntax]
        seconds = []
        for item in items:
            data = item.path.read_bytes()[item.offset :]
            began = time.perf_counter()
            status = association.store(context, item.sop_class_uid, item.sop_instance_uid, [data])
            seconds.append(time.perf_counter() - began)
            if status:
                raise RuntimeError(f"{status:04X}: this round does not count")
        ended = time.perf_counter()
        association.close()
        return Sent(first.study_instance_uid, seconds, ended)

    def packed(self, study: str) -> int:
        answer = self.web.get(f"/dicomweb/bench/studies/{study}/manifest")
        series = answer.json()["series"] if answer.status_code == 200 else []
        return sum(len(list(filter(None, one["packed"]["frames"]))) for one in series if one["packed"])

    def wait(self, study: str, count: int) -> None:
        pause, end = threading.Event(), time.perf_counter() + 120
        while self.packed(study) < count:
            if time.perf_counter() > end:
                raise RuntimeError("never packed: this round does not count")
            pause.wait(0.02)


def p95(seconds: Sequence[float]) -> float:
    return statistics.quantiles(seconds, n=20)[-1] * 1000


def study(folder: Path, count: int) -> list[Item]:
    items, _ = read_items(a_ct(folder, count))
    return items


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--slices", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    ready = Table(f"{asked.slices} slices, last image to packed", "seconds")
    slower = Table("an answer, 95 of 100 within", "ms")
    with workplace() as folder, dokuei(folder) as place:
        sender = Sender(place)
        for number in range(asked.rounds):
            first, second = (study(folder / f"{number}{one}", asked.slices) for one in "ab")
            sender.announce(first)
            alone = sender.send(first)
            slower.add("nothing else runs", p95(alone.seconds))
            while_packing = sender.send(second)
            is_over = sender.packed(alone.study) == asked.slices
            sender.wait(alone.study, asked.slices)
            slower.add("a study is being packed", p95(while_packing.seconds))
            if is_over:
                print("  packed before the second study was sent: the comparison is too kind")
            sender.announce(second)
            sender.wait(while_packing.study, asked.slices)
            third = study(folder / f"{number}c", asked.slices)
            sender.announce(third)
            last = sender.send(third)
            sender.wait(last.study, asked.slices)
            ready.add("dokuei", time.perf_counter() - last.ended)
    ready.show()
    slower.show(against=["nothing else runs"])
    ratio = slower.median("a study is being packed") / slower.median("nothing else runs")
    print("\ngoals")
    for name, value, most in (("ready", ready.median("dokuei"), READY_GOAL), ("slower", ratio, SLOWER_GOAL)):
        print(f"  {name}: {value:.2f} (at most {most:g}): {'reached' if value <= most else 'MISSED'}")


if __name__ == "__main__":
    main()
