"""A server with the demo's data, in processes of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.live import free_port, running_server


@pytest.fixture(scope="session")
def server_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the server, which several processes serve."""
    data, port = tmp_path_factory.mktemp("data"), free_port()
    with running_server(data, port, "--workers", "2", demo=True):
        yield f"http://127.0.0.1:{port}"
