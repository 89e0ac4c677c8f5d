from django.db import migrations

from dokuei.kit.db import facility_isolation

STANDS = """
create function intake_hl7_message_stands() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' then
        raise exception 'no received message is deleted';
    end if;
    if (new.facility_id, new.connection_id, new.raw, new.sha256, new.received_at)
        is distinct from (old.facility_id, old.connection_id, old.raw, old.sha256, old.received_at) then
        raise exception 'what was received never changes';
    end if;
    return new;
end $$;
create trigger intake_hl7_message_stands before update or delete on intake_hl7message
    for each row execute function intake_hl7_message_stands();
"""
GONE = """
drop trigger intake_hl7_message_stands on intake_hl7message;
drop function intake_hl7_message_stands();
"""


class Migration(migrations.Migration):
    dependencies = [("intake", "0060_hl7"), ("kit", "0003_scope_once_a_statement")]
    operations = [
        facility_isolation("intake_hl7connection"),
        facility_isolation("intake_hl7message"),
        migrations.RunSQL(STANDS, GONE),
    ]
