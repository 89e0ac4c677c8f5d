from django.db import migrations

from dokuei.kit.db import facility_isolation

STANDS = """
create function intake_paper_stands() returns trigger language plpgsql as $$
begin
    raise exception 'what came on paper and what was written of it never changes';
end $$;
create trigger intake_paper_file_stands before update or delete on intake_paperfile
    for each row execute function intake_paper_stands();
create trigger intake_paper_version_stands before update or delete on intake_paperversion
    for each row execute function intake_paper_stands();
create function intake_paper_stays() returns trigger language plpgsql as $$
begin
    raise exception 'no paper is deleted';
end $$;
create trigger intake_paper_stays before delete on intake_paper
    for each row execute function intake_paper_stays();
"""
GONE = """
drop trigger intake_paper_file_stands on intake_paperfile;
drop trigger intake_paper_version_stands on intake_paperversion;
drop trigger intake_paper_stays on intake_paper;
drop function intake_paper_stands();
drop function intake_paper_stays();
"""


class Migration(migrations.Migration):
    dependencies = [("intake", "0070_papers"), ("kit", "0003_scope_once_a_statement")]
    operations = [
        facility_isolation("intake_paper"),
        facility_isolation("intake_paperfile"),
        facility_isolation("intake_paperversion"),
        migrations.RunSQL(STANDS, GONE),
    ]
