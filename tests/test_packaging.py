"""Lock files, the image and the containers: what they install and what they may do."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parent.parent
PIN = re.compile(r"^([\w.-]+)(?:\[[\w,]+\])?==([\w.]+)", re.MULTILINE)
COMPOSE: dict[str, dict[str, Any]] = {
    name: yaml.safe_load((ROOT / name).read_text())
    for name in ("compose.yaml", "compose.cluster.yaml")
}
DOCKERFILE = (ROOT / "Dockerfile").read_text()


def pins(name: str) -> dict[str, str]:
    text = (ROOT / name).read_text()
    return {
        re.sub(r"[-_.]+", "-", package).lower(): version
        for package, version in PIN.findall(text)
    }


# Lock files ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["requirements", "requirements-dev"])
def test_the_lock_file_has_every_pinned_package(name: str) -> None:
    wanted, locked = pins(f"{name}.txt"), pins(f"{name}.lock")

    assert wanted
    assert {package: locked.get(package) for package in wanted} == wanted, "make lock"


def test_both_lock_files_agree() -> None:
    assert pins("requirements.lock").items() <= pins("requirements-dev.lock").items()


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_every_locked_package_has_hashes_and_no_source(name: str) -> None:
    text = (ROOT / name).read_text()

    packages = re.split(r"\n(?=[^\s#])", text.strip())
    assert len(packages) >= len(pins(name))
    for package in packages:
        assert PIN.match(package)
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", package)
    assert not re.search(r"://|--(extra-)?index-url|--find-links|^-e|@ ", text)


def test_make_installs_from_the_lock_files() -> None:
    shown = subprocess.run(
        ["make", "--dry-run", "--always-make", "install", "install-dev"],  # noqa: S607 - whatever make there is
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    installs = [line for line in shown.splitlines() if " pip install " in line]
    assert len(installs) == 2
    assert all("--require-hashes -r requirements" in line for line in installs)


# The image ----------------------------------------------------------------------------


def test_the_image_is_built_from_exact_versions_and_hashes() -> None:
    images = re.findall(r"^(?:ARG \w+=|FROM )([\w./-]+:\S+)", DOCKERFILE, re.MULTILINE)

    assert images
    assert all(re.search(r":\d+\.\d+\.\d+-", image) for image in images)
    assert "--require-hashes" in DOCKERFILE
    assert DOCKERFILE.count("pip install") == 1
    copied = re.findall(r"^COPY (?!--from)(\S+)", DOCKERFILE, re.MULTILINE)
    names = ["requirements.lock", "manage.py", "config", "accounts", "imports_app"]
    assert copied == names


def test_the_image_runs_as_a_user_without_rights() -> None:
    instructions = [line.split()[0] for line in DOCKERFILE.splitlines() if line]
    users = re.findall(r"^USER (\S+)", DOCKERFILE, re.MULTILINE)

    assert users == ["10001:10001"]
    assert instructions.index("USER") < instructions.index("CMD")
    assert "HEALTHCHECK" in instructions
    assert not re.search(r"(?i)(password|secret|token)\S*=", DOCKERFILE)


# The containers -----------------------------------------------------------------------

every_file = pytest.mark.parametrize("compose", COMPOSE.values(), ids=COMPOSE)


@pytest.mark.parametrize(
    ("compose", "name"),
    [
        pytest.param(compose, name, id=f"{file}-{name}")
        for file, compose in COMPOSE.items()
        for name in compose["services"]
    ],
)
def test_containers_are_restricted(compose: dict[str, Any], name: str) -> None:
    service = compose["services"][name]

    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "cap_add" not in service
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["user"] not in ("root", "0", "0:0")
    assert service["pids_limit"] > 0
    assert not {"privileged", "network_mode", "pid", "ipc", "devices"} & service.keys()
    assert any(mount.startswith("/tmp") for mount in service["tmpfs"])  # noqa: S108 - a mount
    assert all(
        volume == "/data" or volume.partition(":")[0] in compose["volumes"]
        for volume in service["volumes"]
    )
    assert "healthcheck" in service or name == "web"  # the image has one


@every_file
def test_only_the_web_server_is_reached_and_only_from_this_machine(
    compose: dict[str, Any],
) -> None:
    services = compose["services"]
    published = {name: one["ports"] for name, one in services.items() if "ports" in one}
    outside = {name for name, one in services.items() if "front" in one["networks"]}

    assert published == {"web": ["127.0.0.1:3000:3000"]}
    assert not outside & {"postgres", "redis", "s3"}
    closed = [name for name in compose["networks"] if name != "front"]
    assert all(compose["networks"][name] == {"internal": True} for name in closed)


@every_file
def test_no_file_has_a_password(compose: dict[str, Any]) -> None:
    for service in compose["services"].values():
        for name, value in service.get("environment", {}).items():
            if re.search(r"(?i)password|secret_key|token|credentials", name):
                assert name.endswith("_FILE")
                assert value.startswith("/run/secrets/")
            assert not re.search(r"://[^/@\s]*:[^/@\s]*@", str(value))
            assert not re.search(r"access_key|secret_key", str(value))
    used = {one for s in compose["services"].values() for one in s.get("secrets", [])}
    assert set(compose["secrets"]) == used
    assert all(set(secret) == {"file"} for secret in compose["secrets"].values())
    assert "secrets/" in (ROOT / ".gitignore").read_text().splitlines()


@every_file
def test_images_of_others_have_an_exact_version(compose: dict[str, Any]) -> None:
    services = compose["services"].values()
    images = [service["image"] for service in services if "image" in service]

    assert images
    assert all(re.search(r":\d+\.\d+|@sha256:", image) for image in images)
