from django.db import migrations, models

IN_SCOPE = """
create function dokuei_in_scope(facility bigint) returns boolean language sql stable parallel safe as $$
    select coalesce(current_setting('app.system', true), '') <> ''
        or facility = any (coalesce(nullif(current_setting('app.facilities', true), ''), '{}')::bigint[])
$$;
create function dokuei_is_system() returns boolean language sql stable parallel safe as $$
    select coalesce(current_setting('app.system', true), '') <> ''
$$;
create function dokuei_facilities() returns bigint[] language sql stable parallel safe as $$
    select coalesce(nullif(current_setting('app.facilities', true), ''), '{}')::bigint[]
$$;
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = []

    operations = [
        migrations.RunSQL(
            IN_SCOPE, "drop function dokuei_in_scope(bigint), dokuei_is_system(), dokuei_facilities()"
        ),
        migrations.CreateModel(
            name="Beat",
            fields=[
                ("name", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
            ],
        ),
    ]
