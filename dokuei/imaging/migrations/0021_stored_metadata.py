import django.db.models.deletion
from django.db import migrations, models

from dokuei.kit.db import facility_isolation


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0001_initial"),
        ("imaging", "0020_search"),
    ]

    operations = [
        migrations.CreateModel(
            name="StoredMetadata",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("instance_count", models.PositiveIntegerField()),
                ("newest_instance_id", models.BigIntegerField()),
                ("store_key", models.CharField(max_length=200)),
                ("store_length", models.BigIntegerField()),
                ("built_at", models.DateTimeField()),
                (
                    "facility",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="identity.facility"),
                ),
                (
                    "series",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="stored_metadata",
                        to="imaging.series",
                    ),
                ),
                (
                    "study",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="stored_metadata",
                        to="imaging.study",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("study", "series"),
                        name="a_study_and_a_series_have_one_metadata",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
        facility_isolation("imaging_storedmetadata"),
    ]
