"""Send changes to an external system over HTTP: with their key, and telling "never" from "not now"."""

import logging
from collections.abc import Mapping
from typing import Any, TypeVar
from urllib.parse import quote

import httpx2
from pydantic import BaseModel

from backend.kit.i18n import N_
from backend.services.keyed import Refused, tried_before

log = logging.getLogger(__name__)
Answer = TypeVar("Answer", bound=BaseModel)
ANSWER_SECONDS = 20.0
CLIENT_ERRORS = range(400, 500)
WORTH_ANOTHER_TRY = {408, 409, 425, 429}


class UnexpectedAnswer(Exception):
    """The system says that it worked, but its answer is none to this request; somebody has to look at it there."""


class KeyedHttp:
    """One external system. Temporary failures raise httpx2's errors and are retried by the caller."""

    def __init__(self, name: str, url: str, client: httpx2.AsyncClient) -> None:
        self._name = name
        self._url = url.rstrip("/")
        self._client = client

    async def send(
        self,
        path: str,
        key: str,
        body: Mapping[str, Any],
        *,
        expected: frozenset[int] = frozenset(),
        answers: type[BaseModel] | None = None,
    ) -> httpx2.Response:
        """POST a change under its key; Refused for good, unless the status is one that the caller expects.

        If an earlier attempt may have arrived, the change is looked up first: `GET {path}/{key}` answers as the POST
        does, or with 404. Anything else than what `answers` says is no answer, and the change is sent again: the other
        system refuses a second one with the same key.
        """
        if tried_before() and (known := await self._known(path, key, answers)):
            return known
        headers = {"Idempotency-Key": key}
        answer = await self._client.post(self._url + path, json=body, headers=headers, timeout=ANSWER_SECONDS)
        if answer.status_code in expected:
            return answer
        if answer.status_code in CLIENT_ERRORS and answer.status_code not in WORTH_ANOTHER_TRY:
            raise Refused(N_("{name} answered with status {code}.").format(name=self._name, code=answer.status_code))
        answer.raise_for_status()
        return answer

    async def _known(self, path: str, key: str, answers: type[BaseModel] | None) -> httpx2.Response | None:
        """The answer to the first attempt; None if it is unknown, or the system offers no lookup."""
        answer = await self._client.get(f"{self._url}{path}/{quote(key, safe='')}", timeout=ANSWER_SECONDS)
        if not answer.is_success:
            return None
        if answers is not None and not _fits(answer, answers):
            log.warning("%s answers its lookup of %s with something else; it is sent again", self._name, path)
            return None
        return answer

    def read(self, answer: httpx2.Response, model: type[Answer]) -> Answer:
        """The body of a response; UnexpectedAnswer if it has another form."""
        try:
            return model.model_validate(content(answer))
        except ValueError as error:
            sentence = N_("{name} answered with something else than expected (status {code}).")
            raise UnexpectedAnswer(sentence.format(name=self._name, code=answer.status_code)) from error


def _fits(answer: httpx2.Response, model: type[BaseModel]) -> bool:
    """Whether a body has what was asked for; an empty one only says that it is done."""
    try:
        found = content(answer)
        read = model.model_validate(found)
    except ValueError:
        return False
    return not found or bool(read.model_fields_set)


def content(answer: httpx2.Response) -> Any:
    """The body of an answer; an empty one only says that it is done."""
    return answer.json() if answer.content else {}
