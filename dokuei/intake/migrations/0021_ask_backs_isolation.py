from django.db import migrations

from dokuei.kit.db import facility_isolation

STANDS = """
create function intake_ask_back_stands() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' or old.state <> 'asked' then
        raise exception 'an ask-back that is over never changes, and none is deleted';
    end if;
    if (new.facility_id, new.request_id, new.kind, new.sentence, new.options, new.asked_at, new.due_at)
        is distinct from
       (old.facility_id, old.request_id, old.kind, old.sentence, old.options, old.asked_at, old.due_at) then
        raise exception 'what was asked never changes';
    end if;
    return new;
end $$;
create trigger intake_ask_back_stands before update or delete on intake_askback
    for each row execute function intake_ask_back_stands();
"""
GONE = "drop trigger intake_ask_back_stands on intake_askback; drop function intake_ask_back_stands();"


class Migration(migrations.Migration):
    dependencies = [("intake", "0020_ask_backs"), ("kit", "0003_scope_once_a_statement")]
    operations = [facility_isolation("intake_askback"), migrations.RunSQL(STANDS, GONE)]
