from django.db import migrations

CACHE = """
create table kit_cache (
    cache_key varchar(255) primary key, value text not null, expires timestamptz not null
);
create index kit_cache_expires on kit_cache (expires);
"""


class Migration(migrations.Migration):
    dependencies = [("kit", "0001_initial")]
    operations = [migrations.RunSQL(CACHE, "drop table kit_cache")]
