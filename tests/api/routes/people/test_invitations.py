"""Inviting people: the email, its one-time link, and the administrator's pages."""

import re

import httpx2
from fastapi import FastAPI

from backend.database.engine import Database
from tests.support.html import page_of, said_in
from tests.support.links import mails
from tests.support.web import ORIGIN, visitor_of

NILS = {
    "name": "Nils Dahl",
    "email": "nils@harbour.example",
    "id": "nils",
    "groups": ["employees", "finance"],
    "manager": "ida",
}


async def link_in_mail(database: Database, person: str) -> str:
    """The path of the link in the newest email to this person."""
    mail = (await mails(database, person))[-1]
    (link,) = set(re.findall(rf"{ORIGIN}(/set-password/\S+)", mail.text))
    assert f"{ORIGIN}{link}" in page_of(mail.html).links
    return str(link)


async def test_an_invited_person_sets_a_password_and_works(
    own_app: FastAPI, own_database: Database, ida: httpx2.AsyncClient
) -> None:
    assert page_of(await ida.get("/people")).one('a[href="/invitations/new"]')
    shown = await ida.post("/invitations", data=NILS)
    assert shown.status_code == 200
    assert "Give this link to Nils Dahl" in said_in(shown)
    link = await link_in_mail(own_database, "nils")
    assert "Invited" in said_in(await ida.get("/people"))
    async with visitor_of(own_app, origin=ORIGIN) as nils:
        page = await nils.get(link)
        assert "You sign in with the username nils" in said_in(page)
        short = await nils.post(link, data={"password": "short"})
        assert (short.status_code, page_of(short).one("#password").carries("aria-invalid")) == (422, True)
        saved = await nils.post(link, data={"password": "the first one of nils"})
        assert (saved.status_code, saved.headers["location"]) == (303, "/")
        assert (await nils.get("/approvals")).status_code == 200
        assert (await nils.get(link)).status_code == 404
        assert (await nils.post(link, data={"password": "the second of nils"})).status_code == 404
    assert "Nils Dahl" in said_in(await ida.get("/people"))
    assert "Invited" not in said_in(await ida.get("/people"))


async def test_the_email_is_in_the_language_of_the_tenant(own_database: Database, ida: httpx2.AsyncClient) -> None:
    await ida.post("/invitations", data=NILS)
    (mail,) = await mails(own_database, "nils")
    assert mail.subject == "Sie sind zu Countersign eingeladen"
    assert "Passwort festlegen" in mail.text


async def test_an_administrator_does_not_see_the_link_in_the_email_log(
    own_database: Database, ida: httpx2.AsyncClient
) -> None:
    await ida.post("/invitations", data=NILS)
    link = await link_in_mail(own_database, "nils")
    shown = page_of(await ida.get("/deliveries"))
    (delivery,) = [each for each in shown.links if re.fullmatch(r"(?:.*)/deliveries/[0-9a-f-]{36}", each)]
    page = (await ida.get(delivery)).text
    assert "/set-password/(hidden)" in page
    assert link not in page


async def test_bad_input_is_named_at_its_field(ida: httpx2.AsyncClient) -> None:
    refused = await ida.post("/invitations", data={**NILS, "id": "ida", "email": "nils"})
    page = page_of(refused)
    assert refused.status_code == 422
    assert page.one("#email").carries("aria-invalid")
    assert page.one("#name")["value"] == "Nils Dahl"
    assert page.one('[name="groups"][value="finance"]').carries("checked")
    taken = await ida.post("/invitations", data={**NILS, "id": "ida"})
    assert "The username ida is taken." in said_in(taken)
    for bad in ({"groups": ["pirates"]}, {"manager": "nobody"}):
        assert (await ida.post("/invitations", data={**NILS, **bad})).status_code == 422, bad


async def test_a_forgotten_password_is_replaced_by_a_link(
    own_app: FastAPI, own_database: Database, ida: httpx2.AsyncClient
) -> None:
    await ida.post("/invitations", data=NILS)
    async with visitor_of(own_app, origin=ORIGIN) as nils:
        await nils.post(await link_in_mail(own_database, "nils"), data={"password": "the first one of nils"})
        assert (await ida.post("/people/nils/password-link")).status_code == 200
        assert (await nils.get("/approvals")).status_code == 200, "until the link is used, nothing changes"
    link = await link_in_mail(own_database, "nils")
    async with visitor_of(own_app, origin=ORIGIN) as nils:
        assert (await nils.post(link, data={"password": "the second of nils"})).status_code == 303


async def test_only_administrators_invite_and_only_in_their_tenant(
    own_app: FastAPI, own_database: Database, ida: httpx2.AsyncClient
) -> None:
    await ida.post("/invitations", data=NILS)
    async with visitor_of(own_app, origin=ORIGIN) as nils:
        saved = await nils.post(await link_in_mail(own_database, "nils"), data={"password": "the first one of nils"})
        assert saved.status_code == 303
        found = await own_app.state.web.authenticator.find(nils.cookies["countersign"], polling=True)
        nils.headers["x-csrf-token"] = found.csrf
        assert (await nils.get("/invitations/new")).status_code == 404
        assert (await nils.post("/invitations", data={**NILS, "id": "eve"})).status_code == 404
        assert (await nils.post("/people/ida/password-link")).status_code == 404
    assert (await ida.post("/people/nobody/password-link")).status_code == 404
