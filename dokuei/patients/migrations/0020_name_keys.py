from django.db import migrations, models
from django.db.models import Func, Value

FOLD = """
create function dokuei_fold(value text) returns text
language sql immutable strict parallel safe as $$
    select translate(
        lower(replace(
            regexp_replace(normalize(value, NFKC), '[\\uFE00-\\uFE0F\\U000E0100-\\U000E01EF]', '', 'g'), 'İ', 'i'
        )),
        'ぁあぃいぅうぇえぉおかがきぎくぐけげこごさざしじすずせぜそぞただちぢっつづてでとどなにぬねのはばぱひびぴふぶぷへべぺほぼぽまみむめもゃやゅゆょよらりるれろゎわゐゑをんゔゕゖゝゞ髙﨑𠮷邊邉齋齊濱濵嶋嶌德桒栁冨ς',
        'ァアィイゥウェエォオカガキギクグケゲコゴサザシジスズセゼソゾタダチヂッツヅテデトドナニヌネノハバパヒビピフブプヘベペホボポマミムメモャヤュユョヨラリルレロヮワヰヱヲンヴヵヶヽヾ高崎吉辺辺斎斉浜浜島島徳桑柳富σ'
    )
$$;
create function dokuei_name_key(name text, name_group integer) returns text
language sql immutable strict parallel safe as $$
    select left(rtrim(regexp_replace(regexp_replace(
        btrim(dokuei_fold(split_part(name, '=', name_group)), ' '), ' *\\^ *', '^', 'g'), ' +', '^', 'g'
    ), '^'), 400)
$$;
"""
UNFOLD = "drop function dokuei_name_key(text, integer); drop function dokuei_fold(text);"


def key(group):
    return models.GeneratedField(
        db_persist=True,
        expression=Func(models.F("name_raw"), Value(group), function="dokuei_name_key"),
        output_field=models.CharField(max_length=400),
    )


def by(name, column):
    return migrations.AddIndex(
        model_name="patient",
        index=models.Index(
            fields=["facility", column],
            name=f"patients_{name}",
            opclasses=["int8_ops", "varchar_pattern_ops"],
        ),
    )


class Migration(migrations.Migration):
    dependencies = [("patients", "0002_isolation")]
    operations = [
        migrations.RunSQL(FOLD, UNFOLD),
        migrations.AddField("patient", "key_alphabetic", key(1)),
        migrations.AddField("patient", "key_ideographic", key(2)),
        migrations.AddField("patient", "key_phonetic", key(3)),
        by("id", "patient_id"),
        by("alphabetic", "key_alphabetic"),
        by("ideographic", "key_ideographic"),
        by("phonetic", "key_phonetic"),
    ]
