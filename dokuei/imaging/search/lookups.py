"""Comparisons that an index may answer although rows are guarded.

Under row-level security PostgreSQL uses an index only for conditions whose operators are leak-proof. LIKE, regular
expressions, array and JSON operators are not; equality and the byte-wise ``~>=~`` and ``~<~`` of the pattern operator
classes are. So a prefix is a range here, and anything else narrows what a leak-proof condition found.
"""

from typing import Any

from django.db.models import CharField, F, Func, IntegerField, Lookup, Q, TextField, Value

LAST = "\U0010ffff"
"""Sorts after everything else, byte by byte."""


@CharField.register_lookup
@TextField.register_lookup
class BeginsWith(Lookup):
    """``column__begins="X"``: the values that begin with X, exactly as written."""

    lookup_name = "begins"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[str | int, ...]]:
        left, given = self.process_lhs(compiler, connection)
        prefix = str(self.rhs)
        sql = f"({left} ~>=~ %s and {left} ~<~ %s)"
        return sql, (*given, prefix, *given, prefix + LAST)


@CharField.register_lookup
@TextField.register_lookup
class Like(Lookup):
    """``column__like="a%b_"``: an SQL pattern as it is; whoever calls has escaped what is no wild card."""

    lookup_name = "like"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[str | int, ...]]:
        left, given = self.process_lhs(compiler, connection)
        return f"{left} like %s", (*given, str(self.rhs))


def name_key(column: str, group: int) -> Func:
    """The searchable form of a name group of a column that keeps the DICOM form; computed, not indexed."""
    return Func(
        F(column),
        Value(group, output_field=IntegerField()),
        function="dokuei_name_key",
        output_field=TextField(),
    )


def escaped(text: str) -> str:
    """Text in which nothing is a wild card of LIKE."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def like_pattern(text: str) -> str:
    """A DICOM wild card pattern (PS3.4 C.2.2.2.4) as one of LIKE.

    >>> like_pattern("50%*_?")
    '50\\\\%%\\\\__'
    """
    return escaped(text).replace("*", "%").replace("?", "_")


def wild(column: str, pattern: str) -> Q:
    """Values that match a pattern with ``*`` and ``?``; what stands before the first of them is a range."""
    first = min(n for n, one in enumerate(pattern) if one in "*?")
    found = Q(**{f"{column}__begins": pattern[:first]}) if first else Q()
    if pattern[first:].strip("*"):
        found &= Q(**{f"{column}__like": like_pattern(pattern)})
    return found or Q(**{f"{column}__isnull": False})  # an empty Q would vanish from an "or"


def has_wild(text: str) -> bool:
    return "*" in text or "?" in text
