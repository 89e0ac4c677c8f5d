from django.db import migrations

from dokuei.kit.db import facility_isolation

FLAT = """
create function patients_family_is_flat() returns trigger language plpgsql as $$
declare head record;
begin
    if new.merged_into_id is null then
        return new;
    end if;
    select facility_id, merged_into_id into head from patients_patient where id = new.merged_into_id
        for no key update;
    if head.facility_id is distinct from new.facility_id then
        raise exception 'a patient is merged within their facility' using errcode = '23514';
    end if;
    if head.merged_into_id is not null
        or exists (select from patients_patient where merged_into_id = new.id) then
        raise exception 'a family of patients has no chains' using errcode = '23514';
    end if;
    return new;
end $$;
create trigger a_family_of_patients_has_no_chains before insert or update of merged_into_id on patients_patient
    for each row execute function patients_family_is_flat();
"""
"""The row that stays is locked before it is looked at, so that of two merges that make a chain one is refused."""


class Migration(migrations.Migration):
    dependencies = [("patients", "0060_mending"), ("kit", "0003_scope_once_a_statement")]

    operations = [
        facility_isolation("patients_correction"),
        facility_isolation("patients_patientmerge"),
        migrations.RunSQL(
            FLAT,
            "drop trigger a_family_of_patients_has_no_chains on patients_patient;"
            "drop function patients_family_is_flat()",
        ),
    ]
