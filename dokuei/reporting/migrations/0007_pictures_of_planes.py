from django.db import migrations, models


class Migration(migrations.Migration):
    """Key images of reformatted planes leave as pictures."""

    dependencies = [("reporting", "0006_exports")]

    operations = [
        migrations.RemoveConstraint(
            model_name="exportedobject", name="an_exported_object_is_of_a_known_kind"
        ),
        migrations.AddConstraint(
            model_name="exportedobject",
            constraint=models.CheckConstraint(
                name="an_exported_object_is_of_a_known_kind",
                condition=models.Q(kind__in=["figure", "capture", "marks", "keys", "report"]),
            ),
        ),
    ]
