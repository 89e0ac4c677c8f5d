"""The one typed configuration, read once at start from a file and the environment.

Order, later wins: defaults, the TOML file named by DOKUEI_CONFIG (or ``dokuei.toml`` in the data folder), the
environment. A wrong value stops the start with a sentence (`ConfigError`), never at 3 a.m.
"""

import os
import re
import secrets
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, ValidationInfo, field_validator


class ConfigError(Exception):
    """The configuration cannot be used; the message says which value and why."""


class Config(BaseModel):
    """Every setting. Names in the environment are DOKUEI_<NAME> (DATABASE_URL also without the prefix)."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)

    data: Path = Field(default=Path("~/.local/share/dokuei"), description="folder of this instance")
    http: str = Field(default="127.0.0.1:8484", description="host:port of the web server")
    dicom: str = Field(default="DOKUEI@127.0.0.1:11112", description="AE@host:port of the listener")
    dicom_tls: bool = Field(default=False, description="the listener demands mutual TLS")
    hl7: str = Field(
        default="", description="host:port where orders come by HL7 v2 over MLLP; empty = not at all"
    )
    hl7_tls: bool = Field(default=False, description="that listener demands mutual TLS")
    paper_folder: str = Field(
        default="",
        description="absolute folder with one folder a facility (by code) for scanned request slips; empty = none",
    )
    public_url: str = Field(default="", description="address people use, e.g. https://dokuei.example.jp")
    database_url: SecretStr = Field(
        default=SecretStr(""), description="application role's PostgreSQL URL; empty = embedded server"
    )
    database_owner_url: SecretStr = Field(
        default=SecretStr(""), description="owner role's URL, used only to migrate"
    )
    storage: str = Field(default="", description="file:///path or s3://bucket/prefix; empty = data/store")
    secret_key: SecretStr = Field(
        default=SecretStr(""), description="signs sessions; empty = made once and kept in the data folder"
    )
    web_workers: int = Field(default=1, ge=1, le=64, description="web server processes")
    support_phone: str = Field(default="", description="the support desk's number, always on screen")
    max_instance_bytes: int = Field(
        default=2 * 1024**3, ge=1024, description="largest DICOM instance taken, bytes"
    )
    disk_low_bytes: int = Field(
        default=1024**3, ge=0, description="below this much free space images are answered A700"
    )
    disk_warn_bytes: int = Field(
        default=0,
        ge=0,
        description="below this much free space support is warned; 0 = ten times disk_low_bytes, at least 10 GiB",
    )
    scrub_days: int = Field(
        default=30, ge=0, le=3650, description="how long reading everything back takes, in days; 0 = never"
    )
    frame_cache_seconds: int = Field(
        default=0, ge=0, description="how long a reader's own browser may keep frames; 0 = never stored"
    )
    settle_seconds: int = Field(default=60, ge=1, description="quiet time after which a study is 'settled'")
    lease_minutes: int = Field(default=30, ge=1, description="a claim without a sign of life is freed")
    elevation_minutes: int = Field(
        default=30, ge=1, description="how long a repeated second factor allows signing"
    )
    session_hours: int = Field(default=12, ge=1, le=72, description="longest session")
    idle_minutes: int = Field(
        default=10, ge=0, le=720, description="without input for so long a screen blanks; 0 = never"
    )
    viewer_schemes: str = Field(
        default="",
        description="schemes of certified viewers besides https, comma separated, e.g. weasis; http only if listed",
    )
    certified_display_elsewhere: str = Field(
        default="",
        max_length=200,
        description="where the duty to diagnose on a certified display is met, e.g. a clause of the facility's rules; "
        "given, the label for reference use is not shown",
    )
    log_level: str = Field(default="INFO", description="DEBUG, INFO, WARNING or ERROR")
    smtp_url: SecretStr = Field(
        default=SecretStr(""),
        description="smtp://user:password@host:587 (STARTTLS) or smtps://…:465; empty = no mail is sent",
    )
    mail_from: str = Field(
        default="", description="who mails come from; empty = dokuei@ and the host of public_url"
    )

    @field_validator("smtp_url")
    @classmethod
    def _mail_server(cls, value: SecretStr) -> SecretStr:
        url = urlsplit(value.get_secret_value())
        if value.get_secret_value() and (url.scheme not in {"smtp", "smtps"} or not url.hostname):
            raise ValueError("must begin with smtp:// or smtps:// and name a host")
        return value

    @field_validator("mail_from")
    @classmethod
    def _address(cls, value: str) -> str:
        if value and not re.fullmatch(r"[^@\s<>]+@[^@\s<>]+", value):
            raise ValueError("must be one mail address")
        return value

    @field_validator("data")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @field_validator("http")
    @classmethod
    def _host_port(cls, value: str) -> str:
        _split_address(value)
        return value

    @field_validator("hl7")
    @classmethod
    def _host_port_or_none(cls, value: str) -> str:
        if value:
            _split_address(value)
        return value

    @field_validator("paper_folder")
    @classmethod
    def _absolute_or_none(cls, value: str) -> str:
        if value and not Path(value).is_absolute():
            raise ValueError("must be an absolute path")
        return value

    @field_validator("dicom")
    @classmethod
    def _ae_address(cls, value: str) -> str:
        title, at, address = value.rpartition("@")
        if not at or not 1 <= len(title.strip()) <= 16 or "\\" in title:
            raise ValueError("must be AE@host:port with an AE title of 1 to 16 characters")
        _split_address(address)
        return value

    @field_validator("storage")
    @classmethod
    def _known_store(cls, value: str) -> str:
        if value and urlsplit(value).scheme not in {"file", "s3"}:
            raise ValueError("must begin with file:// or s3://")
        return value

    @field_validator("disk_warn_bytes")
    @classmethod
    def _above_refusing(cls, value: int, info: ValidationInfo) -> int:
        low = info.data.get("disk_low_bytes", 0)
        if value and value <= low:
            raise ValueError(f"must be larger than disk_low_bytes ({low})")
        return value

    @field_validator("viewer_schemes")
    @classmethod
    def _schemes(cls, value: str) -> str:
        for one in cls._listed(value):
            if not re.fullmatch(r"[a-z][a-z0-9+.-]{1,40}", one) or one in {
                "javascript",
                "data",
                "vbscript",
                "file",
            }:
                raise ValueError(f"{one} cannot be the scheme of a viewer")
        return value

    @field_validator("certified_display_elsewhere")
    @classmethod
    def _says_where(cls, value: str) -> str:
        if value and len(value.strip()) < 8:
            raise ValueError("must say in words where the duty is met (at least 8 characters), or be empty")
        return value.strip()

    @field_validator("log_level")
    @classmethod
    def _known_level(cls, value: str) -> str:
        if value.upper() not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
            raise ValueError("must be DEBUG, INFO, WARNING or ERROR")
        return value.upper()

    @cached_property
    def http_address(self) -> tuple[str, int]:
        return _split_address(self.http)

    @cached_property
    def hl7_address(self) -> tuple[str, int]:
        """Host and port of the MLLP listener."""
        return _split_address(self.hl7)

    @cached_property
    def dicom_address(self) -> tuple[str, str, int]:
        """AE title, host, port."""
        title, _, address = self.dicom.rpartition("@")
        return (title.strip(), *_split_address(address))

    @property
    def is_embedded(self) -> bool:
        """True when this instance runs its own PostgreSQL."""
        return not self.database_url.get_secret_value()

    @property
    def warn_below_bytes(self) -> int:
        """Below this much free space support is warned; always more than where images are turned away."""
        return self.disk_warn_bytes or max(10 * self.disk_low_bytes, 10 * 1024**3)

    @staticmethod
    def _listed(value: str) -> list[str]:
        return [one.strip().lower() for one in value.split(",") if one.strip()]

    @property
    def viewer_scheme_list(self) -> frozenset[str]:
        """Schemes of viewers besides https."""
        return frozenset(self._listed(self.viewer_schemes))

    @property
    def is_for_reference(self) -> bool:
        """Whether screens, key images and documents say that they are for reference."""
        return not self.certified_display_elsewhere

    @property
    def storage_url(self) -> str:
        return self.storage or (self.data / "store").as_uri()

    @property
    def web_has_tls(self) -> bool:
        """Whether the web server itself speaks TLS (and so HTTP/2): a public https address and a certificate here."""
        return self.base_url.startswith("https://") and (self.data / "tls" / "web-key.pem").exists()

    @property
    def base_url(self) -> str:
        return (self.public_url or f"http://{self.http}").rstrip("/")

    @property
    def mail_sender(self) -> str:
        return self.mail_from or f"dokuei@{urlsplit(self.base_url).hostname or 'localhost'}"

    def database(self, role: str) -> str:
        """The PostgreSQL URL for `role`, "app" or "owner"."""
        given = self.database_url if role == "app" else self.database_owner_url
        if given.get_secret_value():
            return given.get_secret_value()
        if not self.is_embedded:
            return self.database_url.get_secret_value()
        password = self.kept_secret(f"pg-{role}")
        socket = quote(str(self.data / "run"), safe="")
        return f"postgresql://dokuei_{role}:{password}@{socket}/dokuei"

    def kept_secret(self, name: str) -> str:
        """A random secret made on first use and kept in the data folder, readable by its owner only."""
        folder = self.data / "secrets"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = folder / name
        if not path.exists():
            fresh = folder / f".{name}.{os.getpid()}"
            fresh.touch(mode=0o600)
            fresh.write_text(secrets.token_urlsafe(48))
            with suppress(FileExistsError):  # the first process wins; the others read its value
                os.link(fresh, path)
            fresh.unlink()
        return path.read_text()

    def signing_key(self) -> str:
        return self.secret_key.get_secret_value() or self.kept_secret("secret-key")

    def masked(self) -> dict[str, Any]:
        """All values for a human to read; secrets only as set or not set."""
        shown: dict[str, Any] = {}
        for name in type(self).model_fields:
            value = getattr(self, name)
            if isinstance(value, SecretStr):
                value = "********" if value.get_secret_value() else ""
            shown[name] = str(value) if isinstance(value, Path) else value
        return shown


def _split_address(value: str) -> tuple[str, int]:
    host, colon, port = value.rpartition(":")
    if not colon or not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise ValueError("must be host:port with a port between 1 and 65535")
    return host.strip("[]"), int(port)


def load_config(environ: Mapping[str, str] | None = None) -> Config:
    """Read file and environment into a `Config`; raise `ConfigError` naming each wrong value."""
    environ = os.environ if environ is None else environ
    values: dict[str, Any] = {}
    for name in Config.model_fields:
        value = environ.get(f"DOKUEI_{name.upper()}")
        if value is None and name.startswith("database_"):
            value = environ.get(name.upper())
        if value is not None:
            values[name] = value
    known = {f"DOKUEI_{name.upper()}" for name in Config.model_fields}
    known |= {"DOKUEI_CONFIG", "DOKUEI_ROLE", "DOKUEI_TOKEN"}
    unknown = sorted(k for k in environ if k.startswith("DOKUEI_") and k not in known)
    unknown = [k for k in unknown if not k.startswith("DOKUEI_TEST_")]
    if unknown:
        raise ConfigError(f"{', '.join(unknown)}: no such setting; `dokuei config` lists them all")
    data = Path(values.get("data", Config.model_fields["data"].default)).expanduser()
    file = Path(environ.get("DOKUEI_CONFIG", data / "dokuei.toml"))
    try:
        from_file = tomllib.loads(file.read_text()) if file.exists() else {}
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{file}: {error}") from error
    if "DOKUEI_CONFIG" in environ and not file.exists():
        raise ConfigError(f"DOKUEI_CONFIG: there is no file {file}")
    try:
        return Config(**{**from_file, **values})
    except ValidationError as error:
        wrong = "; ".join(
            f"{'.'.join(str(part) for part in item['loc'])}: {item['msg']}" for item in error.errors()
        )
        raise ConfigError(f"configuration: {wrong}") from error


def django_database(url: str) -> dict[str, Any]:
    """Django's settings for a postgresql:// URL; a percent-encoded path as host is a socket folder."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgresql", "postgres"}:
        raise ConfigError("DATABASE_URL: must begin with postgresql://")
    host, _, port = parts.netloc.rpartition("@")[2].partition(":")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(host),
        "PORT": port,
        "CONN_MAX_AGE": 0,
        "DISABLE_SERVER_SIDE_CURSORS": True,
    }
