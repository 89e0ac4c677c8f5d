from django.db import migrations

ONCE = r"""
create or replace function dokuei_is_system() returns boolean language sql stable parallel safe as $$
    select coalesce(current_setting('app.system', true), '') <> ''
$$;
create or replace function dokuei_facilities() returns bigint[] language sql stable parallel safe as $$
    select coalesce(nullif(current_setting('app.facilities', true), ''), '{}')::bigint[]
$$;
do $do$
declare
    old record;
    call constant text := 'dokuei_in_scope\((\w+)\)';
    rule constant text := '((select dokuei_is_system()) or \1 = any ((select dokuei_facilities())::bigint[]))';
begin
    for old in select * from pg_policies where coalesce(qual, '') || coalesce(with_check, '') ~ call
    loop
        execute format('alter policy %I on %I.%I', old.policyname, old.schemaname, old.tablename)
            || coalesce(' using (' || regexp_replace(old.qual, call, rule, 'g') || ')', '')
            || coalesce(' with check (' || regexp_replace(old.with_check, call, rule, 'g') || ')', '');
    end loop;
end
$do$;
"""
"""Policies made before ask the settings for every row; from now on once a statement."""


class Migration(migrations.Migration):
    dependencies = [("kit", "0002_cache")]

    operations = [migrations.RunSQL(ONCE, migrations.RunSQL.noop)]
