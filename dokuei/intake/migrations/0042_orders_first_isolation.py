from django.db import migrations

from dokuei.kit.db import facility_isolation


class Migration(migrations.Migration):
    dependencies = [("intake", "0041_orders_first"), ("kit", "0003_scope_once_a_statement")]
    operations = [
        facility_isolation("intake_placedorder"),
        facility_isolation("intake_linkcase"),
        facility_isolation("intake_pairdecision"),
    ]
