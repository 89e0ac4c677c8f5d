from django.db import migrations

CHAIN = """
insert into audit_head (one, seq, sha256) values (true, 0, repeat('0', 64));

create function audit_seal() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
declare
    head audit_head%rowtype;
    fresh text;
begin
    select * into strict head from audit_head where one for update;
    fresh := encode(sha256(convert_to((head.seq + 1)::text || '|' || head.sha256 || '|' || new.body, 'UTF8')), 'hex');
    insert into audit_link (seq, entry_id, previous, sha256) values (head.seq + 1, new.id, head.sha256, fresh);
    update audit_head set seq = head.seq + 1, sha256 = fresh where one;
    return null;
end $$;

create constraint trigger audit_seal after insert on audit_entry
    deferrable initially deferred for each row execute function audit_seal();

create function audit_forever() returns trigger language plpgsql as $$
begin
    raise exception 'the audit trail is append-only';
end $$;
create trigger audit_forever before update or delete or truncate on audit_entry
    for each statement execute function audit_forever();
create trigger audit_forever before update or delete or truncate on audit_link
    for each statement execute function audit_forever();

alter table audit_entry enable row level security;
alter table audit_entry force row level security;
create policy audit_insert on audit_entry for insert with check (true);
create policy audit_select on audit_entry for select
    using (facility_id is null or (select dokuei_is_system())
        or facility_id = any ((select dokuei_facilities())::bigint[]));
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial"), ("kit", "0001_initial")]
    operations = [migrations.RunSQL(CHAIN, migrations.RunSQL.noop)]
