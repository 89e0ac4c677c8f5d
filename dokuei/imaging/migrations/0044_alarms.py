import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

from dokuei.kit.db import facility_isolation


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0001_initial"),
        ("imaging", "0043_archive_counts"),
    ]

    operations = [
        migrations.CreateModel(
            name="StoreRoom",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("level", models.CharField(default="enough", max_length=12)),
                ("since", models.DateTimeField()),
                ("free_bytes", models.BigIntegerField(null=True)),
                ("is_writable", models.BooleanField(default=True)),
                ("looked_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("level__in", ["enough", "low", "refusing"])),
                        name="a_store_is_at_a_known_level",
                    ),
                    models.CheckConstraint(condition=models.Q(("id", 1)), name="there_is_one_store"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Unlisted",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sop_instance_uid", models.CharField(max_length=64)),
                ("sha256", models.CharField(max_length=64)),
                ("store_key", models.CharField(max_length=200)),
                ("store_offset", models.BigIntegerField()),
                ("store_length", models.BigIntegerField()),
                ("sent_by", models.CharField(max_length=200)),
                ("kept_at", models.DateTimeField()),
                (
                    "notes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40), default=list, size=None
                    ),
                ),
                ("code", models.CharField(max_length=40)),
                ("at", models.DateTimeField()),
                ("tries", models.PositiveIntegerField(default=1)),
                ("tried_at", models.DateTimeField()),
                ("retry_at", models.DateTimeField()),
                ("listed_at", models.DateTimeField(null=True)),
                (
                    "facility",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="identity.facility"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("listed_at", None)),
                        fields=["retry_at"],
                        name="imaging_unlisted_retry",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("listed_at", None)),
                        fields=("facility", "sop_instance_uid", "sha256"),
                        name="an_instance_is_unlisted_once",
                    )
                ],
            },
        ),
        facility_isolation("imaging_unlisted"),
    ]
