from django.db import migrations

from dokuei.kit.db import facility_isolation

FROZEN = """
create function reporting_frozen_when_signed() returns trigger language plpgsql as $$
declare
    of_report bigint := case when tg_op = 'INSERT' then new.report_id else old.report_id end;
begin
    if exists (select 1 from reporting_report where id = of_report and state = 'final') then
        raise exception 'marks and key images of a signed report never change';
    end if;
    if tg_op = 'DELETE' then
        return old;
    end if;
    return new;
end $$;
create trigger reporting_frozen_when_signed before insert or update or delete on reporting_figure
    for each row execute function reporting_frozen_when_signed();
create trigger reporting_frozen_when_signed before insert or update or delete on reporting_marks
    for each row execute function reporting_frozen_when_signed();
"""


class Migration(migrations.Migration):
    dependencies = [("reporting", "0004_marks_and_key_images"), ("kit", "0003_scope_once_a_statement")]
    operations = [
        facility_isolation("reporting_figure"),
        facility_isolation("reporting_marks"),
        migrations.RunSQL(FROZEN, migrations.RunSQL.noop),
    ]
