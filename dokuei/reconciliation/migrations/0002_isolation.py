from django.db import migrations

from dokuei.kit.db import facility_isolation

NIGHTS = """
insert into reconciliation_night (facility_id, next_at, since)
select id, now(), (now() at time zone 'Asia/Tokyo')::date from identity_facility;
"""
STANDS = """
create function reconciliation_certificate_stands() returns trigger language plpgsql as $$
begin
    raise exception 'a certificate never changes, and none is deleted';
end $$;
create trigger reconciliation_certificate_stands before update or delete on reconciliation_certificate
    for each row execute function reconciliation_certificate_stands();
"""
GONE = """
drop trigger reconciliation_certificate_stands on reconciliation_certificate;
drop function reconciliation_certificate_stands();
"""


class Migration(migrations.Migration):
    dependencies = [("reconciliation", "0001_initial"), ("kit", "0003_scope_once_a_statement")]
    operations = [
        migrations.RunSQL(NIGHTS, migrations.RunSQL.noop),
        *(
            facility_isolation(f"reconciliation_{table}")
            for table in ("night", "certificate", "handover", "explanation")
        ),
        migrations.RunSQL(STANDS, GONE),
    ]
