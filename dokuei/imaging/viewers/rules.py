"""What an address of another viewer may look like, how it is filled in, and what a launch goes through.

No database, no clock, no network.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address
from urllib.parse import parse_qsl, quote, quote_plus, urlsplit

from dokuei.base.errors import Refusal


class Encoding(StrEnum):
    """How a value is written into the address."""

    PERCENT = "percent"  # RFC 3986, everywhere
    PLUS = "plus"  # as a form does it, in the query only: a space is +
    TWICE = "twice"  # inside a command that is itself percent-encoded, as custom schemes have


class State(StrEnum):
    OPENED = "opened"
    CONFIRMED = "confirmed"
    DIFFERS = "differs"
    CLOSED = "closed"
    REPLACED = "replaced"


class Act(StrEnum):
    CONFIRM = "confirm"  # the viewer says that it shows this patient
    DIFFER = "differ"  # … another one
    EMPTY = "empty"  # … nothing any more
    CLEAR = "clear"  # the person says that it is closed
    REPLACE = "replace"  # the same person opened another study in it


S, A = State, Act
LIFECYCLE: dict[tuple[State, Act], State] = {
    (S.OPENED, A.CONFIRM): S.CONFIRMED,
    (S.OPENED, A.DIFFER): S.DIFFERS,
    (S.OPENED, A.EMPTY): S.CLOSED,
    (S.OPENED, A.CLEAR): S.CLOSED,
    (S.OPENED, A.REPLACE): S.REPLACED,
    (S.CONFIRMED, A.CONFIRM): S.CONFIRMED,
    (S.CONFIRMED, A.DIFFER): S.DIFFERS,
    (S.CONFIRMED, A.EMPTY): S.CLOSED,
    (S.CONFIRMED, A.CLEAR): S.CLOSED,
    (S.CONFIRMED, A.REPLACE): S.REPLACED,
    # Only a person ends this: a viewer that is right again may have been wrong for as long as a sentence took.
    (S.DIFFERS, A.CONFIRM): S.DIFFERS,
    (S.DIFFERS, A.DIFFER): S.DIFFERS,
    (S.DIFFERS, A.EMPTY): S.DIFFERS,
    (S.DIFFERS, A.CLEAR): S.CLOSED,
    # One that was said to be closed and still speaks is heard.
    (S.CLOSED, A.CONFIRM): S.CONFIRMED,
    (S.CLOSED, A.DIFFER): S.DIFFERS,
    (S.CLOSED, A.EMPTY): S.CLOSED,
    (S.CLOSED, A.REPLACE): S.REPLACED,
}
HEARD = frozenset({S.OPENED, S.CONFIRMED, S.DIFFERS, S.CLOSED})
"""States in which a viewer is still listened to."""

PLACEHOLDERS = frozenset(
    {"study_instance_uid", "accession_number", "patient_id", "issuer", "facility", "aet", "context"}
)
NAMING = frozenset({"accession_number", "patient_id", "issuer"})
"""What points at a person by itself; it stands in an address only if the administrator says so."""
CHOOSING = frozenset({"study_instance_uid", "accession_number", "context"})
"""Without one of these every study would have the same address."""
NEVER = frozenset(
    {
        "about", "blob", "chrome", "data", "devtools", "edge", "file", "filesystem", "ftp", "jar", "javascript",
        "mailto", "ms-msdt", "resource", "search-ms", "tel", "vbscript", "view-source", "ws", "wss",
    }
)  # fmt: skip
"""Schemes that act on this page or machine, or open no viewer, whoever lists them."""
SECRETS = frozenset(
    {
        "access_token", "api_key", "apikey", "auth", "authorization", "key", "pass", "passwd", "password", "pwd",
        "secret", "session", "sid", "token",
    }
)  # fmt: skip
TEMPLATE_MOST, URL_MOST, VALUE_MOST = 2000, 4000, 256
SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:")
NAMED = re.compile(r"\{([^{}]*)\}")
PLAIN = re.compile(r"[!#-&(-;=?-\[\]_a-z{}~]+")
"""Printable ASCII without space, quotation marks, < > \\ ^ ` and |."""


class TemplateRefusal(Refusal):
    """Why an address template is not taken."""

    ILLEGAL = "viewer.illegal", "URLテンプレートは空白・改行・引用符を含まない半角文字で入力してください。"
    SCHEME = (
        "viewer.scheme",
        "このURLの種類は使えません。https:// を使うか、専用の種類を設定 viewer_schemes に登録してください。",
    )
    HOST = "viewer.host", "URLテンプレートのホスト名は固定の文字で入力してください。"
    OWN_HOST = (
        "viewer.own_host",
        "読影システムと同じホスト名は使えません（サインインの情報が送られます）。別のホスト名で登録してください。",
    )
    CREDENTIALS = "viewer.credentials", "URLテンプレートに利用者名・パスワード・鍵を入れないでください。"
    PLACEHOLDER = "viewer.placeholder", "使えない差し込み項目があります。"
    NO_STUDY = (
        "viewer.no_study",
        "検査を特定する差し込み項目（{study_instance_uid} など）を入れてください。",
    )
    NAMES_PATIENT = (
        "viewer.names_patient",
        "患者ID・受付番号をURLに入れるには「患者を特定する番号をURLに入れる」を選んでください。",
    )
    ENCODING = "viewer.encoding", "「+」の書き方は「?」より後ろの差し込み項目にだけ使えます。"


class LaunchRefusal(Refusal):
    """Why a study is not opened in another viewer."""

    EMPTY = "launch.empty", "この検査には、ビューアのURLに必要な番号がありません。"
    VALUE = "launch.value", "この検査の番号は、ビューアのURLに安全に入れられません。"
    CHANGED = "launch.changed", "ビューアの状態が変わりました。表示を確かめてからやり直してください。"
    NOT_OPEN = "launch.not_open", "このビューアの起動は終わっています。"


def why_not_template(
    template: str, *, encoding: Encoding, may_name_patient: bool, schemes: Collection[str], own_host: str = ""
) -> TemplateRefusal | None:
    """The first reason not to take a template, or None.

    >>> why_not_template("https://v.test/?s={study_instance_uid}", encoding=Encoding.PERCENT,
    ...     may_name_patient=False, schemes=())
    >>> why_not_template("javascript:alert({study_instance_uid})", encoding=Encoding.PERCENT,
    ...     may_name_patient=False, schemes=("javascript",)).value
    'viewer.scheme'
    """
    if len(template) > TEMPLATE_MOST or not PLAIN.fullmatch(template):
        return TemplateRefusal.ILLEGAL
    names = NAMED.findall(template)
    bare = NAMED.sub("", template)
    if set(names) - PLACEHOLDERS or "{" in bare or "}" in bare:
        return TemplateRefusal.PLACEHOLDER
    return (
        _why_not_address(template, schemes, own_host)
        or (None if CHOOSING & set(names) else TemplateRefusal.NO_STUDY)
        or (TemplateRefusal.NAMES_PATIENT if NAMING & set(names) and not may_name_patient else None)
        or (TemplateRefusal.ENCODING if encoding is Encoding.PLUS and _before_query(template) else None)
    )


def _why_not_address(template: str, schemes: Collection[str], own_host: str) -> TemplateRefusal | None:
    found = SCHEME.match(template.lower())
    scheme = found[0][:-1] if found else ""
    if not scheme or scheme in NEVER:
        return TemplateRefusal.SCHEME
    try:
        parts = urlsplit(template)
        host, has_user = parts.hostname or "", "@" in parts.netloc
        _ = parts.port
    except ValueError:
        return TemplateRefusal.HOST
    is_web = scheme in {"http", "https"}
    if is_web and (not template.lower().startswith(f"{scheme}://") or not host or "%" in host):
        return TemplateRefusal.HOST
    if not (scheme == "https" or scheme in schemes or (is_web and is_here(host))):
        return TemplateRefusal.SCHEME
    # Cookies know no ports: at another port of the hub's own host a viewer would be sent the session.
    said = {
        TemplateRefusal.HOST: "{" in parts.netloc,
        TemplateRefusal.OWN_HOST: bool(host) and host.rstrip(".") == own_host.lower(),
        TemplateRefusal.CREDENTIALS: has_user or _holds_secret(parts.query, parts.fragment),
    }
    return next((refusal for refusal, is_so in said.items() if is_so), None)


def _holds_secret(*places: str) -> bool:
    """Whether a written value stands under a name that keys have; a placeholder there is the viewer's own affair."""
    pairs = [pair for place in places for pair in parse_qsl(place.rpartition("?")[2], keep_blank_values=True)]
    return any(name.lower() in SECRETS and value and not NAMED.fullmatch(value) for name, value in pairs)


def _before_query(template: str) -> bool:
    return bool(NAMED.search(template.partition("?")[0]))


def is_here(host: str) -> bool:
    """Whether a host is the reader's own machine, to which plain http goes over no line."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def placeholders_of(template: str) -> frozenset[str]:
    return frozenset(NAMED.findall(template))


def host_of(template: str) -> str:
    """What a person is told of where it goes: the host, or the scheme where there is none."""
    parts = urlsplit(template)
    return parts.netloc if parts.scheme in {"http", "https"} else f"{parts.scheme}:"


def why_not_values(template: str, values: Mapping[str, str]) -> LaunchRefusal | None:
    """The first reason why these values do not go into this template, or None."""
    for name in NAMED.findall(template):
        value = values.get(name, "")
        if not value:
            return LaunchRefusal.EMPTY
        # A name of dots alone is a step through folders, however it is written.
        if len(value) > VALUE_MOST or not value.isprintable() or not value.strip("."):
            return LaunchRefusal.VALUE
    return LaunchRefusal.VALUE if len(_filled(template, Encoding.TWICE, values)) > URL_MOST else None


def address(template: str, encoding: Encoding, values: Mapping[str, str]) -> str:
    """The address of one study; only what `why_not_values` let pass.

    >>> address("https://v.test/{patient_id}?s={study_instance_uid}", Encoding.PERCENT,
    ...     {"patient_id": "a/b", "study_instance_uid": "1.2&x"})
    'https://v.test/a%2Fb?s=1.2%26x'
    """
    return _filled(template, encoding, values)


def _filled(template: str, encoding: Encoding, values: Mapping[str, str]) -> str:
    return NAMED.sub(lambda found: _encoded(values.get(found[1], ""), encoding), template)


def _encoded(value: str, encoding: Encoding) -> str:
    if encoding is Encoding.PLUS:
        return quote_plus(value)
    once = quote(value, safe="")
    return quote(once, safe="") if encoding is Encoding.TWICE else once


@dataclass(frozen=True)
class Context:
    """Whose pictures stand somewhere: on the reader's screen, in the hub, in a viewer."""

    patient_id: str
    study_instance_uid: str
    accession_number: str = ""


DIFFERS = ("patient", "study", "accession")


def differing(one: Context, other: Context) -> list[str]:
    """In what two of them do not agree."""
    said = {
        "patient": one.patient_id.strip() != other.patient_id.strip(),
        "study": one.study_instance_uid.strip() != other.study_instance_uid.strip(),
        "accession": one.accession_number.strip() != other.accession_number.strip(),
    }
    return [name for name in DIFFERS if said[name]]


def shown_differs(launched: Context, shown: Context, same_patient: Iterable[str]) -> list[str]:
    """In what a viewer shows something else than it was opened for.

    An earlier study of the same patient, known to the hub, is a comparison and no mistake. An accession number is
    compared only if the viewer says one of the very study.
    """
    is_same_study = launched.study_instance_uid == shown.study_instance_uid.strip()
    is_theirs = shown.study_instance_uid.strip() in set(same_patient)
    told = Context(
        shown.patient_id,
        launched.study_instance_uid if is_theirs else shown.study_instance_uid,
        shown.accession_number if is_same_study and shown.accession_number else launched.accession_number,
    )
    return differing(launched, told)


def act_of(shown: Context | None, differs: Collection[str]) -> Act:
    """What a viewer's word does to its launch."""
    if shown is None:
        return Act.EMPTY
    return Act.DIFFER if differs else Act.CONFIRM
