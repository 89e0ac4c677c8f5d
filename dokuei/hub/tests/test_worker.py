"""The background process itself: what it publishes is in the transaction that publishes it."""

import subprocess
import sys

import pytest
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

pytestmark = pytest.mark.django_db(transaction=True)

FAILING = """
import os, signal
from dataclasses import dataclass
from django.db import transaction
from dokuei.hub.cli import setup_django
setup_django()
from dokuei.hub import worker
from dokuei.kit import events, tasks

@dataclass(frozen=True)
class Told:
    number: int

heard = set()

def hear(event, at):
    heard.add(event.number)
    if {2, 4} <= heard:
        os.kill(os.getpid(), signal.SIGTERM)

events.subscribe(Told, hear)

def tell(number, fails):
    with transaction.atomic():
        events.publish(Told(number))
        if fails:
            raise LookupError("this change is taken back")

@tasks.task("dokuei.test_tell")
def job():
    tell(1, fails=True)

@tasks.task("dokuei.test_tell_then")
def then():
    tell(2, fails=False)

steps = iter([(3, True), (4, False)])

def advance_due(at):
    for number, fails in steps:
        tell(number, fails=fails)
        break

worker.due.advance_due = advance_due
worker.run_worker(concurrency=1)
"""


def test_an_event_of_a_job_or_a_timer_vanishes_with_the_change_it_belongs_to() -> None:
    for name in ("dokuei.test_tell", "dokuei.test_tell_then"):
        app.configure_task(name, allow_unknown=True).defer()

    found = subprocess.run([sys.executable, "-c", FAILING], timeout=120, capture_output=True, check=False)

    assert found.returncode in (0, -15), found.stderr.decode()
    told = ProcrastinateJob.objects.filter(task_name="dokuei.handle_event").values_list("args", flat=True)
    assert sorted(args["fields"]["number"] for args in told) == [2, 4]
