"""A fake of all external systems over HTTP: it counts by key, and can lose a response or refuse a change."""

import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote

Answer = tuple[int, dict[str, Any]]
UNDO = {
    "/refunds": ("charge", "/charges"),
    "/releases": ("reservation", "/reservations"),
    "/cancellations": ("shipment", "/shipments"),
}
CARD_LIMIT = 25_000


@dataclass
class FakeOutside:
    """What was done by key, in which order, and how often each key was asked for.

    `lose_every`: the first answer to every so many changes is lost after it was done; 0 loses none.
    `refuse`: paths that are answered with 422. `out_of_order`: the status of every answer.
    `lookup_body` is what every look-up answers, with 200; `answer_instead` what every change does.
    `before_answer` is told of every change that was done just now, while whoever asked for it still waits.
    """

    stock: dict[str, int] = field(default_factory=dict)
    lose_every: int = 0
    refuse: set[str] = field(default_factory=set)
    refuse_if: Callable[[str, dict[str, Any]], bool] = lambda *_: False
    out_of_order: int = 0
    before_answer: Callable[[str, str, dict[str, Any]], None] = lambda *_: None
    asked: Counter[str] = field(default_factory=Counter)
    looked_up: Counter[str] = field(default_factory=Counter)
    done: dict[str, tuple[str, Answer]] = field(default_factory=dict)
    undone: set[str] = field(default_factory=set)
    log: list[tuple[str, str]] = field(default_factory=list)
    lookup_body: bytes = b""
    answer_instead: dict[str, Any] | None = None
    url: str = ""
    _taken: dict[str, dict[str, int]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def post(self, path: str, key: str, body: dict[str, Any]) -> tuple[Answer, bool]:
        """The response, and whether it is lost. A known key gets its first response again."""
        with self._lock:
            self.asked[key] += 1
            if self.out_of_order or path in self.refuse or self.refuse_if(path, body):
                return (self.out_of_order or 422, {}), False
            new = key not in self.done
            if new:
                answer = self._do(path, key, body)
                if answer[0] >= 400:
                    return answer, False
                self.done[key] = (path, answer)
                self.log.append((path, key))
            lost = bool(self.lose_every) and self.asked[key] == 1 and len(self.done) % self.lose_every == 0
        if new:
            self.before_answer(path, key, body)
        return self.done[key][1], lost

    def get(self, path: str, key: str) -> Answer:
        """Handle a lookup."""
        with self._lock:
            self.looked_up[key] += 1
            known = self.done.get(key)
        return known[1] if known and known[0] == path else (404, {})

    def found(self, path: str, key: str) -> tuple[int, bytes]:
        """A look-up as it is sent."""
        answer = self.get(path, key)
        return (200, self.lookup_body) if self.lookup_body else (answer[0], json.dumps(answer[1]).encode())

    def body_of(self, answer: Answer) -> bytes:
        """The body of the answer to a change."""
        return json.dumps(answer[1] if self.answer_instead is None else self.answer_instead).encode()

    def keys(self, path: str) -> list[str]:
        """The keys of the changes at this path, in order."""
        return [key for where, key in self.log if where == path]

    def free(self, sku: str) -> int:
        """How many of an article are left."""
        return self.stock[sku]

    def _do(self, path: str, key: str, body: dict[str, Any]) -> Answer:
        number = len(self.done) + 1
        if path in UNDO:
            return self._undo(path, body)
        if path.startswith("/purchase-orders/"):
            order = unquote(path.split("/")[2])
            if order not in self.done:
                return 404, {}
            self.undone.add(order)
            return 201, {}
        if path == "/charges" and float(body["total"]["amount"]) > CARD_LIMIT:
            return 402, {}
        if path == "/reservations":
            return self._reserve(key, body["lines"])
        made = {"/purchase-orders": "number", "/charges": "number", "/shipments": "tracking_number"}
        return 201, {made[path]: f"{path[1:3].upper()}-{number:06d}"}

    def _undo(self, path: str, body: dict[str, Any]) -> Answer:
        name, where = UNDO[path]
        if self.done.get(body[name], ("",))[0] != where:
            return 404, {}
        self.undone.add(body[name])
        for sku, quantity in self._taken.pop(body[name], {}).items():
            self.stock[sku] += quantity
        return 201, {}

    def _reserve(self, key: str, lines: list[dict[str, Any]]) -> Answer:
        unknown = [line["sku"] for line in lines if line["sku"] not in self.stock]
        if unknown:
            return 201, {"reserved": [], "unknown": unknown}
        taken = {line["sku"]: min(line["quantity"], self.stock[line["sku"]]) for line in lines}
        for sku, quantity in taken.items():
            self.stock[sku] -= quantity
        self._taken[key] = taken
        return 201, {"reserved": [{"sku": sku, "quantity": number} for sku, number in taken.items() if number]}


@contextmanager
def fake_outside(**how: Any) -> Iterator[FakeOutside]:
    """A running server."""
    outside = FakeOutside(**how)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            answer, lost = outside.post(self.path, self.headers["Idempotency-Key"], body)
            if lost:
                self.close_connection = True
                return
            self._send(answer[0], outside.body_of(answer))

        def do_GET(self) -> None:
            path, _, key = self.path.rpartition("/")
            status, body = outside.found(path, unquote(key))
            self._send(status, body)

        def _send(self, status: int, body: bytes) -> None:
            with suppress(ConnectionError):  # whoever asked may have been killed meanwhile
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name in the library
            """Log nothing."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:
            """Ignore errors: tests kill the clients."""

    server = Server(("127.0.0.1", 0), Handler)
    outside.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield outside
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
