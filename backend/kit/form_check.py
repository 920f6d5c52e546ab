"""What is wrong with a form or an entry, found when the program starts: one sentence that names process and field."""

from collections.abc import Iterator
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from backend.kit.fields import FormField, Lookup, Widget
from backend.kit.forms import FieldShape, as_typed, describe

# Names of our own controls on the pages that hold a form. A field of the same name would be read as the control.
START_CONTROLS = frozenset({
    "csrf_token", "form_token", "draft", "send", "keep", "add", "remove", "detach", "refresh", "version", "restore",
})  # fmt: skip
ACTION_CONTROLS = frozenset({"csrf_token", "form_token", "act", "add", "remove", "detach", "refresh", "restore"})
DECISION_CONTROLS = frozenset({"csrf_token", "version", "decision", "option", "comment", "restore", "row"})
CORRECTION_CONTROLS = frozenset({"csrf_token", "version", "words", "add", "remove", "restore"})
EXPLAIN_CONTROLS = frozenset({"process", "requester", "add", "remove"})
EXPLAIN_REST_CONTROLS = frozenset({"process", "requester", "input"})
ADDRESS_CONTROLS = frozenset({"like", "draft"})
IN_A_START_FORM = (
    START_CONTROLS | CORRECTION_CONTROLS | EXPLAIN_CONTROLS | EXPLAIN_REST_CONTROLS | ADDRESS_CONTROLS
)  # fmt: skip
IN_EVERY_FORM = frozenset({"typed_in"})  # the language of the page: see `i18n.typed_numbers`
UPLOAD = "_upload"


class BadForm(ValueError):
    """A form that cannot work."""


def check_form(model: type[BaseModel], where: str, reserved: frozenset[str], *, takes_files: bool = False) -> None:
    """BadForm with the first mistake of this form; `where` says whose form it is."""
    for sentence in _mistakes(model, reserved, ()):
        raise BadForm(f"{where}: {sentence}")
    for name in () if takes_files else _file_fields(model):
        raise BadForm(f"{where}: the field “{name}” takes files, which only the form that opens a case can")


def _file_fields(model: type[BaseModel], path: str = "") -> Iterator[str]:
    for one in describe(model).fields:
        if one.kind == "files":
            yield path + one.name
        if one.model:
            yield from _file_fields(one.model, f"{path}{one.name}.")


def _mistakes(
    model: type[BaseModel], reserved: frozenset[str], outer: tuple[type[BaseModel], ...], path: str = ""
) -> Iterator[str]:
    if model in outer:
        yield f"the field “{path.removesuffix('.')}” contains itself; a form cannot be drawn without an end"
        return
    for one in describe(model).fields:
        name = path + one.name
        if not path and one.name in reserved | IN_EVERY_FORM:
            yield f"the field “{name}” has the name of a control of the page; give it another name"
        if one.kind == "files" and f"{one.name}{UPLOAD}" in model.model_fields:
            yield f"the field “{name}{UPLOAD}” has the name of the upload of “{name}”; give it another name"
        yield from (f"the field “{name}” {wrong}" for wrong in _of_field(model, one))
        if one.model:
            yield from _mistakes(one.model, reserved, (*outer, model), f"{name}.")


def _of_field(model: type[BaseModel], one: FieldShape) -> Iterator[str]:
    info, marker = model.model_fields[one.name], one.marker
    if marker.widget not in get_args(Widget):
        yield f"has the unknown widget “{marker.widget}”; choose one of {', '.join(get_args(Widget))}"
    elif one.kind == "unknown":
        yield f"has the type {info.annotation}, which no form can show"
    if marker.lookup and marker.lookup not in set(Lookup):
        yield f"has the unknown lookup “{marker.lookup}”; choose one of {', '.join(Lookup)}"
    if unknown := sorted(set(marker.labels) - set(one.values)):
        yield f"has a label for “{unknown[0]}”, which is none of its values"
    if marker.when is not None:
        yield from _of_condition(model, one.name, info, marker)


def _of_condition(model: type[BaseModel], name: str, info: FieldInfo, marker: FormField) -> Iterator[str]:
    other, wanted = marker.when or ("", "")
    before = list(model.model_fields)[: list(model.model_fields).index(name)]
    if other not in before:
        yield f"depends on “{other}”, which is no field before it"
        return
    if info.is_required():
        yield f"depends on “{other}” and needs a default for when it does not count"
    shape = describe(model).field(other)
    values: dict[str, Any] = {"true": True, "false": False} if shape and shape.kind == "yes_no" else {}
    values |= dict(shape.values) if shape else {}
    if values and as_typed(wanted) not in values:
        yield f"depends on “{other}” being “{wanted}”, which is none of its values"
