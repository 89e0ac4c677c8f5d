"""Studies, series, instances; who may send, what is quarantined, who may look."""

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from dokuei.imaging.rules import Receipt, Source

UID_LENGTH = 64


def codes() -> Any:
    """A column of permanent codes."""
    return ArrayField(models.CharField(max_length=40), default=list)


class ApplicationEntity(models.Model):
    """A device that may send by C-STORE; its calling AE title says whose images it sends."""

    facility = models.ForeignKey("identity.Facility", on_delete=models.PROTECT, related_name="ae_titles")
    title = models.CharField(max_length=16)
    peer_host = models.GenericIPAddressField(null=True)
    """If set, the only address this title is believed from."""
    is_archive = models.BooleanField(default=False)
    """Whether it is the facility's archive, and is asked by C-FIND how many instances a study has."""
    may_query = models.BooleanField(default=False)
    """Whether it may search and retrieve its facility's studies (C-FIND, C-MOVE, C-GET)."""
    port = models.PositiveIntegerField(null=True)
    """Where it listens, at `peer_host`: to questions, and as the destination of C-MOVE and of commitment reports."""
    added_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["title"],
                condition=Q(removed_at=None),
                name="an_ae_title_belongs_to_one_facility",
            ),
            models.CheckConstraint(
                name="a_listening_device_has_an_address",
                condition=Q(port=None) | (Q(peer_host__isnull=False) & Q(port__gt=0) & Q(port__lt=65536)),
            ),
            models.CheckConstraint(
                name="an_archive_listens", condition=Q(is_archive=False) | Q(port__isnull=False)
            ),
        ]


class Study(models.Model):
    """A study as one facility sent it."""

    facility = models.ForeignKey("identity.Facility", on_delete=models.PROTECT)
    patient = models.ForeignKey(
        "patients.Patient", on_delete=models.PROTECT, related_name="studies", db_index=False
    )  # imaging_study_patient
    study_instance_uid = models.CharField(max_length=UID_LENGTH)
    accession_number = models.CharField(max_length=64, blank=True)
    study_id = models.CharField(max_length=64, blank=True)
    description = models.CharField(max_length=200, blank=True)
    body_part = models.CharField(max_length=64, blank=True)
    modalities = ArrayField(models.CharField(max_length=16), default=list)
    study_on = models.DateField(null=True)
    study_at = models.DateTimeField(null=True)
    study_time = models.TimeField(null=True)
    """As the device wrote it, in its own local time; `study_at` is the instant."""
    utc_offset = models.CharField(max_length=5, blank=True)
    """Timezone Offset From UTC (0008,0201) as ``+0900``; empty when the data set does not say."""
    referring_physician = models.CharField(max_length=200, blank=True)
    """In the DICOM form with ^ and =."""
    receipt = models.CharField(max_length=12, default=Receipt.RECEIVING)
    held_from = models.CharField(max_length=12, blank=True)
    """The receipt before the hold."""
    held_for: Any = codes()
    resolved_for: Any = codes()
    """Reasons a person has looked at; they do not hold the study again."""
    expected_count = models.PositiveIntegerField(null=True)
    expected_from = models.CharField(max_length=12, blank=True)
    """The `rules.Source` of that count."""
    expected_by = models.CharField(max_length=80, blank=True)
    """The device or machine that said it."""
    expected_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField()
    last_received_at = models.DateTimeField()
    settle_due_at = models.DateTimeField(null=True)
    notes: Any = codes()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["facility", "study_instance_uid"], name="a_study_uid_is_one_study_of_a_facility"
            ),
            models.CheckConstraint(
                name="a_study_is_in_a_known_receipt_state",
                condition=Q(receipt__in=[one.value for one in Receipt]),
            ),
            models.CheckConstraint(
                name="a_held_study_says_why_and_what_it_was",
                condition=~Q(receipt="held") | (~Q(held_from="") & ~Q(held_for=[])),
            ),
            models.CheckConstraint(
                name="a_receiving_study_will_settle",
                condition=~Q(receipt="receiving") | Q(settle_due_at__isnull=False),
            ),
            models.CheckConstraint(
                name="a_complete_study_was_announced",
                condition=~Q(receipt="complete") | Q(expected_count__isnull=False),
            ),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["facility", "-last_received_at"], name="imaging_study_list"),
            # all a search by patient sorts and guards by, so that it reads the rows of its page only
            models.Index(
                fields=["patient", "facility", "study_at", "id"],
                include=["last_received_at"],
                name="imaging_study_patient",
            ),
            models.Index(
                fields=["settle_due_at"],
                condition=Q(settle_due_at__isnull=False),
                name="imaging_study_settle",
            ),
            models.Index(
                fields=["facility", "accession_number"],
                name="imaging_study_accession",
                opclasses=["int8_ops", "varchar_pattern_ops"],
            ),
            models.Index(fields=["facility", "study_on", "study_time"], name="imaging_study_day"),
            models.Index(
                F("facility"),
                F("study_at").desc(nulls_last=True),
                F("id").desc(),
                name="imaging_study_newest",
            ),
            models.Index(
                F("study_at").desc(nulls_last=True), F("id").desc(), name="imaging_study_newest_of_all"
            ),
            models.Index(fields=["-last_received_at", "-id"], name="imaging_study_arrivals"),
            models.Index(fields=["study_instance_uid"], name="imaging_study_uid"),
        ]

    def __str__(self) -> str:
        return f"study:{self.pk}"


