"""Prometheus metrics: the numbers that say whether anybody is waiting in vain. Read with a `status:read` token."""

from collections.abc import Iterable
from datetime import UTC, datetime

from django.db import connection
from django.http import HttpRequest, HttpResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from dokuei.base.errors import DokueiError
from dokuei.identity import queries
from dokuei.identity.access import Permission, require
from dokuei.kit import due
from dokuei.kit.db import system_scope
from dokuei.kit.http import problem

GAUGES = {
    "dokuei_readings": (
        "Readings by state and urgency",
        ["state", "urgency"],
        "select state, urgency, count(*) from worklist_reading group by 1, 2",
    ),
    "dokuei_readings_overdue": (
        "Open readings past their deadline",
        [],
        "select count(*) from worklist_reading"
        " where state in ('pending','waiting','claimed','held') and due_at < now()",
    ),
    "dokuei_deliveries": (
        "Deliveries by state",
        ["state"],
        "select state, count(*) from delivery_delivery group by 1",
    ),
    "dokuei_jobs": (
        "Background jobs by status",
        ["status"],
        "select status::text, count(*) from procrastinate_jobs group by 1",
    ),
    "dokuei_quarantined": (
        "Instances kept in quarantine",
        [],
        "select count(*) from imaging_quarantined",
    ),
    "dokuei_unlisted_instances": (
        "Acknowledged instances that could not be listed",
        [],
        "select count(*) from imaging_unlisted where listed_at is null",
    ),
    "dokuei_store_free_bytes": (
        "Free bytes of the store, where it says so, when it was last looked at",
        [],
        "select free_bytes from imaging_storeroom where free_bytes is not null",
    ),
    "dokuei_store_low": (
        "1 while the store has less room than support is warned of, or turns images away",
        [],
        "select (level <> 'enough')::int from imaging_storeroom",
    ),
    "dokuei_store_refusing": (
        "1 while images are turned away for want of room, or since the store cannot be written to",
        [],
        "select (level = 'refusing')::int from imaging_storeroom",
    ),
    "dokuei_damaged_instances": (
        "Instances whose bytes are not what was kept",
        [],
        "select count(*) from imaging_damage where instance_id is not null and repaired_at is null",
    ),
    "dokuei_stored_bytes": (
        "Bytes of listed instances by facility",
        ["facility"],
        "select f.code, sum(s.size_bytes) from imaging_storedbytes s"
        " join identity_facility f on f.id = s.facility_id group by 1",
    ),
    "dokuei_quota_bytes": (
        "Bytes a facility may keep, where there is a limit",
        ["facility"],
        "select f.code, t.quota_bytes from imaging_terms t"
        " join identity_facility f on f.id = t.facility_id where t.quota_bytes is not null",
    ),
    "dokuei_scrub_age_seconds": (
        "Seconds since everything kept had been read back, once it has been",
        [],
        "select extract(epoch from now() - ended_at) from imaging_scrub where ended_at is not null",
    ),
    "dokuei_audit_links": ("Links of the audit chain", [], "select seq from audit_head"),
    "dokuei_beat_age_seconds": (
        "Seconds since a background loop gave a sign of life",
        ["loop"],
        "select name, extract(epoch from now() - at) from kit_beat",
    ),
}


class DatabaseCollector(Collector):
    """Reads every gauge from the database at scrape time; nothing is counted in memory."""

    def collect(self) -> Iterable[GaugeMetricFamily]:
        with system_scope("metrics"), connection.cursor() as cursor:
            for name, (text, labels, query) in GAUGES.items():
                gauge = GaugeMetricFamily(name, text, labels=labels)
                cursor.execute(query)
                for *values, number in cursor.fetchall():
                    gauge.add_metric([str(one) for one in values], float(number))
                yield gauge
        behind = GaugeMetricFamily("dokuei_due_behind_seconds", "Age of the longest overdue timer")
        behind.add_metric([], due.oldest_overdue(datetime.now(UTC)).total_seconds())
        yield behind


REGISTRY = CollectorRegistry()
REGISTRY.register(DatabaseCollector())


def metrics(request: HttpRequest) -> HttpResponse:
    """The metrics page, for a scraper that brings a bearer token."""
    try:
        headers = {"authorization": request.headers.get("Authorization", "")}
        require(queries.actor_from_headers(headers), Permission.STATUS_READ)
    except DokueiError as error:
        return problem(error)
    return HttpResponse(generate_latest(REGISTRY), content_type=CONTENT_TYPE_LATEST)
