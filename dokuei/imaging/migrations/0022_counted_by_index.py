import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0001_initial"),
        ("imaging", "0021_stored_metadata"),
    ]

    operations = [
        migrations.AlterField(
            model_name="instance",
            name="series",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="instances",
                to="imaging.series",
            ),
        ),
        migrations.AlterField(
            model_name="instance",
            name="study",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="instances",
                to="imaging.study",
            ),
        ),
        migrations.AddIndex(
            model_name="instance",
            index=models.Index(fields=["study", "facility", "id"], name="imaging_instance_study"),
        ),
        migrations.AddIndex(
            model_name="instance",
            index=models.Index(fields=["series", "facility", "id"], name="imaging_instance_series"),
        ),
    ]
