"""Loopback web server that misbehaves on request."""

from __future__ import annotations

import socket
import ssl
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import unquote

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20
OK = b"HTTP/1.1 200 OK\r\n"
_PAUSE = 0.05


class Web:
    """Running server; `url` returns the URL of each behavior."""

    def __init__(
        self, listener: socket.socket, tls: ssl.SSLContext | None = None
    ) -> None:
        self._listener = listener
        self._tls = tls
        self.port: int = listener.getsockname()[1]
        self.asked: Counter[str] = Counter()
        self.hosts: list[str] = []
        self.over = threading.Event()
        self.files: dict[str, bytes] = {}
        """What `file/<name>` answers."""

    def url(self, path: str) -> str:
        """Return the address of a behavior."""
        return f"http://127.0.0.1:{self.port}/{path}"

    def serve(self) -> None:
        """Answer until the listener is closed."""
        while True:
            try:
                connection, _address = self._listener.accept()
            except OSError:
                return
            threading.Thread(
                target=self._answer, args=[connection], daemon=True
            ).start()

    def _answer(self, connection: socket.socket) -> None:
        with suppress(OSError), self._secured(connection) as connection:
            request = b""
            while b"\r\n\r\n" not in request:
                received = connection.recv(4096)
                if not received:
                    return
                request += received
            lines = request.decode("latin-1").split("\r\n")
            path = lines[0].split(" ")[1].removeprefix("/")
            self.hosts += [line for line in lines if line.lower().startswith("host:")]
            path = path.partition("?")[0]
            name, _slash, rest = path.partition("/")
            self.asked[path] += 1
            behavior: Callable[[socket.socket, str], Any] = getattr(self, f"_{name}")
            behavior(connection, unquote(rest))

    def _secured(self, connection: socket.socket) -> socket.socket:
        if self._tls is None:
            return connection
        return self._tls.wrap_socket(connection, server_side=True)

    def _send(
        self, to: socket.socket, body: bytes, kind: str = "text/plain", length: int = -1
    ) -> None:
        announced = len(body) if length < 0 else length
        head = f"Content-Type: {kind}\r\nContent-Length: {announced}\r\n\r\n"
        to.sendall(OK + head.encode() + body)

    def _ok(self, to: socket.socket, rest: str) -> None:
        self._send(to, rest.encode() or b"hello")

    def _file(self, to: socket.socket, rest: str) -> None:
        self._send(to, self.files[rest], "application/zip")

    def _png(self, to: socket.socket, rest: str) -> None:
        self._send(to, PNG, "image/png")

    def _login(self, to: socket.socket, rest: str) -> None:
        self._send(to, b"<html>Sign in</html>", "text/html; charset=utf-8")

    def _untyped(self, to: socket.socket, rest: str) -> None:
        to.sendall(OK + b"Connection: close\r\n\r\nhello")

    def _redirect(self, to: socket.socket, rest: str) -> None:
        to.sendall(f"HTTP/1.1 302 Found\r\nLocation: {rest}\r\n\r\n".encode())

    def _loop(self, to: socket.socket, rest: str) -> None:
        self._redirect(to, "/loop/")

    def _status(self, to: socket.socket, rest: str) -> None:
        to.sendall(f"HTTP/1.1 {rest} Whatever\r\nContent-Length: 0\r\n\r\n".encode())

    def _flaky(self, to: socket.socket, rest: str) -> None:
        if self.asked[f"flaky/{rest}"] < 3:
            self._status(to, "503")
        else:
            self._send(to, b"at last")

    def _short(self, to: socket.socket, rest: str) -> None:
        self._send(to, b"half", length=100)

    def _long(self, to: socket.socket, rest: str) -> None:
        self._send(to, b"more than was announced", length=4)

    def _huge(self, to: socket.socket, rest: str) -> None:
        self._send(to, b"x", length=10**12)

    def _endless(self, to: socket.socket, rest: str) -> None:
        to.sendall(OK + b"Transfer-Encoding: chunked\r\n\r\n")
        while not self.over.is_set():
            to.sendall(b"400\r\n" + b"x" * 1024 + b"\r\n")

    def _cut(self, to: socket.socket, rest: str) -> None:
        to.sendall(OK + b"Transfer-Encoding: chunked\r\n\r\n400\r\nabc")

    def _drip(self, to: socket.socket, rest: str) -> None:
        to.sendall(OK + b"Content-Length: 40000\r\n\r\n")
        while not self.over.wait(_PAUSE):
            to.sendall(b"x")

    def _dripping_headers(self, to: socket.socket, rest: str) -> None:
        to.sendall(OK)
        while not self.over.wait(_PAUSE):
            to.sendall(b"X-More: 1\r\n")

    def _silent(self, to: socket.socket, rest: str) -> None:
        self.over.wait(30)

    def _packed(self, to: socket.socket, rest: str) -> None:
        to.sendall(OK + b"Content-Encoding: gzip\r\nContent-Length: 1\r\n\r\nx")

    def _garbage(self, to: socket.socket, rest: str) -> None:
        to.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")

    def _cut_headers(self, to: socket.socket, rest: str) -> None:
        to.sendall(OK + b"X-More: 1\r\n")

    def _closed(self, to: socket.socket, rest: str) -> None:
        """Answer nothing at all."""


@contextmanager
def misbehaving(tls: ssl.SSLContext | None = None) -> Iterator[Web]:
    """Run the server, as a context manager."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        web = Web(listener, tls)
        thread = threading.Thread(target=web.serve, daemon=True)
        thread.start()
        try:
            yield web
        finally:
            web.over.set()
            listener.shutdown(socket.SHUT_RDWR)
    thread.join(5)
