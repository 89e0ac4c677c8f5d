"""One machine, one command: parts that die are repaired, data survives, scripts can do everything."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.builders import ct_instance
from tests.server import Installation, until


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("up", numbered=True)
    made = Installation(folder / "d")
    made.start()
    made.run("admin", "facility", "shirahama", "白浜総合病院")
    made.run("admin", "ae", "CT1", "--facility", "shirahama")
    yield made

    assert made.stop() == 0


def test_a_stop_asked_for_while_starting_is_a_clean_end(tmp_path: Path) -> None:
    early = Installation(tmp_path / "d")
    early.launch()
    until(lambda: "postgres" in early.parts())

    assert early.stop() == 0


def test_a_stop_tells_every_open_live_stream_that_it_ends_and_waits_for_none(tmp_path: Path) -> None:
    stopped = Installation(tmp_path / "d")
    stopped.start()
    stopped.run("admin", "facility", "shirahama", "白浜総合病院")
    client = stopped.client(stopped.token("shirahama", "study:read"))
    with client, client.stream("GET", "/api/v1/live") as stream:
        lines = stream.iter_lines()
        assert next(line for line in lines if line.startswith("event:")) == "event: hello"
        assert stopped.stop() == 0
        assert [line for line in lines if line.startswith("event:")] == ["event: end"]

    said = (stopped.folder / "logs" / "web.log").read_text()
    assert "refused to gracefully stop" not in said


def study(folder: Path, count: int = 3) -> Path:
    folder.mkdir()
    for number in range(count):
        content = ct_instance(study_uid=f"1.2.840.99.{os.getpid()}.{count}", number=number + 1)
        (folder / f"{number}.dcm").write_bytes(content)
    return folder


def sent(place: Installation, path: Path) -> str:
    return place.run("send", str(path), "--to", place.dicom, "--from", "CT1")


def test_images_sent_are_listed_and_their_bytes_come_back(place: Installation, tmp_path: Path) -> None:
    sent(place, study(tmp_path / "s"))
    token = place.token("shirahama", "study:read", "dicom:read")

    until(lambda: [one["instance_count"] for one in place.json("/api/v1/studies", token)["items"]] == [3])
    found = place.json("/api/v1/studies", token)
    assert found["items"][0]["patient"]["display_name"] == "山田 太郎"
    uid = found["items"][0]["study_instance_uid"]
    metadata = place.json(f"/dicomweb/shirahama/studies/{uid}/metadata", token)
    assert len(metadata) == 3
    assert metadata[0]["00100010"]["Value"][0]["Ideographic"] == "山田^太郎"


@pytest.mark.parametrize("part", ["web", "worker", "dimse", "postgres"])
def test_a_killed_part_is_repaired_and_nothing_is_lost(
    place: Installation, tmp_path: Path, part: str
) -> None:
    count = 4 + len(part)
    sent(place, study(tmp_path / "s", count=count))
    token = place.token("shirahama", "study:read", "status:read")
    until(lambda: count in [one["instance_count"] for one in place.json("/api/v1/studies", token)["items"]])
    before = place.json("/api/v1/studies", token)["total"]
    pid = place.parts()[part]

    os.kill(pid, signal.SIGKILL)

    until(lambda: place.parts().get(part) not in {None, pid})
    until(place.is_ready, 90)
    assert place.json("/api/v1/studies", token)["total"] == before
    until(lambda: place.run("send", str(tmp_path / "s"), "--to", place.dicom, "--from", "CT1", check=False))


def test_the_trail_is_proved_from_the_command_line(place: Installation) -> None:
    assert "links" in place.run("audit", "verify")


def test_metrics_need_a_token_and_show_what_waits(place: Installation) -> None:
    token = place.token("shirahama", "status:read")

    assert httpx.get(f"{place.url}/metrics").status_code == 401
    with place.client(token) as client:
        text = client.get("/metrics").text
    assert "dokuei_due_behind_seconds" in text
    assert 'dokuei_beat_age_seconds{loop="due"}' in text


def test_every_answer_carries_the_security_headers(place: Installation) -> None:
    for path in ("/", "/api/v1/me", "/dicomweb/shirahama/studies", "/healthz", "/no/such.js", "/readyz"):
        headers = httpx.get(f"{place.url}{path}").headers
        assert "script-src 'self'" in headers["content-security-policy"], path
        assert "unsafe-eval" not in headers["content-security-policy"].replace("wasm-unsafe-eval", "")
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"


def test_the_api_describes_itself(place: Installation) -> None:
    document = httpx.get(f"{place.url}/api/openapi.json").json()

    assert document["openapi"].startswith("3.1")
    assert "/api/v1/readings/{reading_id}/claim" in document["paths"]


def test_an_invitation_works_once_and_guesses_are_throttled(place: Installation) -> None:
    link = place.run(
        "admin", "person", "guess@test.test", "推測 太郎", "--role", "technologist", "--facility", "shirahama"
    )
    secret = link.rpartition("/")[2]
    with httpx.Client(base_url=place.url) as client:
        path = f"/api/v1/invitations/{secret}"
        assert client.get(path).json()["email"] == "guess@test.test"
        assert client.post(f"{path}/accept", json={"password": "short"}).status_code == 422
        assert client.post(f"{path}/accept", json={"password": "long enough phrase 7"}).status_code == 200
        assert client.post(f"{path}/accept", json={"password": "long enough phrase 8"}).status_code == 409
        client.get("/api/v1/me")

        def sign_in(password: str) -> httpx.Response:
            return client.post(
                "/_allauth/browser/v1/auth/login",
                json={"email": "guess@test.test", "password": password},
                headers={"X-CSRFToken": client.cookies["csrftoken"]},
            )

        guesses = [sign_in(f"wrong {number}") for number in range(5)]
        late = sign_in("long enough phrase 7")
    assert {one.status_code for one in guesses} == {400}
    assert late.status_code in {400, 429}, "the right password came too late and must not pass"
    assert "too_many_login_attempts" in late.text or late.status_code == 429


def test_patient_data_is_in_no_log(place: Installation) -> None:
    text = "".join(path.read_text(errors="replace") for path in (place.folder / "logs").glob("*.log"))

    for secret in ("山田", "Yamada", "やまだ", "19680312"):
        assert secret not in text


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("DOKUEI_HTTP", "nowhere", "host:port"),
        ("DOKUEI_DICOM", "127.0.0.1:1", "AE@host:port"),
        ("DOKUEI_STORAGE", "ftp://x", "file:// or s3://"),
        ("DOKUEI_LEASE_MINUTES", "soon", "lease_minutes"),
        ("DOKUEI_NO_SUCH_THING", "1", "DOKUEI_NO_SUCH_THING"),
    ],
)
def test_a_wrong_value_stops_the_start_with_a_sentence(
    tmp_path: Path, name: str, value: str, said: str
) -> None:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("DOKUEI_", "DATABASE_", "DJANGO_"))}
    done = subprocess.run(
        [sys.executable, "-m", "dokuei.hub.cli", "config"],
        env={**kept, "DOKUEI_DATA": str(tmp_path), name: value},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_the_configuration_is_printed_with_secrets_masked(place: Installation) -> None:
    shown = place.run("config")

    assert f'http = "{place.http}"' in shown
    assert "postgresql://" not in shown


def test_certificates_are_issued_without_a_screen(place: Installation) -> None:
    server = place.run("admin", "certificate", "server").splitlines()
    device = place.run("admin", "certificate", "CT1").splitlines()

    assert [Path(one).name for one in server] == ["cert.pem", "key.pem", "ca.pem"]
    assert [Path(one).name for one in device] == ["CT1-cert.pem", "CT1-key.pem", "ca.pem"]
    assert {Path(one).stat().st_mode & 0o077 for one in server + device} == {0}


def test_a_second_start_on_the_same_folder_is_refused_with_a_sentence(place: Installation) -> None:
    said = place.run("up", check=False)

    assert "使用中です" in said
    assert until(place.is_ready)


def test_it_stops_cleanly_and_its_data_survives(tmp_path: Path) -> None:
    made = Installation(tmp_path / "d")
    made.start(is_first=True)
    made.run("admin", "facility", "shirahama", "白浜総合病院")
    assert made.stop() == 0
    assert made.parts() == {}

    made.start()
    token = made.token("shirahama", "study:read")
    assert made.json("/api/v1/studies", token)["total"] == 0

    children = made.parts()
    assert made.process is not None
    made.process.kill()
    made.process.wait()
    until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in children.values()))
    made.start()
    assert made.json("/api/v1/studies", token)["total"] == 0
    assert made.stop() == 0
