"""What every answer has, whatever went wrong: security headers, the host it is for, and HEAD where there is GET."""

from pathlib import Path
from uuid import uuid4

import httpx2
import pytest
from fastapi import FastAPI, Request

from backend.api.main import create_app
from backend.api.routes.core.hosts import allowed_hosts
from backend.api.routes.core.middleware import HEADERS, MAX_HEADER_BYTES
from backend.api.routes.core.security import PUBLIC
from backend.embedded.postgres import EmbeddedPostgres
from backend.settings import Settings
from tests.api.routes.core.test_route_policies import address, all_routes
from tests.support.html import page_of, said_in
from tests.support.web import ORIGIN, Visitor, visitor_of, web_settings


def has_all_headers(answer: httpx2.Response) -> bool:
    """The policy may be stricter than the usual one, as that of files is."""
    return all(name in answer.headers for name in (*HEADERS, "cache-control", "x-request-id"))


def with_defect(app: FastAPI) -> str:
    """A route that fails; its path."""

    async def fail() -> None:
        raise RuntimeError("a defect")

    app.add_api_route("/defect", fail, dependencies=[PUBLIC], name="defect:show")
    return "/defect"


async def test_every_answer_has_the_security_headers(app: FastAPI) -> None:
    expected = {
        ("GET", with_defect(app)): 500,
        ("GET", "/nowhere"): 404,
        ("GET", "/static/app.css"): 200,
        ("GET", "/static/nothing.css"): 404,
        ("GET", "/cases/"): 303,
        ("GET", "/cases"): 303,
        ("DELETE", "/cases"): 405,
        ("POST", "/login"): 422,
        ("GET", "/api/v1/cases"): 401,
        ("GET", "/healthz"): 200,
    }
    async with visitor_of(app, origin=ORIGIN) as stranger:
        for (method, path), status in expected.items():
            answer = await stranger.request(method, path)
            assert (answer.status_code, path) == (status, path)
            assert has_all_headers(answer), path
        wrong_host = await stranger.get("/cases", headers={"host": "evil.example"})
        too_large = await stranger.get("/cases", headers={"cookie": "a" * (MAX_HEADER_BYTES + 1)})
        long = await stranger.post("/api/v1/cases/X/comments", content=b"a" * 60_000)
    assert [each.status_code for each in (wrong_host, too_large, long)] == [400, 431, 413]
    assert all(has_all_headers(each) for each in (wrong_host, too_large, long))


async def test_a_defect_is_logged_once_and_its_page_leads_back(app: FastAPI, caplog: pytest.LogCaptureFixture) -> None:
    path = with_defect(app)
    async with visitor_of(app) as stranger:
        answer = await stranger.get(path, headers={"referer": f"{ORIGIN}/login"})
    assert answer.status_code == 500
    assert "Something went wrong" in said_in(answer)
    assert page_of(answer).one('a[href="/login"]').text == "Back"
    assert len([record for record in caplog.records if record.exc_info]) == 1


async def test_an_error_page_says_in_words_what_happened_before_any_number(browser_of: Visitor) -> None:
    ann = await browser_of("ann")
    said = said_in(await ann.get("/cases/PUR-999999"))
    assert said.index("Not found") < said.index("There is no case PUR-999999") < said.index("Error 404")
    assert page_of(await ann.get("/cases/PUR-999999")).one('main a[href="/cases"]').text == "Back"


@pytest.mark.parametrize("referer", ["http://evil.example/x", f"{ORIGIN}//evil.example/x", "nothing", f"{ORIGIN}/a\\b"])
async def test_the_way_back_stays_on_this_site(browser_of: Visitor, referer: str) -> None:
    ann = await browser_of("ann")
    links = page_of(await ann.get("/cases/PUR-999999", headers={"referer": referer})).one("main").links
    assert links
    assert all(link.startswith("/") and not link.startswith(("//", "/\\")) for link in links)


async def test_head_is_answered_like_get_without_a_body(app: FastAPI, browser_of: Visitor) -> None:
    compared = 0
    root = await browser_of("root")
    for route in all_routes(app):
        if route.method != "GET":
            continue
        path = address(route)
        got, head = await root.get(path), await root.head(path)
        assert (head.status_code, head.content) == (got.status_code, b""), path
        assert head.headers.get("content-type") == got.headers.get("content-type"), path
        compared += 1
    assert compared > 30


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/login", "/static/app.css"])
async def test_a_monitor_that_asks_with_head_sees_that_all_is_well(app: FastAPI, path: str) -> None:
    async with visitor_of(app) as monitor:
        assert (await monitor.head(path)).status_code == 200


