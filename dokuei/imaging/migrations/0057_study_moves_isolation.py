from django.db import migrations

from dokuei.kit.db import facility_isolation


class Migration(migrations.Migration):
    dependencies = [("imaging", "0056_study_moves"), ("kit", "0003_scope_once_a_statement")]
    operations = [facility_isolation("imaging_studymove")]
