import django.db.models.deletion
from django.db import migrations, models

from dokuei.kit.db import facility_isolation


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0001_initial"),
        ("imaging", "0042_retention"),
    ]

    operations = [
        migrations.RemoveConstraint("announcement", "an_announcement_is_of_a_known_kind"),
        migrations.AddField("announcement", "listed", models.JSONField(default=list)),
        migrations.AddField("announcement", "said_by", models.CharField(blank=True, max_length=80)),
        migrations.AddField("applicationentity", "is_archive", models.BooleanField(default=False)),
        migrations.AddField("study", "expected_at", models.DateTimeField(null=True)),
        migrations.AddField("study", "expected_by", models.CharField(blank=True, max_length=80)),
        migrations.AddField("study", "expected_from", models.CharField(blank=True, max_length=12)),
        migrations.AddConstraint(
            "announcement",
            models.CheckConstraint(
                condition=models.Q(
                    ("source__in", ["mpps", "manifest", "c_find"]),
                    ("state__in", ["in_progress", "completed", "discontinued"]),
                ),
                name="an_announcement_is_of_a_known_kind",
            ),
        ),
        migrations.AddConstraint(
            "applicationentity",
            models.CheckConstraint(
                condition=models.Q(("is_archive", False), ("port__isnull", False), _connector="OR"),
                name="an_archive_listens",
            ),
        ),
        migrations.CreateModel(
            name="ArchiveQuestion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("ask_at", models.DateTimeField(null=True)),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("answered_at", models.DateTimeField(null=True)),
                (
                    "facility",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="identity.facility"),
                ),
                (
                    "study",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="archive_question",
                        to="imaging.study",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("ask_at__isnull", False)),
                        fields=["ask_at"],
                        name="imaging_question_due",
                    )
                ],
            },
        ),
        facility_isolation("imaging_archivequestion"),
    ]
