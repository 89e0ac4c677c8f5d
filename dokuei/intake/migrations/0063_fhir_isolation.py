from django.db import migrations

from dokuei.kit.db import facility_isolation

STANDS = """
create function intake_fhir_submission_stands() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' then
        raise exception 'nothing that was sent is deleted';
    end if;
    if (new.facility_id, new.sender, new.act, new.raw, new.sha256, new.received_at)
        is distinct from (old.facility_id, old.sender, old.act, old.raw, old.sha256, old.received_at) then
        raise exception 'what was sent never changes';
    end if;
    return new;
end $$;
create trigger intake_fhir_submission_stands before update or delete on intake_fhirsubmission
    for each row execute function intake_fhir_submission_stands();
"""
GONE = """
drop trigger intake_fhir_submission_stands on intake_fhirsubmission;
drop function intake_fhir_submission_stands();
"""


class Migration(migrations.Migration):
    dependencies = [("intake", "0062_fhir"), ("kit", "0003_scope_once_a_statement")]
    operations = [facility_isolation("intake_fhirsubmission"), migrations.RunSQL(STANDS, GONE)]
