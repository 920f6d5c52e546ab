"""Forms without a browser: one case for each form, errors at the fields, and no typed text is lost."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from fastapi import FastAPI
from sqlalchemy import update

from backend.api.main import create_app
from backend.cases.people import sign_in_limits
from backend.database.engine import Database
from backend.database.tables import Session
from tests.support.html import Element, page_of, said_in, source_of
from tests.support.postgres import PASSWORD
from tests.support.purchases import purchase
from tests.support.web import ORIGIN, Visitor, visitor_of, web_settings

START = "/processes/purchase_approval/start"
PDF = ("offer.pdf", b"%PDF-1.7 an offer", "application/pdf")


def hidden(page: httpx2.Response, name: str) -> str:
    """The value of a hidden field in the form of the page."""
    held = page_of(page).one(f"main form [name={name}][type=hidden]").held
    assert held
    return held


def beside(page: Element, name: str) -> str:
    """The error text that the field refers to."""
    described = page.one(f'[name="{name}"]')["aria-describedby"].split()
    return " ".join(page.one(f'[id="{place}"]').text for place in described)


async def filled(client: httpx2.AsyncClient, **changes: str) -> dict[str, str]:
    """The form as a browser would send it."""
    page = await client.get(START)
    form = purchase()
    flat = {name: value for name, value in form.items() if isinstance(value, str)}
    line = {f"items.0.{name}": str(value) for name, value in form["items"][0].items()}
    return {**flat, **line, "form_token": hidden(page, "form_token"), "draft": "", "send": "1", **changes}


async def my_cases(client: httpx2.AsyncClient) -> list[str]:
    return [case["reference"] for case in (await client.get("/api/v1/cases")).json()["items"]]


async def test_a_form_sent_twice_opens_one_case(browser_of: Visitor) -> None:
    ann = await browser_of("ann")
    form = await filled(ann)
    answers = [await ann.post(START, data=form) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert len({answer.headers["location"] for answer in answers}) == 1
    assert len(await my_cases(ann)) == 1


async def test_every_error_stands_beside_its_field_and_what_was_typed_stays(browser_of: Visitor) -> None:
    ann = await browser_of("ann")
    wrong = {"title": "", "needed_by": "2020-01-01", "items.0.unit_price": "many <b>", "vendor": "Möbel & Söhne"}
    answer = await ann.post(START, data=await filled(ann, **wrong))
    assert answer.status_code == 422
    page = page_of(answer)
    told = {
        "needed_by": "Choose today or a later day",
        "items.0.unit_price": "Enter an amount",
    }
    for name, words in told.items():
        assert words in beside(page, name)
    assert {name: page.one(f'[name="{name}"]').held for name in wrong} == wrong
    assert await my_cases(ann) == []


async def test_a_forged_form_token_opens_nothing(browser_of: Visitor) -> None:
    ann = await browser_of("ann")
    answer = await ann.post(START, data=await filled(ann, form_token="made up"))
    assert answer.status_code == 422
    assert await my_cases(ann) == []


async def test_lines_are_added_and_removed_without_a_script(browser_of: Visitor) -> None:
    ann = await browser_of("ann")
    form = await filled(ann)
    del form["send"]
    two = await ann.post(START, data={**form, "add": "items"})
    assert page_of(two).has('[name="items.1.description"]')
    one = await ann.post(START, data={**form, "items.1.description": "Lamp", "remove": "items.0"})
    assert [field.held for field in page_of(one).all('[name$=".description"]')] == ["Lamp"]


async def test_a_file_is_kept_though_another_field_is_wrong_and_only_its_readers_get_it(browser_of: Visitor) -> None:
    ann, eve = await browser_of("ann"), await browser_of("eve")
    form = await filled(ann, title="")
    answer = await ann.post(START, data=form, files={"attachments_upload": PDF})
    kept = hidden(answer, "attachments")
    sent = await ann.post(START, data={**form, "title": "Desks", "attachments": kept})
    assert sent.status_code == 303
    assert (await ann.get(f"/files/{kept}")).content == PDF[1]
    shown = await ann.get(f"/files/{kept}/preview")
    assert (shown.headers["content-disposition"].partition(";")[0], shown.headers["content-type"]) == (
        "inline",
        "application/pdf",
    )
    assert "script-src" not in shown.headers["content-security-policy"]
    assert "default-src 'none'" in shown.headers["content-security-policy"]
    assert shown.headers["x-content-type-options"] == "nosniff"
    for path in (f"/files/{kept}", f"/files/{kept}/preview"):
        assert (await eve.get(path)).status_code == 404


@pytest.mark.parametrize(
    ("upload", "words"),
    [
        (("offer.pdf", b"<html>", "application/pdf"), "offer.pdf is not a PDF, PNG or JPEG file"),
        (("offer.pdf", b"<html>" + b" " * 1100 + b"%PDF-", "application/pdf"), "Save it as one of these"),
        (("photo.pdf", b"\xff\xd8\xff", "application/pdf"), "photo.pdf is a JPEG file. Rename it to end in .jpg"),
        (("offer.pdf", b"%PDF-" + b"x" * 30_000, "application/pdf"), "is larger than"),
    ],
)
async def test_a_file_of_the_wrong_kind_or_size_is_an_error_of_its_field(
    browser_of: Visitor, upload: tuple[str, bytes, str], words: str
) -> None:
    ann = await browser_of("ann")
    answer = await ann.post(START, data=await filled(ann), files={"attachments_upload": upload})
    assert answer.status_code == 422
    assert words in said_in(answer)
    assert await my_cases(ann) == []


GOOD_FILES = {
    "bom.pdf": (b"\xef\xbb\xbf%PDF-1.7", "application/pdf"),
    "nl.pdf": (b"\n%PDF-1.7", "application/pdf"),
    "late.pdf": (b"\r\n" * 500 + b"%PDF-1.4", "application/pdf"),
    "photo.jfif": (b"\xff\xd8\xff\xe0", "image/jpeg"),
    "photo.JPE": (b"\xff\xd8\xff\xe0", "image/jpeg"),
}


@pytest.mark.parametrize("name", GOOD_FILES)
async def test_a_good_file_is_taken_whatever_wrote_it(browser_of: Visitor, name: str) -> None:
    ann = await browser_of("ann")
    content, kind = GOOD_FILES[name]
    upload = {"attachments_upload": (name, content, "application/octet-stream")}
    answer = await ann.post(START, data=await filled(ann, title=""), files=upload)
    kept = await ann.get(f"/files/{hidden(answer, 'attachments')}")
    assert (kept.content, kept.headers["content-type"]) == (content, kind)


async def test_a_file_has_the_name_that_it_has_on_the_disk(browser_of: Visitor) -> None:
    ann = await browser_of("ann")
    form, boundary = await filled(ann, title=""), "frontier"
    parts = [f'Content-Disposition: form-data; name="{name}"\r\n\r\n{value}' for name, value in form.items()]
    named = 'name="attachments_upload"; filename="Offer %22final%22.pdf"'
    parts.append(f"Content-Disposition: form-data; {named}\r\nContent-Type: application/pdf\r\n\r\n%PDF-1.7")
    body = "".join(f"--{boundary}\r\n{part}\r\n" for part in parts) + f"--{boundary}--\r\n"
    headers = {"content-type": f"multipart/form-data; boundary={boundary}"}
    answer = await ann.post(START, content=body.encode(), headers=headers)
    assert 'Offer "final".pdf' in said_in(answer)


async def test_a_draft_is_found_again_and_gone_when_it_is_sent(browser_of: Visitor) -> None:
    ann, mona = await browser_of("ann"), await browser_of("mona")
    form = await filled(ann, title="Lamps for the hall")
    del form["send"]
    kept = await ann.post(START, data={**form, "keep": "1"})
    address = kept.headers["location"]
    page = await ann.get(address)
    assert page_of(page).one("[name=title]").held == "Lamps for the hall"
    assert "Lamps for the hall" not in source_of(await mona.get(address))
    sent = await ann.post(START, data={**form, "send": "1", "draft": hidden(page, "draft")})
    assert sent.status_code == 303
    assert "Already sent as" in said_in(await ann.get(address))
    assert not page_of(await ann.get("/")).has(f'[href="{address}"]')


async def test_what_was_typed_survives_a_session_that_ended(
    browser_of: Visitor, database: Database, app: FastAPI
) -> None:
    ann = await browser_of("ann")
    form = await filled(ann, title="Typed for an hour")
    async with database.across_tenants() as session:
        await session.execute(update(Session).values(expires_at=Session.created_at))
    asked = await ann.post(START, data=form)
    assert asked.status_code == 401
    assert "Your input was kept" in said_in(asked)
    sign_in = page_of(asked).one('form:has([name="form_token"])').fields
    assert sign_in["next"] == START
    back = await ann.post("/login", data=sign_in | {"name": "ann", "password": PASSWORD})
    assert back.status_code == 200
    ann.headers["x-csrf-token"] = hidden(back, "csrf_token")
    restored = await ann.post(START, data=page_of(back).one(f'form[action="{START}"]').fields)
    assert restored.status_code == 200
    assert page_of(restored).one("[name=title]").held == "Typed for an hour"
    assert await my_cases(ann) == []


async def test_without_a_database_nothing_is_accepted_and_nothing_typed_is_lost(tmp_path: Path) -> None:
    away = "postgresql+asyncpg://countersign_app:none@127.0.0.1:9/countersign"
    app = create_app(web_settings(away, tmp_path))
    async with app.router.lifespan_context(app), visitor_of(app, origin=ORIGIN) as visitor:
        visitor.cookies["countersign"] = "a session that may be good"
        answer = await visitor.post(START, data={"title": "Typed <b> for an hour", "csrf_token": "t", "send": "1"})
        assert answer.status_code == 503
        assert page_of(answer).one("[name=title]").held == "Typed <b> for an hour"
        assert "Send again" in said_in(answer)
        sent = {"hx-request": "true", "hx-request-type": "partial"}
        for source, where in (("form#sheet", "innerHTML"), ("section#who", "none"), ("a#bell", "none")):
            part = await visitor.post(START, data={"title": "x"}, headers={**sent, "hx-source": source})
            assert (part.status_code, part.headers["hx-reswap"]) == (503, where), source
        assert (await visitor.get("/readyz")).status_code == 503
        assert (await visitor.get("/healthz")).status_code == 200
        api = await visitor.get("/api/v1/cases")
        assert (api.status_code, api.json()["code"]) == (503, "database_away")


async def test_passwords_are_never_guessed_fast(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sign_in_limits, "FIRST_WAIT", timedelta(minutes=1))
    async with visitor_of(app, origin=ORIGIN) as visitor:
        statuses = []
        for _ in range(11):
            page = await visitor.get("/login")
            form = {"name": "ann", "password": "guess", "form_token": hidden(page, "form_token")}
            statuses.append((await visitor.post("/login", data=form)).status_code)
    assert statuses == [422] * 5 + [429] * 6


async def test_the_summary_names_each_error_once(browser_of: Visitor) -> None:
    ann = await browser_of("ann")
    answer = await ann.post(START, data=await filled(ann, title="", **{"items.0.quantity": "none"}))
    assert "Fix 2 problems" in said_in(answer)
    unknown = await ann.post(START, data=await filled(ann, colour="red"))
    assert "This form has no such field." in said_in(unknown)


async def test_a_program_attaches_only_files_of_its_person(browser_of: Visitor, program_of: Visitor) -> None:
    page, ann, olga = await browser_of("ann"), await program_of("ann"), await program_of("olga")
    sent = await page.post(START, data=await filled(page, title=""), files={"attachments_upload": PDF})
    own = hidden(sent, "attachments")

    async def send(client: Any, key: str, *files: str) -> Any:
        place = "/api/v1/processes/purchase_approval/cases"
        return await client.post(place, json=purchase(attachments=files), headers={"idempotency-key": key})

    for client, files, wrong in ((ann, (own, str(uuid4())), 1), (olga, (own,), 0)):
        refused = await send(client, "other", *files)
        assert refused.status_code == 422
        assert [each["pointer"] for each in refused.json()["errors"]] == [f"/attachments/{wrong}"]
    opened, again = await send(ann, "own", own), await send(ann, "own", own)
    assert (opened.status_code, again.status_code, again.headers["idempotency-replayed"]) == (202, 202, "true")
    taken = await send(ann, "another", own)
    assert taken.status_code == 422, "a file belongs to one case"
    assert len((await ann.get("/api/v1/cases")).json()["items"]) == 1
