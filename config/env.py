"""Readers of settings from the environment and from files."""

from __future__ import annotations

import ipaddress
import os
import re
import secrets
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

env = environ.Env()


def read_secret_key(data_dir: Path) -> str:
    """Return SECRET_KEY or the content of SECRET_KEY_FILE, creating it if needed."""
    key: str = env.str("SECRET_KEY", default="")
    if key:
        return key
    path = Path(env.str("SECRET_KEY_FILE", default=str(data_dir / "secret-key")))
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(64))
        try:
            os.link(draft, path)  # atomic; fails if another process was first
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text(encoding="ascii").strip()


def is_loopback(address: str) -> bool:
    """Return whether `host:port` is an address of this machine only."""
    host = address.rpartition(":")[0].strip("[]")
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def content_of(name: str, path: str) -> str:
    """Return the content of the file that a setting names, without outer spaces."""
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        msg = f"{name}: {path}: {error.strerror}."
        raise ImproperlyConfigured(msg) from error


def check_contacts(addresses: list[str]) -> list[str]:
    """Check that each contact is a URI."""
    for address in addresses:
        if not re.fullmatch(r"(mailto:|https://|tel:)[!-~]+", address):
            msg = (
                f"SECURITY_CONTACT is {address!r}. Use a URI such as"
                " mailto:security@example.org or https://example.org/security."
            )
            raise ImproperlyConfigured(msg)
    return addresses


def parse_database(url: str, password_file: str) -> dict[str, Any]:
    """Parse DATABASE_URL. Errors don't repeat it, because it may have a password."""
    try:
        if url.partition("://")[0] in ("sqlite", "postgres", "postgresql"):
            parts = dict(environ.Env.db_url_config(url))
            if password_file:
                parts["PASSWORD"] = content_of("DATABASE_PASSWORD_FILE", password_file)
            return parts
    except ValueError:
        pass
    msg = "DATABASE_URL is not valid. Use sqlite:///path or postgres://user@host/name."
    raise ImproperlyConfigured(msg)


def check_base_url(url: str) -> str:
    """Check the public address of the server, and return it without a final slash."""
    if url and not re.fullmatch(r"https?://[0-9A-Za-z.:\[\]-]+/?", url):
        msg = (
            "BASE_URL is not valid. Use an address such as https://import.example.org."
        )
        raise ImproperlyConfigured(msg)
    return url.rstrip("/")


def mail_password() -> str:
    """Return the password for the mail server, from a variable or a file."""
    path = env.str("EMAIL_HOST_PASSWORD_FILE", default="")
    if path:
        return content_of("EMAIL_HOST_PASSWORD_FILE", path)
    password: str = env.str("EMAIL_HOST_PASSWORD", default="")
    return password
