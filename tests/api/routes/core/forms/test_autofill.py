"""A browser fills in nothing of its own where a form is about somebody else."""

from types import SimpleNamespace

import pytest

from backend.api.routes.core.forms.view import form_view
from backend.api.routes.core.rendering import make_templates
from backend.kit.process import Process
from backend.processes import PROCESSES
from tests.support.html import page_of
from tests.support.web import Visitor

FORM = make_templates().from_string(
    '{% from "forms/fields.html" import field with context %}'
    '{% from "forms/problems.html" import problems with context %}'
    "{% for section in form.sections %}{% for view in section.fields %}{{ field(view) }}{% endfor %}{% endfor %}"
)
TYPED = "textarea, select, input:not([type=checkbox]):not([type=file]):not([type=hidden])"


TYPED_IN = [process for process in PROCESSES if process.key != "retention_cleanup"]  # it has only a checkbox


@pytest.mark.parametrize("process", TYPED_IN, ids=lambda process: process.key)
def test_every_field_says_that_nothing_is_filled_in(process: Process) -> None:
    form = form_view(process.input, {}, {}, {})
    page = page_of(FORM.render(form=form, actor=SimpleNamespace(time_zone="UTC"), url_for=lambda *_, **__: "/"))
    said = {each["name"]: each["autocomplete"] for each in page.all(TYPED)}
    assert said
    assert set(said.values()) <= {"off", "none"}
    personal = [name for name in said if name.rpartition(".")[2] in {"name", "email", "address"}]
    # Chrome fills these in whatever `off` says.
    assert all(said[name] == "none" for name in personal)
    assert bool(personal) == (process.key in {"employee_onboarding", "order_fulfillment"})


async def test_a_generated_form_is_off_as_a_whole_and_the_sign_in_is_not(browser_of: Visitor) -> None:
    hugo, guest = await browser_of("hugo"), await browser_of("")
    page = page_of(await hugo.get("/processes/employee_onboarding/start"))
    assert page.one("form#sheet")["autocomplete"] == "off"
    sign_in = page_of(await guest.get("/login"))
    assert sign_in.one("[name=name]")["autocomplete"] == "username"
    assert sign_in.one("[name=password]")["autocomplete"] == "current-password"
