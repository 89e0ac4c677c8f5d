import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("identity", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Patient",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("issuer", models.CharField(blank=True, max_length=64)),
                ("patient_id", models.CharField(blank=True, max_length=64)),
                ("placeholder", models.CharField(blank=True, max_length=64)),
                ("name_kanji", models.CharField(blank=True, max_length=64)),
                ("name_kana", models.CharField(blank=True, max_length=64)),
                ("name_romaji", models.CharField(blank=True, max_length=64)),
                ("name_raw", models.CharField(blank=True, max_length=200)),
                ("birth_date", models.DateField(null=True)),
                ("sex", models.CharField(blank=True, max_length=1)),
                ("created_at", models.DateTimeField()),
                (
                    "facility",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="identity.facility"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Sighting",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name_raw", models.CharField(blank=True, max_length=200)),
                ("birth_date", models.DateField(null=True)),
                ("sex", models.CharField(blank=True, max_length=1)),
                (
                    "contradicts",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=20), default=list, size=None
                    ),
                ),
                ("seen_at", models.DateTimeField()),
                (
                    "facility",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="identity.facility"),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sightings",
                        to="patients.patient",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="patient",
            constraint=models.UniqueConstraint(
                fields=("facility", "issuer", "patient_id", "placeholder"),
                name="a_patient_id_is_one_patient_of_a_facility",
            ),
        ),
        migrations.AddConstraint(
            model_name="patient",
            constraint=models.CheckConstraint(
                condition=models.Q(("patient_id", ""), ("placeholder", ""), _connector="XOR"),
                name="a_patient_without_an_id_is_a_placeholder",
            ),
        ),
        migrations.AddConstraint(
            model_name="patient",
            constraint=models.CheckConstraint(
                condition=models.Q(("sex__in", ["", "M", "F", "O"])), name="a_patients_sex_is_a_dicom_code"
            ),
        ),
        migrations.AddConstraint(
            model_name="sighting",
            constraint=models.UniqueConstraint(
                fields=("patient", "name_raw", "birth_date", "sex"),
                name="an_identity_is_noted_once",
                nulls_distinct=False,
            ),
        ),
    ]
