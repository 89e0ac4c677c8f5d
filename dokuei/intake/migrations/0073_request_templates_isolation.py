from django.db import migrations

from dokuei.kit.db import facility_isolation


class Migration(migrations.Migration):
    dependencies = [("intake", "0072_request_templates"), ("kit", "0003_scope_once_a_statement")]
    operations = [facility_isolation("intake_requesttemplate")]
