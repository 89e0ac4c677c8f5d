import django.db.models.deletion
from django.db import migrations, models

import dokuei.reporting.objects.rules
from dokuei.kit.db import facility_isolation


class Migration(migrations.Migration):
    dependencies = [
        ("kit", "0003_scope_once_a_statement"),
        ("identity", "0002_personpreferences"),
        ("imaging", "0048_own_objects"),
        ("reporting", "0005_figures_isolation"),
    ]

    operations = [
        migrations.CreateModel(
            name="Export",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField()),
                (
                    "state",
                    models.CharField(default=dokuei.reporting.objects.rules.State["QUEUED"], max_length=12),
                ),
                ("try_at", models.DateTimeField(null=True)),
                ("tries", models.PositiveIntegerField(default=0)),
                ("why", models.CharField(blank=True, max_length=60)),
                ("filed_at", models.DateTimeField(null=True)),
                (
                    "facility",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="identity.facility"),
                ),
                (
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="exports",
                        to="reporting.report",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ExportedObject",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=12)),
                ("place", models.PositiveIntegerField()),
                ("series_instance_uid", models.CharField(max_length=64)),
                ("sop_instance_uid", models.CharField(max_length=64, unique=True)),
                (
                    "export",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="parts",
                        to="reporting.export",
                    ),
                ),
                (
                    "facility",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="identity.facility"),
                ),
                (
                    "study",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="imaging.study"
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="export",
            index=models.Index(
                condition=models.Q(("try_at__isnull", False)), fields=["try_at"], name="reporting_export_due"
            ),
        ),
        migrations.AddConstraint(
            model_name="export",
            constraint=models.UniqueConstraint(
                fields=("report", "version"), name="a_version_is_exported_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="export",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["queued", "filed", "failed"])),
                name="an_export_is_in_a_known_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="export",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("filed_at__isnull", False), ("state", "filed"), ("try_at__isnull", True)),
                    models.Q(models.Q(("state", "filed"), _negated=True), ("try_at__isnull", False)),
                    _connector="OR",
                ),
                name="an_export_is_tried_until_it_is_filed",
            ),
        ),
        migrations.AddConstraint(
            model_name="exportedobject",
            constraint=models.UniqueConstraint(
                fields=("export", "kind", "place"), name="an_exported_object_is_one"
            ),
        ),
        migrations.AddConstraint(
            model_name="exportedobject",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["figure", "marks", "keys", "report"])),
                name="an_exported_object_is_of_a_known_kind",
            ),
        ),
        facility_isolation("reporting_export"),
        facility_isolation("reporting_exportedobject"),
    ]
