"""Address templates, how they are filled in, and what a viewer's word does."""

from urllib.parse import unquote, urlsplit

import pytest

from dokuei.imaging.viewers.rules import (
    HEARD,
    LIFECYCLE,
    Act,
    Context,
    Encoding,
    State,
    address,
    differing,
    host_of,
    shown_differs,
    why_not_template,
    why_not_values,
)

UID = "1.2.840.99.1"
GOOD = "https://viewer.test/open?study={study_instance_uid}"


def why(template: str, *schemes: str, names: bool = False, encoding: Encoding = Encoding.PERCENT) -> str:
    found = why_not_template(template, encoding=encoding, may_name_patient=names, schemes=schemes)
    return found.value if found else ""


@pytest.mark.parametrize(
    ("template", "schemes"),
    [
        pytest.param(GOOD, (), id="a query"),
        pytest.param("https://viewer.test:8443/{study_instance_uid}/{aet}", (), id="a path and a port"),
        pytest.param("https://viewer.test/#/s/{study_instance_uid}?c={context}", (), id="a fragment"),
        pytest.param("https://viewer.test/?token={context}", (), id="our own secret under a secret's name"),
        pytest.param("http://127.0.0.1:9000/?s={study_instance_uid}", (), id="plain http on this machine"),
        pytest.param("http://[::1]:9000/?s={study_instance_uid}", (), id="plain http on this machine, IPv6"),
        pytest.param("http://pacs.local/?s={study_instance_uid}", ("http",), id="plain http, listed"),
        pytest.param("weasis:%24dicom%3Ars+-r+{study_instance_uid}", ("weasis",), id="a listed scheme"),
    ],
)
def test_an_address_of_a_viewer_is_taken(template: str, schemes: tuple[str, ...]) -> None:
    assert why(template, *schemes) == ""


@pytest.mark.parametrize(
    ("template", "schemes", "code"),
    [
        pytest.param("javascript:alert('{context}')", ("javascript",), "illegal", id="a script with quotes"),
        pytest.param("javascript:open({context})", ("javascript",), "scheme", id="a script, though listed"),
        pytest.param("JavaScript:open({context})", ("javascript",), "scheme", id="a script in capitals"),
        pytest.param("data:text/html,{context}", ("data",), "scheme", id="a document of its own"),
        pytest.param("vbscript:x({context})", ("vbscript",), "scheme", id="another script"),
        pytest.param("file:///etc/{study_instance_uid}", ("file",), "scheme", id="a file"),
        pytest.param("blob:https://x.test/{context}", ("blob",), "scheme", id="a blob"),
        pytest.param(" javascript:x({context})", (), "illegal", id="a space before"),
        pytest.param("java\nscript:x({context})", (), "illegal", id="a line break within"),
        pytest.param(GOOD + "\r\nSet-Cookie: a=b", (), "illegal", id="a line break and a header"),
        pytest.param(GOOD + "\t", (), "illegal", id="a tab"),
        pytest.param(GOOD + "\x00", (), "illegal", id="a null"),
        pytest.param("https://viewer.test\\@evil.test/{context}", (), "illegal", id="a backslash"),
        pytest.param("https://viewer.test/視/{context}", (), "illegal", id="no ASCII"),
        pytest.param('https://v.test/"{context}', (), "illegal", id="a quotation mark"),
        pytest.param("https://v.test/" + "a" * 2000 + "{context}", (), "illegal", id="too long"),
        pytest.param("weasis:{study_instance_uid}", (), "scheme", id="a scheme nobody listed"),
        pytest.param("http://pacs.local/{study_instance_uid}", (), "scheme", id="plain http over a line"),
        pytest.param("http://127.0.0.1.evil.test/{context}", (), "scheme", id="a name like this machine's"),
        pytest.param("//viewer.test/{context}", (), "scheme", id="no scheme"),
        pytest.param("/viewer/{context}", (), "scheme", id="a path of ours"),
        pytest.param("{context}://viewer.test/", (), "scheme", id="the scheme from a value"),
        pytest.param("https:viewer.test/{context}", (), "host", id="no host"),
        pytest.param("https:///{context}", (), "host", id="an empty host"),
        pytest.param("https://{issuer}.test/{context}", (), "host", id="the host from a value"),
        pytest.param("https://viewer.test:{aet}/{context}", (), "host", id="the port from a value"),
        pytest.param("https://viewer.test:99999/{context}", (), "host", id="a port that is none"),
        pytest.param(
            "https://user:word@viewer.test/{context}", (), "credentials", id="a name and a password"
        ),
        pytest.param("https://user@viewer.test/{context}", (), "credentials", id="a name"),
        pytest.param("https://viewer.test/?password=x&s={context}", (), "credentials", id="a password in it"),
        pytest.param("https://viewer.test/#a?ApiKey=x&s={context}", (), "credentials", id="a key behind #"),
        pytest.param("https://v.test/?s={context!r}", (), "placeholder", id="a way of formatting"),
        pytest.param("https://v.test/?s={context.__class__}", (), "placeholder", id="an attribute"),
        pytest.param("https://v.test/?s={0}", (), "placeholder", id="a number"),
        pytest.param("https://v.test/?s={}", (), "placeholder", id="no name"),
        pytest.param(
            "https://v.test/?s={patient_name}{context}", (), "placeholder", id="a name nobody knows"
        ),
        pytest.param("https://v.test/?s={{context}}", (), "placeholder", id="doubled braces"),
        pytest.param("https://v.test/?s={context", (), "placeholder", id="an open brace"),
        pytest.param("https://v.test/?s=1", (), "no_study", id="the same for every study"),
        pytest.param("https://v.test/?a={aet}", (), "no_study", id="nothing that tells studies apart"),
        pytest.param("https://v.test/?p={patient_id}&c={context}", (), "names_patient", id="a patient ID"),
        pytest.param("https://v.test/?p={accession_number}", (), "names_patient", id="an accession number"),
    ],
)
def test_a_hostile_or_useless_address_is_refused(template: str, schemes: tuple[str, ...], code: str) -> None:
    assert why(template, *schemes) == f"viewer.{code}"


