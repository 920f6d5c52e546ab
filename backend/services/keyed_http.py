"""Send changes to an external system over HTTP: with their key, and telling "never" from "not now"."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import httpx2

from backend.kit.i18n import N_
from backend.services.keyed import Refused, tried_before

ANSWER_SECONDS = 20.0
CLIENT_ERRORS = range(400, 500)
WORTH_ANOTHER_TRY = {408, 409, 425, 429}


class KeyedHttp:
    """One external system. Temporary failures raise httpx2's errors and are retried by the caller."""

    def __init__(self, name: str, url: str, client: httpx2.AsyncClient) -> None:
        self._name = name
        self._url = url.rstrip("/")
        self._client = client

    async def send(
        self, path: str, key: str, body: Mapping[str, Any], *, expected: frozenset[int] = frozenset()
    ) -> httpx2.Response:
        """POST a change under its key; Refused for good, unless the status is one that the caller expects.

        If an earlier attempt may have arrived, the change is looked up first: `GET {path}/{key}`.
        """
        if tried_before() and (known := await self._known(path, key)):
            return known
        headers = {"Idempotency-Key": key}
        answer = await self._client.post(self._url + path, json=body, headers=headers, timeout=ANSWER_SECONDS)
        if answer.status_code in expected:
            return answer
        if answer.status_code in CLIENT_ERRORS and answer.status_code not in WORTH_ANOTHER_TRY:
            raise Refused(N_("{name} answered with status {code}.").format(name=self._name, code=answer.status_code))
        answer.raise_for_status()
        return answer

    async def _known(self, path: str, key: str) -> httpx2.Response | None:
        """The answer to the first attempt; None if it is unknown, or the system offers no lookup."""
        answer = await self._client.get(f"{self._url}{path}/{quote(key, safe='')}", timeout=ANSWER_SECONDS)
        return answer if answer.is_success else None


def content(answer: httpx2.Response) -> Any:
    """The body of an answer; an empty one only says that it is done."""
    return answer.json() if answer.content else {}
