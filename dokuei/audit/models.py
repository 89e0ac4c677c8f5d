"""Entries, their links and the head of the chain. The application role may only insert and read entries."""

import uuid
from typing import Any, ClassVar

from django.db import models


class Entry(models.Model):
    """One act. `body` is the canonical text that is hashed; the columns repeat it for searching."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    at = models.DateTimeField()
    event = models.CharField(max_length=40)
    by = models.CharField(max_length=80)
    object = models.CharField(max_length=80, blank=True)
    facility_id = models.BigIntegerField(null=True)
    patient_id = models.BigIntegerField(null=True)
    body = models.TextField()

    class Meta:
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["object", "at"], name="audit_entry_object"),
            models.Index(fields=["patient_id", "at"], name="audit_entry_patient"),
        ]


class Link(models.Model):
    """An entry's place in the chain; written by the database when the act commits."""

    seq = models.BigIntegerField(primary_key=True)
    entry = models.OneToOneField(Entry, on_delete=models.DO_NOTHING, db_constraint=False)
    previous = models.CharField(max_length=64)
    sha256 = models.CharField(max_length=64)


class Head(models.Model):
    """The one row that says where the chain ends."""

    one = models.BooleanField(primary_key=True, default=True)
    seq = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
