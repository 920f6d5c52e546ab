"""A mistake in a process entry or its form stops the start with one sentence that names process and field."""

from dataclasses import replace
from typing import Annotated, Any, Literal
from uuid import UUID

import pytest
from pydantic import BaseModel, create_model

from backend.api.routes.core.rendering import check_icons
from backend.kit.fields import FormField
from backend.kit.form_check import BadForm
from backend.kit.process import Outcome
from backend.processes import by_key
from backend.workflows.core.case_workflow import CaseWorkflow
from tests.support.odd_workflow import OddWorkflow

PURCHASE = by_key()["purchase_approval"]


class Endless(BaseModel):
    """A row that contains rows of the same model."""

    rows: list["Endless"] = []


def _with(**fields: Any) -> None:
    replace(PURCHASE, input=create_model("Form", **fields), columns=())


FILES = Annotated[list[UUID], FormField(widget="files")]
WRONG: list[tuple[dict[str, Any], str]] = [
    ({"receipt": (Annotated[str, FormField(widget="file")], ...)}, "“receipt” has the unknown widget “file”"),
    ({"centre": (Annotated[str, FormField(lookup="cost_centers")], ...)}, "unknown lookup “cost_centers”"),
    ({"days": (dict[str, int], ...)}, "“days” has the type dict"),
    ({"draft": (str, ...)}, "“draft” has the name of a control"),
    ({"csrf_token": (str, ...)}, "“csrf_token” has the name of a control"),
    ({"receipts": (FILES, []), "receipts_upload": (str, "")}, "name of the upload of “receipts”"),
    ({"why": (Annotated[str, FormField(when=("categroy", "x"))], "")}, "depends on “categroy”, which is no field"),
    ({"sure": (bool, False), "why": (Annotated[str, FormField(when=("sure", "true"))], ...)}, "needs a default"),
    ({"sure": (bool, False), "why": (Annotated[str, FormField(when=("sure", "yes"))], "")}, "none of its values"),
    ({"rows": (list[Endless], ...)}, "contains itself"),
]


@pytest.mark.parametrize(("fields", "words"), WRONG)
def test_a_form_that_cannot_work_is_refused_by_name(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(BadForm, match="Process purchase_approval: the field “") as refused:
        _with(**fields)
    assert words in str(refused.value)


def test_a_column_that_is_no_field_and_an_entry_without_outcomes_are_refused() -> None:
    with pytest.raises(BadForm, match="the column “vendro” is no field of its form"):
        replace(PURCHASE, columns=("vendro",))
    with pytest.raises(BadForm, match="it has no outcomes"):
        replace(PURCHASE, outcomes={})


def test_an_outcome_of_the_workflow_that_the_entry_lacks_is_refused() -> None:
    fewer = {key: outcome for key, outcome in PURCHASE.outcomes.items() if key != "over_budget"}
    with pytest.raises(BadForm, match="Process purchase_approval: its workflow can end with “over_budget”"):
        replace(PURCHASE, outcomes=fewer)
    with pytest.raises(BadForm, match="its workflow does not declare the `outcomes` it can end with"):
        replace(PURCHASE, workflow=CaseWorkflow)
    with pytest.raises(BadForm, match="its workflow does not declare the `outcomes` it can end with"):
        replace(PURCHASE, workflow=OddWorkflow)


def test_an_entry_may_keep_an_outcome_that_only_old_cases_have() -> None:
    retired = Outcome(label="Lost", kind="bad")
    assert replace(PURCHASE, outcomes={**PURCHASE.outcomes, "lost": retired}).look_of("lost").label == "Lost"


def test_files_are_refused_where_they_would_be_lost() -> None:
    with pytest.raises(BadForm, match="step finance: the field “offer” takes files"):
        replace(PURCHASE, decision_fields={"finance": create_model("Offer", offer=(FILES, []))})


def test_an_icon_that_is_not_there_stops_the_web() -> None:
    with pytest.raises(BadForm, match="there is no icon “receipt”"):
        check_icons([replace(PURCHASE, icon="receipt")])


FITTING: list[dict[str, Any]] = [
    {"sure": (bool, False), "why": (Annotated[str, FormField(when=("sure", "true"))], "")},
    {"sure": (bool, False), "why": (Annotated[str, FormField(when=("sure", "false"))], "")},
    {"sort": (Literal["a", "b"], "a"), "why": (Annotated[str, FormField(when=("sort", "b"))], "")},
    {"sort": (str, "a"), "why": (Annotated[str, FormField(when=("sort", "anything"))], "")},
    {"sort": (Annotated[Literal["a"], FormField(labels={"a": "First"})], "a")},
    {"receipts": (FILES, [])},
    {"centre": (Annotated[str, FormField(lookup="cost_centres")], "")},
]


@pytest.mark.parametrize("fields", FITTING)
def test_a_form_that_works_is_taken(fields: dict[str, Any]) -> None:
    _with(**fields)


def test_a_choice_has_no_label_or_condition_for_a_value_that_it_lacks() -> None:
    sort = Annotated[Literal["a"], FormField(labels={"a": "First", "z": "Last"})]
    with pytest.raises(BadForm, match="the field “sort” has a label for “z”, which is none of its values"):
        _with(sort=(sort, "a"))
    with pytest.raises(BadForm, match="“why” depends on “sort” being “b”, which is none of its values"):
        _with(sort=(Literal["a"], "a"), why=(Annotated[str, FormField(when=("sort", "b"))], ""))


def test_a_field_deep_inside_is_named_by_its_path() -> None:
    inner = create_model("Inner", days=(dict[str, int], ...))
    with pytest.raises(BadForm, match=r"the field “rows\.days” has the type dict"):
        _with(rows=(list[inner], []))
    files = create_model("Files", offer=(FILES, []))
    with pytest.raises(BadForm, match=r"step finance: the field “rows\.offer” takes files"):
        replace(PURCHASE, decision_fields={"finance": create_model("Offers", rows=(list[files], []))})


def test_the_form_of_an_action_is_checked_too() -> None:
    action = next(action for process in by_key().values() for action in process.actions)
    wrong = replace(action, input=create_model("Act", act=(str, "")))
    with pytest.raises(BadForm, match=f"Process purchase_approval, action {action.key}: the field “act” has the name"):
        replace(PURCHASE, actions=(wrong,))


def test_an_entry_finds_its_actions_columns_and_looks() -> None:
    action = next(action for process in by_key().values() for action in process.actions)
    entry = replace(PURCHASE, actions=(action,), columns=("vendor",))
    assert (entry.action(action.key), entry.action("nothing")) == (action, None)
    assert entry.column_labels() == {"vendor": "Vendor"}
    unknown = entry.look_of("long gone")
    assert (unknown.label, unknown.tone) == ("long gone", Outcome(label="", kind="rest").look.tone)
