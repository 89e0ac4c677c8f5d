from django.db import migrations

from dokuei.kit.db import facility_isolation


class Migration(migrations.Migration):
    dependencies = [("intake", "0001_initial"), ("kit", "0001_initial")]
    operations = [
        facility_isolation("intake_request"),
        facility_isolation("intake_requeststudy"),
        facility_isolation("intake_requestversion"),
    ]
