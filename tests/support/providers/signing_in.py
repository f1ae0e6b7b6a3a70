"""Who signs in, and with what? A browser that follows the sign-in page, and an app's certificate."""

from __future__ import annotations

import re
import ssl
import threading
import urllib.parse
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID


class Browser:
    """Follows the sign-in page's form as a browser would, and posts it back."""

    def __init__(self, ca_file: Path) -> None:
        self.context = ssl.create_default_context(cafile=str(ca_file))

    def open(self, url: str, *_more: Any) -> bool:
        threading.Thread(target=self._visit, args=(url,), daemon=True).start()
        return True

    def _visit(self, url: str) -> None:
        with urllib.request.urlopen(url, context=self.context) as page:
            text = page.read().decode()
        back = re.search(r'action="([^"]+)"', text)
        fields = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', text))
        assert back is not None
        urllib.request.urlopen(back.group(1), urllib.parse.urlencode(fields).encode()).read()


def certificate(folder: Path, *, pfx: bool, days: int = 365) -> tuple[Path, bytes]:
    """A self-signed certificate with its key in one file, and its public part."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "noshow app")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=days))
        .sign(key, hashes.SHA256())
    )
    public = made.public_bytes(serialization.Encoding.PEM)
    plain = serialization.NoEncryption()
    if pfx:
        file = folder / "app.pfx"
        file.write_bytes(pkcs12.serialize_key_and_certificates(b"app", key, made, None, plain))
    else:
        file = folder / "app.pem"
        form = serialization.PrivateFormat.PKCS8
        file.write_bytes(key.private_bytes(serialization.Encoding.PEM, form, plain) + public)
    return file, public
