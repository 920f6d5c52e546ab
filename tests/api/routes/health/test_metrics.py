"""Metrics: an operator sees their own tenant, the monitoring system all of them."""

from dataclasses import replace

import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from tests.api.routes.cases.test_rest import open_one
from tests.support.web import Visitor, visitor_of

RUNNING = 'countersign_cases_running{process="purchase_approval",status="queued"} 1.0'


def with_token(app: FastAPI, token: str) -> None:
    settings = app.state.web.settings.model_copy(update={"metrics_token": SecretStr(token)})
    app.state.web = replace(app.state.web, settings=settings)


async def test_the_operator_of_another_tenant_does_not_see_our_cases(program_of: Visitor) -> None:
    await open_one(await program_of("ann"))
    ours, theirs = [(await (await program_of(name)).get("/metrics")).text for name in ("root", "zoe")]
    assert RUNNING in ours
    assert "countersign_outbox_waiting 1.0" in ours
    assert RUNNING not in theirs
    assert "countersign_outbox_waiting 0.0" in theirs


async def test_the_monitoring_system_has_a_token_of_its_own_for_all(app: FastAPI, program_of: Visitor) -> None:
    await open_one(await program_of("ann"))
    with_token(app, "a token for prometheus")
    async with visitor_of(app, authorization="Bearer a token for prometheus") as monitor:
        assert RUNNING in (await monitor.get("/metrics")).text
        assert (await monitor.get("/health")).status_code == 303


@pytest.mark.parametrize("token", ["", "a token for prometheus"])
async def test_any_other_token_is_refused(app: FastAPI, token: str) -> None:
    with_token(app, token)
    async with visitor_of(app, authorization="Bearer ") as stranger:
        answer = await stranger.get("/metrics")
    assert answer.status_code == 303
    assert "countersign_" not in answer.text
