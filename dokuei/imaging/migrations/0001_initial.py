

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import dokuei.imaging.rules


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("identity", "0001_initial"),
        ("patients", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Study",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("study_instance_uid", models.CharField(max_length=64)),
                ("accession_number", models.CharField(blank=True, max_length=64)),
                ("study_id", models.CharField(blank=True, max_length=64)),
                ("description", models.CharField(blank=True, max_length=200)),
                ("body_part", models.CharField(blank=True, max_length=64)),
                (
                    "modalities",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=16), default=list, size=None
                    ),
                ),
                ("study_on", models.DateField(null=True)),
                ("study_at", models.DateTimeField(null=True)),
                (
                    "receipt",
                    models.CharField(default=dokuei.imaging.rules.Receipt["RECEIVING"], max_length=12),
                ),
                ("held_from", models.CharField(blank=True, max_length=12)),
                (
                    "held_for",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40), default=list, size=None
                    ),
                ),
                (
                    "resolved_for",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40), default=list, size=None
                    ),
                ),
                ("expected_count", models.PositiveIntegerField(null=True)),
                ("received_at", models.DateTimeField()),
                ("last_received_at", models.DateTimeField()),
                ("settle_due_at", models.DateTimeField(null=True)),
                (
                    "notes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40), default=list, size=None
                    ),
                ),
                (
                    "facility",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="identity.facility"),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="studies",
                        to="patients.patient",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Series",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("series_instance_uid", models.CharField(max_length=64)),
                ("series_number", models.IntegerField(null=True)),
                ("modality", models.CharField(blank=True, max_length=16)),
                ("description", models.CharField(blank=True, max_length=200)),
                ("body_part", models.CharField(blank=True, max_length=64)),
                ("laterality", models.CharField(blank=True, max_length=16)),
                ("frame_of_reference_uid", models.CharField(blank=True, max_length=64)),
                (
                    "facility",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="identity.facility"),
                ),
                (
                    "study",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="series", to="imaging.study"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Quarantined",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sop_instance_uid", models.CharField(max_length=64)),
                ("study_instance_uid", models.CharField(max_length=64)),
                ("transfer_syntax", models.CharField(max_length=64)),
                ("reason", models.CharField(max_length=40)),
                ("sha256", models.CharField(max_length=64)),
                ("store_key", models.CharField(max_length=200)),
                ("store_length", models.BigIntegerField()),
                ("at", models.DateTimeField()),
                (
                    "facility",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="identity.facility"),
                ),
                (
                    "study",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="quarantined",
                        to="imaging.study",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Instance",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sop_instance_uid", models.CharField(max_length=64)),
                ("sop_class_uid", models.CharField(max_length=64)),
                ("transfer_syntax", models.CharField(max_length=64)),
                ("instance_number", models.IntegerField(null=True)),
                ("rows", models.PositiveIntegerField(default=0)),
                ("columns", models.PositiveIntegerField(default=0)),
                ("frames", models.PositiveIntegerField(default=0)),
                (
                    "image_position",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.FloatField(), default=list, size=None
                    ),
                ),
                (
                    "image_orientation",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.FloatField(), default=list, size=None
                    ),
                ),
                ("store_key", models.CharField(max_length=200)),
                ("store_offset", models.BigIntegerField(default=0)),
                ("store_length", models.BigIntegerField()),
                ("data_set_offset", models.PositiveIntegerField()),
                ("sha256", models.CharField(max_length=64)),
                ("header_bytes", models.BigIntegerField()),
                ("pixel_offset", models.BigIntegerField(default=0)),
                ("pixel_length", models.BigIntegerField(default=0)),
                ("frame_bits", models.BigIntegerField(default=0)),
                ("word_bytes", models.PositiveSmallIntegerField(default=1)),
                ("frame_ranges", models.JSONField(null=True)),
                (
                    "notes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40), default=list, size=None
                    ),
                ),
                ("received_at", models.DateTimeField()),
                (
                    "facility",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="identity.facility"),
                ),
                (
                    "series",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="instances",
                        to="imaging.series",
                    ),
                ),
                (
                    "study",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="instances",
                        to="imaging.study",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="StudyGrant",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reason", models.CharField(max_length=80)),
                ("since", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "facility",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="identity.facility"),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "study",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="grants", to="imaging.study"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ApplicationEntity",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("title", models.CharField(max_length=16)),
                ("peer_host", models.GenericIPAddressField(null=True)),
                ("added_at", models.DateTimeField()),
                ("removed_at", models.DateTimeField(null=True)),
                (
                    "facility",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="ae_titles",
                        to="identity.facility",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("removed_at", None)),
                        fields=("title",),
                        name="an_ae_title_belongs_to_one_facility",
                    )
                ],
            },
        ),
        migrations.AddIndex(
            model_name="study",
            index=models.Index(fields=["facility", "-last_received_at"], name="imaging_study_list"),
        ),
        migrations.AddIndex(
            model_name="study",
            index=models.Index(fields=["patient", "-study_at"], name="imaging_study_patient"),
        ),
        migrations.AddIndex(
            model_name="study",
            index=models.Index(
                condition=models.Q(("settle_due_at__isnull", False)),
                fields=["settle_due_at"],
                name="imaging_study_settle",
            ),
        ),
        migrations.AddIndex(
            model_name="study",
            index=models.Index(fields=["accession_number"], name="imaging_study_accession"),
        ),
        migrations.AddConstraint(
            model_name="study",
            constraint=models.UniqueConstraint(
                fields=("facility", "study_instance_uid"), name="a_study_uid_is_one_study_of_a_facility"
            ),
        ),
        migrations.AddConstraint(
            model_name="study",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("receipt__in", ["receiving", "complete", "settled", "held", "withdrawn"])
                ),
                name="a_study_is_in_a_known_receipt_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="study",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("receipt", "held"), _negated=True),
                    models.Q(
                        models.Q(("held_from", ""), _negated=True), models.Q(("held_for", []), _negated=True)
                    ),
                    _connector="OR",
                ),
                name="a_held_study_says_why_and_what_it_was",
            ),
        ),
        migrations.AddConstraint(
            model_name="study",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("receipt", "receiving"), _negated=True),
                    ("settle_due_at__isnull", False),
                    _connector="OR",
                ),
                name="a_receiving_study_will_settle",
            ),
        ),
        migrations.AddConstraint(
            model_name="study",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("receipt", "complete"), _negated=True),
                    ("expected_count__isnull", False),
                    _connector="OR",
                ),
                name="a_complete_study_was_announced",
            ),
        ),
        migrations.AddConstraint(
            model_name="series",
            constraint=models.UniqueConstraint(
                fields=("study", "series_instance_uid"), name="a_series_uid_is_one_series_of_a_study"
            ),
        ),
        migrations.AddConstraint(
            model_name="quarantined",
            constraint=models.UniqueConstraint(
                fields=("facility", "sop_instance_uid", "sha256"),
                name="a_contradicting_instance_is_kept_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="instance",
            constraint=models.UniqueConstraint(
                fields=("facility", "sop_instance_uid"), name="a_sop_uid_is_one_instance_of_a_facility"
            ),
        ),
        migrations.AddIndex(
            model_name="studygrant",
            index=models.Index(
                condition=models.Q(("ended_at", None)), fields=["person", "study"], name="imaging_grant_open"
            ),
        ),
        migrations.AddConstraint(
            model_name="studygrant",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at", None)),
                fields=("study", "person", "reason"),
                name="a_grant_is_open_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="studygrant",
            constraint=models.CheckConstraint(
                condition=models.Q(("ended_at", None), ("ended_at__gte", models.F("since")), _connector="OR"),
                name="a_grant_ends_after_it_begins",
            ),
        ),
    ]
