"""The rows a query finds, level by level, always beginning with what the actor may see."""

from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from dokuei.identity.access import Actor
from dokuei.imaging import queries
from dokuei.imaging.models import Instance, Series, Study
from dokuei.imaging.search.keys import has_keys, narrowed
from dokuei.imaging.search.query import Level, Query
from dokuei.patients import queries as patients

STUDY_UID = (0x0020000D,)


def matching(actor: Actor, query: Query) -> QuerySet[Any]:
    """What is found, in its order, not yet cut to a page."""
    find = {
        Level.PATIENT: _patients,
        Level.STUDY: _ordered_studies,
        Level.SERIES: _series,
        Level.IMAGE: _images,
    }
    return find[query.level](actor, query)


def _within(actor: Actor, query: Query, rows: QuerySet[Any]) -> QuerySet[Any]:
    """Rows of the facilities the actor and the query name. Said at every level, so that its own index can serve."""
    if query.facility_id is not None:
        rows = rows.filter(facility_id=query.facility_id)
    if actor.kind != "system":
        if query.facility_id is not None and query.facility_id not in actor.facilities:
            return rows.none()
        if query.facility_id is None:
            rows = rows.filter(facility_id__in=actor.facilities)
    return rows


def _patients(actor: Actor, query: Query) -> QuerySet[Any]:
    seen = _within(actor, query, queries.visible_to(actor)).filter(patient=OuterRef("pk"))
    rows = narrowed(_within(actor, query, patients.visible_to(actor)), query, Level.PATIENT)
    return rows.filter(Exists(seen.order_by())).order_by("pk")


def _studies(actor: Actor, query: Query) -> QuerySet[Study]:
    rows = _within(actor, query, queries.visible_to(actor))
    if has_keys(query, Level.PATIENT):
        held = narrowed(_within(actor, query, patients.visible_to(actor)), query, Level.PATIENT)
        found = Q(patient__in=held)
        if kin := patients.kin_of(held):  # who was merged is found by either ID, and answered as filed
            found |= Q(patient__in=kin)
        rows = rows.filter(found)
    return narrowed(rows, query, Level.STUDY)


def _ordered_studies(actor: Actor, query: Query) -> QuerySet[Any]:
    return _studies(actor, query).order_by(F("study_at").desc(nulls_last=True), "-pk")


def _series(actor: Actor, query: Query) -> QuerySet[Any]:
    rows = narrowed(_within(actor, query, Series.objects.all()), query, Level.SERIES)
    rows = rows.filter(study__in=_studies(actor, query))
    if _names_a_study(query):
        return rows.order_by("study_id", F("series_number").asc(nulls_last=True), "pk")
    return rows.order_by("-pk")


def _images(actor: Actor, query: Query) -> QuerySet[Any]:
    rows = narrowed(_within(actor, query, Instance.objects.all()), query, Level.IMAGE)
    if has_keys(query, Level.SERIES):
        held = narrowed(_within(actor, query, Series.objects.all()), query, Level.SERIES)
        rows = rows.filter(series__in=held.filter(study__in=_studies(actor, query)))
    else:
        rows = rows.filter(study__in=_studies(actor, query))
    if _names_a_study(query):
        number = F("series__series_number").asc(nulls_last=True)
        return rows.order_by("study_id", number, "series_id", F("instance_number").asc(nulls_last=True), "pk")
    return rows.order_by("-pk")


def _names_a_study(query: Query) -> bool:
    """Whether the answer is one study's, small enough to be put in the order a person reads."""
    return any(one.path == STUDY_UID and not one.is_universal for one in query.keys)
