from django.db import migrations

from dokuei.kit.db import facility_isolation


class Migration(migrations.Migration):
    dependencies = [("delivery", "0002_initial"), ("kit", "0001_initial")]
    operations = [
        facility_isolation("delivery_delivery"),
        facility_isolation("delivery_confirmation"),
    ]
