"""A fake ERP over HTTP: it counts orders, and loses a response now and then."""

import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

LOSE_EVERY = 20


class FakeErp:
    """Orders by idempotency key, and the number of requests for each key."""

    def __init__(self) -> None:
        self.orders: dict[str, str] = {}
        self.asked: Counter[str] = Counter()
        self.url = ""
        self._lock = threading.Lock()

    def order(self, key: str) -> tuple[str, bool]:
        """The number of the order with this key, created by its first request, and whether the response is lost."""
        with self._lock:
            self.asked[key] += 1
            number = self.orders.setdefault(key, f"PO-{len(self.orders) + 1:06d}")
            lost = self.asked[key] == 1 and len(self.orders) % LOSE_EVERY == 0
        return number, lost


@contextmanager
def fake_erp() -> Iterator[FakeErp]:
    """A running server."""
    erp = FakeErp()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            number, lost = erp.order(self.headers["Idempotency-Key"])
            if lost:
                self.close_connection = True
                return
            body = json.dumps({"number": number}).encode()
            self.send_response(201)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name in the library
            """Log nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    erp.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield erp
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