class Series(models.Model):
    """A series of a study."""

    facility = models.ForeignKey("identity.Facility", on_delete=models.PROTECT)
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="series")
    series_instance_uid = models.CharField(max_length=UID_LENGTH)
    series_number = models.IntegerField(null=True)
    modality = models.CharField(max_length=16, blank=True)
    description = models.CharField(max_length=200, blank=True)
    body_part = models.CharField(max_length=64, blank=True)
    laterality = models.CharField(max_length=16, blank=True)
    frame_of_reference_uid = models.CharField(max_length=UID_LENGTH, blank=True)
    performed_on = models.DateField(null=True)
    performed_time = models.TimeField(null=True)
    """Performed Procedure Step Start Date and Time (0040,0244) (0040,0245), local to the device."""
    request_attributes: Any = models.JSONField(default=list)
    """Items of Request Attributes Sequence (0040,0275): tag -> text, of the tags in `describe.REQUESTED`."""

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["study", "series_instance_uid"], name="a_series_uid_is_one_series_of_a_study"
            ),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["facility", "series_instance_uid"], name="imaging_series_uid"),
        ]


class Instance(models.Model):
    """An instance, kept as received; where its bytes and its frames lie."""

    facility = models.ForeignKey("identity.Facility", on_delete=models.PROTECT)
    study = models.ForeignKey(
        Study, on_delete=models.PROTECT, related_name="instances", db_index=False
    )  # imaging_instance_study
    series = models.ForeignKey(
        Series, on_delete=models.PROTECT, related_name="instances", db_index=False
    )  # imaging_instance_series
    sop_instance_uid = models.CharField(max_length=UID_LENGTH)
    sop_class_uid = models.CharField(max_length=UID_LENGTH)
    transfer_syntax = models.CharField(max_length=UID_LENGTH)
    instance_number = models.IntegerField(null=True)
    rows = models.PositiveIntegerField(default=0)
    columns = models.PositiveIntegerField(default=0)
    bits_allocated = models.PositiveSmallIntegerField(default=0)
    acquired_at = models.DateTimeField(null=True)
    """Acquisition DateTime (0008,002A); without a zone of its own it is read in the data set's."""
    frames = models.PositiveIntegerField(default=0)
    """Frames that can be served; 0 without pixel data or when it cannot be cut."""
    image_position = ArrayField(models.FloatField(), default=list)
    image_orientation = ArrayField(models.FloatField(), default=list)

    store_key = models.CharField(max_length=200)
    store_offset = models.BigIntegerField(default=0)
    """Where the DICOM file begins in the stored object; several may share one object."""
    store_length = models.BigIntegerField()
    data_set_offset = models.PositiveIntegerField()
    """Where the data set begins in the DICOM file, after our own file meta."""
    sha256 = models.CharField(max_length=64)
    """Of the data set without file meta."""
    header_bytes = models.BigIntegerField()
    """Length of the part before the pixels; of the inflated data set if it came deflated."""
    pixel_offset = models.BigIntegerField(default=0)
    """From the beginning of the (inflated) data set, as are the ranges."""
    pixel_length = models.BigIntegerField(default=0)
    frame_bits = models.BigIntegerField(default=0)
    word_bytes = models.PositiveSmallIntegerField(default=1)
    frame_ranges = models.JSONField(null=True)

    notes: Any = codes()
    received_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["facility", "sop_instance_uid"], name="a_sop_uid_is_one_instance_of_a_facility"
            ),
        ]
        # With the column row-level security looks at, so that counting a page's instances reads no row.
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["study", "facility", "id"], name="imaging_instance_study"),
            models.Index(fields=["series", "facility", "id"], name="imaging_instance_series"),
        ]


class StoredMetadata(models.Model):
    """The metadata of a study, or of one of its series, built once and kept compressed in the object store.

    Instances are only ever added, so their number and the newest of them name exactly the set it covers.
    """

    facility = models.ForeignKey("identity.Facility", on_delete=models.PROTECT)
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="stored_metadata")
    series = models.ForeignKey(Series, on_delete=models.PROTECT, null=True, related_name="stored_metadata")
    instance_count = models.PositiveIntegerField()
    newest_instance_id = models.BigIntegerField()
    store_key = models.CharField(max_length=200)
    store_length = models.BigIntegerField()
    built_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["study", "series"],
                nulls_distinct=False,
                name="a_study_and_a_series_have_one_metadata",
            ),
        ]


