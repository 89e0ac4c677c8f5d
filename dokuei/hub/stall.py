"""Does the background process still take its jobs? A runner that lost its database may hang while it ends itself.

Nothing outside shows it: the process lives, its timers beat and its log is silent, while events wait for handlers.
So the queue itself is asked, by a thread of its own: a job that may run, hands that are free, and nobody takes it.
"""

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q
from procrastinate.contrib.django.models import ProcrastinateJob

PATIENCE_SECONDS = 15.0


class StallWatch:
    """How long the same job has waited for free hands, as far as it could be seen."""

    def __init__(self) -> None:
        self._job: int | None = None
        self._since = 0.0

    def look(self, waiting: int | None, clock: float) -> float:
        """How long `waiting`, the job next in turn that nobody has taken, has waited at `clock`; in seconds."""
        if waiting is None or waiting != self._job:
            self._job, self._since = waiting, clock
        return 0.0 if waiting is None else clock - self._since

    def lose_sight(self) -> None:
        """The queue could not be seen: what was waiting then proves nothing about the runner."""
        self._job = None


def untaken(concurrency: int, at: datetime, stale: timedelta) -> int | None:
    """The job next in turn if it may run now and living workers have fewer than `concurrency` in hand, else None.

    Jobs in the hands of workers without a heartbeat since `stale` count as in nobody's.
    """
    doing = ProcrastinateJob.objects.filter(status="doing")
    if doing.filter(worker__last_heartbeat__gte=at - stale).count() >= concurrency:
        return None
    locked = doing.filter(lock=OuterRef("lock"))
    may_run = ProcrastinateJob.objects.filter(
        Q(scheduled_at=None) | Q(scheduled_at__lte=at), ~Exists(locked), status="todo"
    )
    return may_run.order_by("-priority", "pk").values_list("pk", flat=True).first()
