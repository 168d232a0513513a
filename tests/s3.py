"""S3-compatible storage in a process of its own: moto's server."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import boto3

from tests.live import free_port, is_ready, wait_for

_BUCKET: Final = "imports"
_KEYS: Final = {"aws_access_key_id": "imports", "aws_secret_access_key": "for tests"}


@dataclass(frozen=True)
class S3:
    """Storage with an empty bucket."""

    url: str
    process: subprocess.Popen[bytes]

    @property
    def client(self) -> Any:
        """Client of the storage."""
        return boto3.client(
            "s3", endpoint_url=self.url, region_name="us-east-1", **_KEYS
        )

    def options(self, location: str) -> dict[str, Any]:
        """Return the options of S3Storage for a folder of the bucket."""
        return {
            "bucket_name": _BUCKET,
            "location": location,
            "endpoint_url": self.url,
            "region_name": "us-east-1",
            "addressing_style": "path",
            "access_key": _KEYS["aws_access_key_id"],
            "secret_key": _KEYS["aws_secret_access_key"],
        }

    def variables(self) -> dict[str, str]:
        """Return the environment of a server with this storage."""
        storage = "storages.backends.s3.S3Storage"
        return {
            "UPLOAD_STORAGE": storage,
            "UPLOAD_STORAGE_OPTIONS": json.dumps(self.options("uploads")),
            "FILE_STORAGE": storage,
            "FILE_STORAGE_OPTIONS": json.dumps(self.options("files")),
        }

    def names(self) -> set[str]:
        """Return the names of all objects."""
        listed = self.client.list_objects_v2(Bucket=_BUCKET)
        return {found["Key"] for found in listed.get("Contents", [])}

    def change(self, name: str, content: bytes) -> None:
        """Replace an object's content."""
        self.client.put_object(Bucket=_BUCKET, Key=name, Body=content)

    def empty(self) -> None:
        """Delete all objects."""
        for name in self.names():
            self.client.delete_object(Bucket=_BUCKET, Key=name)


@contextmanager
def running_s3() -> Iterator[S3]:
    """Run a storage, as a context manager."""
    port = free_port()
    command = ["-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    process = subprocess.Popen(
        [sys.executable, *command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        s3 = S3(f"http://127.0.0.1:{port}", process)
        wait_for(lambda: is_ready(s3.url))
        s3.client.create_bucket(Bucket=_BUCKET)
        yield s3
    finally:
        process.kill()
        process.wait()