async def test_head_consumes_no_message(app: FastAPI, browser_of: Visitor) -> None:
    ann = await browser_of("ann")
    found = await app.state.web.authenticator.find(ann.cookies["countersign"], polling=True)
    await app.state.web.authenticator.leave_toast(found.session_id, {"text": "Draft deleted."})
    await ann.head("/")
    assert "Draft deleted." in said_in(await ann.get("/"))


@pytest.mark.parametrize(
    ("path", "instead"),
    [
        ("/cases/", "/cases"),
        ("/cases/?q=a", "/cases?q=a"),
        ("//evil.example/", "/evil.example"),
        ("/answer/forged/", "/answer/forged"),
    ],
)
async def test_a_slash_at_the_end_leads_to_the_page_on_this_site(app: FastAPI, path: str, instead: str) -> None:
    async with visitor_of(app) as stranger:
        answer = await stranger.get(f"{ORIGIN}{path}")
    assert (answer.status_code, answer.headers["location"]) == (303, instead)


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_slash_at_the_end_of_a_call_is_not_found_and_sends_no_token_elsewhere(
    program_of: Visitor, method: str
) -> None:
    ann = await program_of("ann")
    answer = await ann.request(method, "/api/v1/cases/")
    assert answer.status_code == 404
    assert "location" not in answer.headers


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8000", "127.0.0.1.evil.example", "", "[::1", "a b"])
async def test_a_request_for_another_host_is_refused_and_repeats_it_nowhere(app: FastAPI, host: str) -> None:
    async with visitor_of(app) as stranger:
        answer = await stranger.get("/login", headers={"host": host})
        assert answer.status_code == 400
        assert "evil" not in answer.text
        assert (await stranger.get("/healthz", headers={"host": host})).status_code == 200


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost:8000", "LOCALHOST", "[::1]:8000"])
async def test_all_names_of_this_machine_are_served_where_it_serves_itself(app: FastAPI, host: str) -> None:
    async with visitor_of(app) as stranger:
        assert (await stranger.get("/login", headers={"host": host})).status_code == 200


def test_the_hosts_are_those_of_the_settings() -> None:
    settings = Settings(base_url="https://desk.example", allowed_hosts="desk.internal, Other.Example")
    assert allowed_hosts(settings) == {"desk.example", "desk.internal", "other.example"}


@pytest.mark.parametrize(
    ("trusted", "peer", "expected"),
    [
        ("", "127.0.0.1", "127.0.0.1"),
        ("10.0.0.0/8", "127.0.0.1", "127.0.0.1"),
        ("127.0.0.1", "127.0.0.1", "203.0.113.9"),
        ("127.0.0.0/8,198.51.100.7", "127.0.0.1", "192.0.2.66"),
    ],
)
async def test_only_a_trusted_proxy_says_who_the_client_is(
    cluster: EmbeddedPostgres, tmp_path: Path, trusted: str, peer: str, expected: str
) -> None:
    settings = web_settings(cluster.app_url, tmp_path).model_copy(update={"trusted_proxies": trusted})
    app, seen = create_app(settings), []
    forwarded = "192.0.2.66, 198.51.100.7" if "198" in trusted else "192.0.2.66, 203.0.113.9"

    async def who(request: Request) -> None:
        seen.append(request.client and request.client.host)

    app.add_api_route("/who", who, dependencies=[PUBLIC], name="who:show")
    async with app.router.lifespan_context(app):
        transport = httpx2.ASGITransport(app, client=(peer, 1))
        async with httpx2.AsyncClient(transport=transport, base_url=ORIGIN) as client:
            await client.get("/who", headers={"x-forwarded-for": forwarded})
    assert seen == [expected]


async def test_every_address_that_only_takes_a_form_leads_to_a_page(app: FastAPI, browser_of: Visitor) -> None:
    root = await browser_of("root")
    read = {route.path for route in all_routes(app) if route.method == "GET"}
    forms = [route for route in all_routes(app) if route.method == "POST" and route.path not in read]
    pages = [route for route in forms if not route.path.startswith("/api/")]
    assert len(pages) > 15
    for route in pages:
        path = address(route)
        answer = await root.get(path)
        assert answer.status_code == 303, path
        assert answer.headers["location"].startswith("/"), path
        assert path.startswith(answer.headers["location"].rstrip("/")), path


async def test_a_decision_that_is_opened_again_leads_to_its_approval(browser_of: Visitor) -> None:
    finn, approval = await browser_of("finn"), uuid4()
    answer = await finn.get(f"/approvals/{approval}/decision")
    assert answer.headers["location"] == f"/approvals/{approval}"
