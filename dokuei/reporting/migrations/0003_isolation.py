from django.db import migrations

from dokuei.kit.db import facility_isolation

FOREVER = """
create function reporting_version_forever() returns trigger language plpgsql as $$
begin
    raise exception 'a signed report version never changes';
end $$;
create trigger reporting_version_forever before update or delete or truncate on reporting_reportversion
    for each statement execute function reporting_version_forever();
"""


class Migration(migrations.Migration):
    dependencies = [("reporting", "0002_initial"), ("kit", "0001_initial")]
    operations = [
        facility_isolation("reporting_report"),
        facility_isolation("reporting_reportversion"),
        migrations.RunSQL(FOREVER, migrations.RunSQL.noop),
    ]