class Quarantined(models.Model):
    """An instance that contradicts one we hold under the same UID. Its bytes are kept beside it."""

    facility = models.ForeignKey("identity.Facility", on_delete=models.PROTECT)
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="quarantined")
    """The study of the instance it contradicts."""
    sop_instance_uid = models.CharField(max_length=UID_LENGTH)
    study_instance_uid = models.CharField(max_length=UID_LENGTH)
    transfer_syntax = models.CharField(max_length=UID_LENGTH)
    reason = models.CharField(max_length=40)
    sha256 = models.CharField(max_length=64)
    store_key = models.CharField(max_length=200)
    store_offset = models.BigIntegerField(default=0)
    store_length = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["facility", "sop_instance_uid", "sha256"],
                name="a_contradicting_instance_is_kept_once",
            ),
        ]


class Segment(models.Model):
    """A segment whose records are all listed; one without a row is looked through at the next start."""

    key = models.CharField(max_length=200, unique=True)
    records = models.PositiveIntegerField()
    damaged = models.PositiveIntegerField(default=0)
    listed_at = models.DateTimeField()


class Announcement(models.Model):
    """How many instances somebody says a study has: a performed procedure step, a manifest, the facility's archive."""

    facility = models.ForeignKey("identity.Facility", on_delete=models.PROTECT)
    source = models.CharField(max_length=12)
    key = models.CharField(max_length=UID_LENGTH)
    """The performed procedure step's SOP Instance UID; else the study's UID."""
    study_instance_uid = models.CharField(max_length=UID_LENGTH)
    state = models.CharField(max_length=12)
    instance_count = models.PositiveIntegerField(default=0)
    listed = models.JSONField(default=list)
    """SOP Instance UIDs a manifest named, if it named them."""
    said_by = models.CharField(max_length=80, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["facility", "source", "key"], name="an_announcement_is_one"),
            models.CheckConstraint(
                name="an_announcement_is_of_a_known_kind",
                condition=Q(source__in=[one.value for one in Source])
                & Q(state__in=["in_progress", "completed", "discontinued"]),
            ),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["facility", "study_instance_uid"], name="imaging_announcement_study"),
        ]


class Commitment(models.Model):
    """A device's question whether instances are safely kept (PS3.4 annex J), until it has our answer."""

    facility = models.ForeignKey("identity.Facility", on_delete=models.PROTECT)
    device = models.ForeignKey(ApplicationEntity, on_delete=models.PROTECT, related_name="commitments")
    transaction_uid = models.CharField(max_length=UID_LENGTH)
    asked = models.JSONField()
    """[SOP Class UID, SOP Instance UID] of each instance."""
    asked_at = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)
    report_at = models.DateTimeField(null=True)
    """When to try next over an association of ours; never, if the device does not listen."""
    reported_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["device", "transaction_uid"], name="a_commitment_is_asked_for_once"
            ),
            models.CheckConstraint(
                name="a_reported_commitment_is_not_due", condition=Q(reported_at=None) | Q(report_at=None)
            ),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(
                fields=["report_at"], condition=Q(report_at__isnull=False), name="imaging_commitment_due"
            ),
        ]


class StudyGrant(models.Model):
    """One person may look at one study, for a reason, until it is ended or its time is over."""

    facility = models.ForeignKey("identity.Facility", on_delete=models.PROTECT)
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="grants")
    person = models.ForeignKey("identity.Person", on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=80)
    since = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    until = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["study", "person", "reason"],
                condition=Q(ended_at=None),
                name="a_grant_is_open_once",
            ),
            models.CheckConstraint(
                name="a_grant_ends_after_it_begins",
                condition=Q(ended_at=None) | Q(ended_at__gte=models.F("since")),
            ),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["person", "study"], condition=Q(ended_at=None), name="imaging_grant_open"),
        ]


import dokuei.imaging.counts.models  # noqa: E402
import dokuei.imaging.fetching.models  # noqa: E402
import dokuei.imaging.hanging.models  # noqa: E402
import dokuei.imaging.made.models  # noqa: E402
import dokuei.imaging.moves.models  # noqa: E402
import dokuei.imaging.packs.models  # noqa: E402
import dokuei.imaging.room.models  # noqa: E402
import dokuei.imaging.scrub.models  # noqa: E402
import dokuei.imaging.unlisted.models  # noqa: E402
import dokuei.imaging.upkeep.models  # noqa: E402
import dokuei.imaging.viewers.models  # noqa: E402, F401  # Django finds their tables here
