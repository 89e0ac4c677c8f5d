from django.db import migrations

from dokuei.kit.db import facility_isolation


class Migration(migrations.Migration):
    dependencies = [("imaging", "0001_initial"), ("kit", "0001_initial")]
    operations = [
        facility_isolation("imaging_applicationentity"),
        facility_isolation("imaging_study"),
        facility_isolation("imaging_series"),
        facility_isolation("imaging_instance"),
        facility_isolation("imaging_quarantined"),
        facility_isolation("imaging_studygrant"),
    ]
