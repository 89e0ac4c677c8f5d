from django.db import migrations

from dokuei.kit.db import facility_isolation, in_scope

RULE = f"{in_scope('facility_id')} or {in_scope('other_facility_id')}"
BOTH = f"""
alter table priors_patientlink enable row level security;
alter table priors_patientlink force row level security;
create policy facility_isolation on priors_patientlink using ({RULE}) with check ({RULE});
"""
"""A link is seen by both facilities; what it shows is not."""


class Migration(migrations.Migration):
    dependencies = [("priors", "0003_elsewhere"), ("kit", "0003_scope_once_a_statement")]

    operations = [
        facility_isolation("priors_sharingchoice"),
        migrations.RunSQL(
            BOTH,
            "drop policy facility_isolation on priors_patientlink;"
            "alter table priors_patientlink disable row level security",
        ),
    ]
