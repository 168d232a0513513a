"""The official JavaScript client, @rocket.chat/api-client, unmodified.

Its two-factor handler asks for a code and repeats the call with it.
"""

from __future__ import annotations

import base64
import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from django_otp.oath import totp

from tests.clients.test_rocketchat_api import ANN, PASSWORD, client

pytestmark = pytest.mark.clients

COMMAND = ("node", str(Path(__file__).parent / "two_factor.js"))
EVA = {**ANN, "username": "eva", "email": "eva@example.org", "name": "Eva"}
DETAILS = {"method": "totp", "codeGenerated": False, "availableMethods": ["totp"]}


@pytest.fixture
def eva(server_url: str) -> Iterator[tuple[bytes, list[str]]]:
    """Set up Eva's second factor in a browser; return its secret and recovery codes."""
    admin = client(server_url, user="admin", password=PASSWORD)
    user = admin.users_create(**EVA)["user"]
    browser = requests.Session()
    setup = f"{server_url}/admin/account/two-factor/"
    login = f"{server_url}/admin/login/"
    post(browser, login, username="eva", password=EVA["password"])
    page = browser.get(setup).text
    [typed] = re.findall(r'class="typed-key">([A-Z2-7 ]+)<', page)
    secret = base64.b32decode(typed.replace(" ", ""))
    shown = post(browser, setup, code=f"{totp(secret):06}").text
    yield secret, re.findall(r"\b[a-z2-9]{6}-[a-z2-9]{6}\b", shown)
    admin.users_delete(user["_id"])


def post(browser: requests.Session, page: str, **fields: str) -> requests.Response:
    """Send a form as a browser does."""
    browser.get(page)
    token = browser.cookies["csrftoken"]
    answer = browser.post(page, {**fields, "csrfmiddlewaretoken": token})
    answer.raise_for_status()
    return answer


def test_its_two_factor_handler_works(
    server_url: str, eva: tuple[bytes, list[str]]
) -> None:
    secret, recovery_codes = eva
    right = f"{totp(secret, drift=1):06}"
    arguments = ["eva", EVA["password"], recovery_codes[0], "000000", right]

    done = subprocess.run(
        [*COMMAND, server_url, *arguments],
        capture_output=True,
        check=False,
        text=True,
        timeout=120,
    )

    assert done.returncode == 0, done.stderr
    printed: dict[str, Any] = json.loads(done.stdout)
    assert printed["refusal"] == {
        "success": False,
        "status": "error",
        "error": "totp-required",
        "details": DETAILS,
        "message": "TOTP Required",
    }
    assert printed["challenges"] == [
        {"method": "totp", "invalidAttempt": False},
        {"method": "totp", "invalidAttempt": True},
    ]
    assert len(printed["answer"]["token"]) == 43
