"""The name key finds its helper by its full name, since a restore of a dump runs without a search path."""

from django.db import migrations

NAME_KEY = """
create or replace function dokuei_name_key(name text, name_group integer) returns text
language sql immutable strict parallel safe as $$
    select left(rtrim(regexp_replace(regexp_replace(
        btrim({fold}(split_part(name, '=', name_group)), ' '), ' *\\^ *', '^', 'g'), ' +', '^', 'g'
    ), '^'), 400)
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("patients", "0020_name_keys")]
    operations = [
        migrations.RunSQL(
            NAME_KEY.replace("{fold}", "public.dokuei_fold"), NAME_KEY.replace("{fold}", "dokuei_fold")
        )
    ]
