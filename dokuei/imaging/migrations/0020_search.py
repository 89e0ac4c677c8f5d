from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0001_initial"),
        ("imaging", "0003_segments"),
        ("patients", "0020_name_keys"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="study",
            name="imaging_study_accession",
        ),
        migrations.AddField(
            model_name="instance",
            name="acquired_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="instance",
            name="bits_allocated",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="series",
            name="performed_on",
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name="series",
            name="performed_time",
            field=models.TimeField(null=True),
        ),
        migrations.AddField(
            model_name="series",
            name="request_attributes",
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name="study",
            name="referring_physician",
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AddField(
            model_name="study",
            name="study_time",
            field=models.TimeField(null=True),
        ),
        migrations.AddField(
            model_name="study",
            name="utc_offset",
            field=models.CharField(blank=True, max_length=5),
        ),
        migrations.AddIndex(
            model_name="series",
            index=models.Index(fields=["facility", "series_instance_uid"], name="imaging_series_uid"),
        ),
        migrations.AddIndex(
            model_name="study",
            index=models.Index(
                fields=["facility", "accession_number"],
                name="imaging_study_accession",
                opclasses=["int8_ops", "varchar_pattern_ops"],
            ),
        ),
        migrations.AddIndex(
            model_name="study",
            index=models.Index(fields=["facility", "study_on", "study_time"], name="imaging_study_day"),
        ),
        migrations.AddIndex(
            model_name="study",
            index=models.Index(
                models.F("facility"),
                models.OrderBy(models.F("study_at"), descending=True, nulls_last=True),
                models.OrderBy(models.F("id"), descending=True),
                name="imaging_study_newest",
            ),
        ),
        migrations.AddIndex(
            model_name="study",
            index=models.Index(
                models.OrderBy(models.F("study_at"), descending=True, nulls_last=True),
                models.OrderBy(models.F("id"), descending=True),
                name="imaging_study_newest_of_all",
            ),
        ),
        migrations.AddIndex(
            model_name="study",
            index=models.Index(fields=["-last_received_at", "-id"], name="imaging_study_arrivals"),
        ),
        migrations.AddIndex(
            model_name="study",
            index=models.Index(fields=["study_instance_uid"], name="imaging_study_uid"),
        ),
    ]
