"""Sample facilities and people. Each person has a real second factor; its secret is kept for `dokuei admin code`."""

import base64
import hashlib
import hmac
import secrets
import struct
import time
from dataclasses import dataclass
from datetime import datetime

from dokuei.identity.access import Actor, Role
from dokuei.kit.config import Config


@dataclass(frozen=True)
class SamplePerson:
    email: str
    name: str
    kana: str
    role: Role
    facilities: tuple[str, ...]


FACILITIES = {
    "shirahama": ("白浜総合病院", "0739-00-0001", "SHIRAHAMA_CT"),
    "midoridai": ("みどり台クリニック", "042-000-0002", "MIDORI_CT"),
}
BOTH = tuple(FACILITIES)
PEOPLE = (
    SamplePerson("tanaka@sample.test", "田中 美咲", "たなか みさき", Role.READER, BOTH),
    SamplePerson("sato@sample.test", "佐藤 健一", "さとう けんいち", Role.READER, BOTH),
    SamplePerson("ito@sample.test", "伊藤 恵", "いとう めぐみ", Role.REQUESTER, ("shirahama",)),
    SamplePerson("kobayashi@sample.test", "小林 翔", "こばやし しょう", Role.TECHNOLOGIST, ("shirahama",)),
    SamplePerson("mori@sample.test", "森 和子", "もり かずこ", Role.REQUESTER, ("midoridai",)),
    SamplePerson("yamamoto@sample.test", "山本 直樹", "やまもと なおき", Role.SUPPORT, ()),
    SamplePerson("nakamura@sample.test", "中村 由美", "なかむら ゆみ", Role.LEAD, ()),
    SamplePerson("admin@sample.test", "管理 太郎", "かんり たろう", Role.ADMINISTRATOR, ()),
)


def sample_password(config: Config) -> str:
    """One password for every sample person, made for this instance."""
    return config.kept_secret("sample-password")[:20]


def furnish(actor: Actor, config: Config, *, at: datetime) -> None:
    """Create the facilities, AE titles and people through the ordinary commands."""
    from allauth.mfa.totp.internal.auth import TOTP

    from dokuei.identity import services
    from dokuei.imaging.services import add_ae_title

    ids = {}
    for code, (name, phone, title) in FACILITIES.items():
        ids[code] = services.create_facility(actor, code=code, name=name, phone=phone, at=at).pk
        add_ae_title(actor, facility_id=ids[code], title=title, at=at)
    for one in PEOPLE:
        _, secret = services.invite_person(
            actor,
            email=one.email,
            name=one.name,
            kana=one.kana,
            roles=[one.role],
            facility_ids=[ids[code] for code in one.facilities],
            at=at,
        )
        person = services.accept_invitation(secret, password=sample_password(config), at=at)
        TOTP.activate(person, _factor_secret(config, one.email))


def present_code(config: Config, email: str, now: float | None = None) -> str | None:
    """The six digits a sample person's authenticator shows now (RFC 6238); None for anybody else."""
    if email not in {one.email for one in PEOPLE}:
        return None
    if not (config.data / "secrets" / _factor_file(email)).exists():
        return None
    return totp(_factor_secret(config, email), time.time() if now is None else now)


def totp(secret: str, now: float) -> str:
    """RFC 6238 with SHA-1, 30 seconds, six digits.

    >>> totp("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", 59)
    '287082'
    """
    digest = hmac.new(base64.b32decode(secret), struct.pack(">Q", int(now) // 30), hashlib.sha1).digest()
    offset = digest[-1] & 15
    number = struct.unpack(">I", digest[offset : offset + 4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06d}"


def _factor_file(email: str) -> str:
    return f"sample-totp-{email.partition('@')[0]}"


def _factor_secret(config: Config, email: str) -> str:
    path = config.data / "secrets" / _factor_file(email)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)
        path.write_text(base64.b32encode(secrets.token_bytes(20)).decode())
    return path.read_text()
