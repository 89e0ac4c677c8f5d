"""A small certificate authority for DICOM TLS: one per instance, key kept in the data folder."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

AUTHORITY_DAYS = 3650


SERVERS = {"server": "", "web": "web-"}
"""Ours: the DICOM listener's and the web server's, and how their files begin."""


def issue(folder: Path, name: str, *, days: int, hosts: Sequence[str] = ()) -> list[Path]:
    """Issue a certificate for an AE title, ``server`` or ``web``; returns certificate, key and authority files.

    The common name is the AE title, which ties the certificate to the sender and so to its facility. `hosts` are the
    names and addresses a server is reached under, besides localhost.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    authority_key, authority = _authority(folder)
    key = ec.generate_private_key(ec.SECP256R1())
    usages = [ExtendedKeyUsageOID.CLIENT_AUTH]
    if name in SERVERS:  # the listener also calls others: destinations of C-MOVE, devices that await reports
        usages.append(ExtendedKeyUsageOID.SERVER_AUTH)
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .issuer_name(authority.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage(usages), critical=False)
        .add_extension(x509.SubjectAlternativeName(_alternatives(hosts)), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    stem = SERVERS.get(name, f"{name}-")
    paths = [folder / f"{stem}cert.pem", folder / f"{stem}key.pem"]
    _write(paths[0], certificate.public_bytes(serialization.Encoding.PEM))
    _write(paths[1], _private(key))
    return [*paths, folder / "ca.pem"]


def _authority(folder: Path) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    key_file, file = folder / "ca-key.pem", folder / "ca.pem"
    if key_file.exists():
        known = serialization.load_pem_private_key(key_file.read_bytes(), None)
        if not isinstance(known, ec.EllipticCurvePrivateKey):
            raise TypeError(f"{key_file} is not an elliptic-curve key")
        return known, x509.load_pem_x509_certificate(file.read_bytes())
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(_name("Dokuei DICOM"))
        .issuer_name(_name("Dokuei DICOM"))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=AUTHORITY_DAYS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    _write(file, certificate.public_bytes(serialization.Encoding.PEM))
    _write(key_file, _private(key))
    return key, certificate


def _alternatives(hosts: Sequence[str]) -> list[x509.GeneralName]:
    found: list[x509.GeneralName] = [x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]
    for host in hosts:
        try:
            found.append(x509.IPAddress(ip_address(host)))
        except ValueError:
            found.append(x509.DNSName(host))
    return list(dict.fromkeys(found))


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _private(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _write(path: Path, content: bytes) -> None:
    path.touch(mode=0o600)
    path.write_bytes(content)