@pytest.mark.parametrize("host", ["hub.test", "HUB.test", "hub.test:9000", "hub.test."])
def test_the_hubs_own_host_is_no_viewers_since_cookies_know_no_ports(host: str) -> None:
    found = why_not_template(
        f"https://{host}/?s={{context}}",
        encoding=Encoding.PERCENT,
        may_name_patient=False,
        schemes=(),
        own_host="hub.test",
    )

    assert found is not None
    assert found.value == "viewer.own_host"


def test_a_patient_is_named_only_where_the_administrator_says_so() -> None:
    assert why("https://v.test/?p={patient_id}&s={study_instance_uid}", names=True) == ""


def test_a_plus_for_a_space_stands_in_a_query_only() -> None:
    assert why("https://v.test/{study_instance_uid}", encoding=Encoding.PLUS) == "viewer.encoding"
    assert why(GOOD, encoding=Encoding.PLUS) == ""


@pytest.mark.parametrize(
    "value", ["a b&c=d", "x/../y", "1#2?3", "%2e%2e", "患者１", "a+b", "'\"<>", "a;b:c@d"]
)
@pytest.mark.parametrize("encoding", list(Encoding))
def test_no_value_leaves_its_place(value: str, encoding: Encoding) -> None:
    template = "https://viewer.test/x?p={patient_id}&s={study_instance_uid}"

    made = address(template, encoding, {"patient_id": value, "study_instance_uid": UID})

    parts = urlsplit(made)
    assert (parts.scheme, parts.netloc, parts.path, parts.fragment) == ("https", "viewer.test", "/x", "")
    first, second = parts.query.split("&")
    assert second == f"s={UID}"
    once = unquote(first[2:].replace("+", " "))
    assert (unquote(once) if encoding is Encoding.TWICE else once) == value


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("", "launch.empty"),
        ("..", "launch.value"),
        (".", "launch.value"),
        ("a\nb", "launch.value"),
        ("a" * 300, "launch.value"),
        ("a\u202eb", "launch.value"),
    ],
)
def test_a_value_that_would_mean_something_else_is_not_put_in(value: str, code: str) -> None:
    found = why_not_values("https://v.test/{patient_id}", {"patient_id": value})

    assert found is not None
    assert found.value == code


def test_a_person_is_told_where_it_goes() -> None:
    assert host_of(GOOD) == "viewer.test"
    assert host_of("weasis:{context}") == "weasis:"


OURS = Context("P1", UID, "A1")


@pytest.mark.parametrize(
    ("shown", "differs"),
    [
        pytest.param(Context("P1", UID, "A1"), [], id="the same"),
        pytest.param(Context("P1 ", f"{UID} "), [], id="padded, without an accession number"),
        pytest.param(Context("P1", f"{UID}.7", "A7"), [], id="an earlier study of the same patient"),
        pytest.param(Context("P1", "9.9"), ["study"], id="a study nobody knows"),
        pytest.param(Context("P2", UID), ["patient"], id="another patient"),
        pytest.param(Context("P2", "9.9", "A9"), ["patient", "study"], id="another patient and study"),
        pytest.param(Context("p1", UID), ["patient"], id="an ID of other letters"),
        pytest.param(Context("P1", UID, "A2"), ["accession"], id="another accession number"),
        pytest.param(Context("", UID), ["patient"], id="no patient"),
        pytest.param(Context("P1", ""), ["study"], id="no study"),
    ],
)
def test_in_what_a_viewer_shows_something_else(shown: Context, differs: list[str]) -> None:
    assert shown_differs(OURS, shown, [UID, f"{UID}.7"]) == differs


def test_a_screen_must_agree_in_everything() -> None:
    assert differing(OURS, Context("P2", "2", "")) == ["patient", "study", "accession"]
    assert differing(OURS, OURS) == []


def test_only_a_person_ends_what_differs() -> None:
    ends = {act for act in Act if LIFECYCLE.get((State.DIFFERS, act), State.DIFFERS) is not State.DIFFERS}

    assert ends == {Act.CLEAR}
    assert all((state, act) in LIFECYCLE for state in HEARD for act in (Act.CONFIRM, Act.DIFFER, Act.EMPTY))
