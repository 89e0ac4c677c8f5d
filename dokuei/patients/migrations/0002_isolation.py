from django.db import migrations

from dokuei.kit.db import facility_isolation


class Migration(migrations.Migration):
    dependencies = [("patients", "0001_initial"), ("kit", "0001_initial")]
    operations = [facility_isolation("patients_patient"), facility_isolation("patients_sighting")]
