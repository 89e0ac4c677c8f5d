"""Matching of person names: one value finds a name in whatever script it is written.

A value is compared with each of the three component groups in their searchable form (`person_name.search_key`):
without case, width, kana form or shape of kanji. Components are compared one by one; those a value leaves out at the
end or leaves empty match anything. So ``ヤマダ`` finds やまだ^たろう, and ``^太郎`` finds 山田^太郎.
A value of several groups (``Yamada=山田``) must match with each of its groups.

Fuzzy (PS3.4 C.2.2.2.1.1 leaves it to the implementation): every word of the value begins some word of one group, in
any order: ``taro yama`` finds Yamada^Tarou.
"""

from collections.abc import Sequence

from django.db.models import Q

from dokuei.dicom.person_name import search_key
from dokuei.imaging.search.lookups import has_wild, wild


def name_matches(columns: Sequence[str], value: str, *, is_fuzzy: bool = False) -> Q:
    """Whether a name matches; `columns` hold the searchable forms of its three groups."""
    found = Q()
    for group in value.split("=", 3)[:3]:
        key = search_key(group)
        if not key.strip("*^"):
            continue
        either = Q()
        for column in columns:
            either |= _fuzzy(column, key) if is_fuzzy else _component_wise(column, key)
        found &= either
    return found


def _component_wise(column: str, key: str) -> Q:
    pattern = "^".join(part or "*" for part in key.split("^"))
    if not has_wild(pattern):
        return Q(**{column: pattern}) | Q(**{f"{column}__begins": pattern + "^"})
    if pattern.endswith("*"):
        return wild(column, pattern)
    return wild(column, pattern) | wild(column, pattern + "^*")


def _fuzzy(column: str, key: str) -> Q:
    found = Q()
    for word in key.replace("*", "^").split("^"):
        if word:
            found &= wild(column, word + "*") | wild(column, f"*^{word}*")
    return found
