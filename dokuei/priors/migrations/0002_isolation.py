from django.db import migrations

from dokuei.kit.db import facility_isolation


class Migration(migrations.Migration):
    dependencies = [("priors", "0001_initial"), ("kit", "0003_scope_once_a_statement")]
    operations = [
        facility_isolation("priors_priorsearch"),
        facility_isolation("priors_priorcandidate"),
        facility_isolation("priors_priortable"),
    ]
