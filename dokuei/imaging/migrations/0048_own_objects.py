import django.db.models.deletion
from django.db import migrations, models

from dokuei.kit.db import facility_isolation


class Migration(migrations.Migration):
    dependencies = [
        ("kit", "0003_scope_once_a_statement"),
        ("identity", "0002_personpreferences"),
        ("imaging", "0047_hangingprotocol"),
    ]

    operations = [
        migrations.CreateModel(
            name="Made",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("series_instance_uid", models.CharField(max_length=64)),
                ("sop_instance_uid", models.CharField(max_length=64)),
                ("promised_at", models.DateTimeField()),
                (
                    "facility",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="identity.facility"),
                ),
                (
                    "instance",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="made",
                        to="imaging.instance",
                    ),
                ),
                (
                    "study",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="made", to="imaging.study"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("facility", "sop_instance_uid"), name="an_own_object_is_promised_once"
                    )
                ],
            },
        ),
        facility_isolation("imaging_made"),
    ]
