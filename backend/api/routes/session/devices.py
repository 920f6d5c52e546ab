"""Devices that a person used before: their attempts to sign in are counted apart from those of strangers."""

import secrets
from datetime import timedelta

from fastapi import Request

from backend.api.routes.core.security import cookie_name
from backend.api.routes.core.state import web_state
from backend.cases.people.sign_in_limits import Origin
from backend.kit.text import login_name

DEVICE = "device"
DEVICE_AGE = timedelta(days=180)


def device_cookie(base_url: str) -> str:
    """The name of the cookie that a device keeps after it was used to sign in."""
    return f"{cookie_name(base_url)}-device"


def origin_of(request: Request, account: str) -> Origin:
    """Where an attempt to sign in to this account comes from."""
    address = request.client.host if request.client else ""
    return Origin(address, _device_of(request, login_name(account)))


def remembered_device(request: Request, person_id: str) -> str:
    """The value of the cookie: the same again, or a new one if another person used this device last."""
    known = _device_of(request, person_id)
    return web_state(request).tokens.sign(DEVICE, [person_id, known or secrets.token_urlsafe(12)])


def _device_of(request: Request, person_id: str) -> str:
    state = web_state(request)
    signed = request.cookies.get(device_cookie(state.settings.base_url), "")
    found = state.tokens.unsign(DEVICE, signed, DEVICE_AGE) if signed else None
    return str(found[1]) if isinstance(found, list) and found[0] == person_id else ""
