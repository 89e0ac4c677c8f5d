from django.db import migrations

from dokuei.kit.db import facility_isolation


class Migration(migrations.Migration):
    dependencies = [("worklist", "0001_initial"), ("kit", "0001_initial")]
    operations = [
        facility_isolation("worklist_reading"),
        facility_isolation("worklist_clockmark"),
    ]
