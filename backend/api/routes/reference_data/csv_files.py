"""CSV files of a list: written with a heading, read with every mistake by line."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from pydantic import BaseModel

from backend.api.routes.core.forms.decoder import decode
from backend.api.routes.core.forms.values import to_values
from backend.cases.core.errors import CaseError
from backend.cases.reference_data.changes import Row
from backend.cases.reference_data.lists import ReferenceList
from backend.i18n.sentences import translated
from backend.kit.fields import FormContext
from backend.kit.forms import describe
from backend.kit.i18n import N_
from backend.kit.spreadsheets import BOM, no_formula, plain_text

MOST_LINES = 2_000
SEPARATORS = ",;\t"


class BadFile(CaseError):
    """This is not a CSV file in UTF-8."""

    status = 422
    code = "bad_file"


@dataclass(frozen=True)
class Mistake:
    """What is wrong in one line of a file; line 0 for the file as a whole."""

    line: int
    label: str
    sentence: str


@dataclass
class ReadFile:
    """The forms of a file in their order, the numbers of their lines, and the line of each key."""

    of: ReferenceList
    forms: list[BaseModel] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    keys: dict[str, int] = field(default_factory=dict)
    mistakes: list[Mistake] = field(default_factory=list)

    def add(self, line: int, pairs: list[tuple[str, str]]) -> None:
        """Read one line, given by the names of its fields."""
        decoded = decode(self.of.model, pairs, FormContext(today=datetime.now(UTC).date(), choices={}))
        self.mistakes += [self.mistake(line, path, sentence) for path, sentence in decoded.errors.items()]
        if decoded.form is None:
            return
        key = self.of.stored(decoded.form)[self.of.key]
        if key in self.keys:
            sentence = N_("This is in line {number} already.").format(number=self.keys[key])
            self.mistakes.append(self.mistake(line, self.of.key, sentence))
        self.keys[key] = line
        self.forms.append(decoded.form)
        self.lines.append(line)

    def mistake(self, line: int, name: str, sentence: str) -> Mistake:
        """What is wrong with this field of a line."""
        one = describe(self.of.model).field(name)
        return Mistake(line, one.label if one else name, sentence)


def write_file(of: ReferenceList, rows: Sequence[Row]) -> str:
    """The rows in the form that `read_file` takes, with numbers as the page writes them."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(of.fields)
    for row in rows:
        values = to_values(of.model, row.values)
        writer.writerow([no_formula(values.get(name, [""])[0]) for name in of.fields])
    return BOM + out.getvalue()


def decoded_text(content: bytes) -> str:
    """The text of a file. BadFile if it is not in UTF-8."""
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise BadFile from error


def read_file(of: ReferenceList, text: str) -> ReadFile:
    """Every line as a form. The first line has the names of the fields or their labels. BadFile if it has not."""
    (_, heading), *table = _table(text)
    columns = _columns(of, heading)
    read = ReadFile(of)
    for line, cells in table:
        filled = [plain_text(cell).strip() for cell in cells]
        if any(filled[len(columns) :]):
            sentence = N_("This line has more cells than columns. Put numbers with commas in quotation marks.")
            read.mistakes.append(Mistake(line, "", sentence))
        elif pairs := [(name, cell) for name, cell in zip(columns, filled, strict=False) if cell]:
            read.add(line, pairs)
    if not read.forms and not read.mistakes:
        raise BadFile(N_("The file has no lines below its heading."))
    return read


def _table(text: str) -> list[tuple[int, list[str]]]:
    """The rows with the number of their line in the file."""
    content = text.lstrip(BOM).strip()
    if not content:
        raise BadFile(N_("The file is empty."))
    separator = max(SEPARATORS, key=content.partition("\n")[0].count)
    try:
        reader = csv.reader(io.StringIO(content), delimiter=separator, strict=True)
        table = [(reader.line_num, cells) for cells in reader]
    except csv.Error as error:
        raise BadFile from error
    if len(table) > MOST_LINES + 1:
        raise BadFile(N_("A file can have up to {count} lines.").format(count=f"{MOST_LINES:,}"))
    return table


def _columns(of: ReferenceList, heading: list[str]) -> list[str]:
    """The fields of the columns. BadFile for a column that the list does not have, or one that is missing."""
    fields = describe(of.model).fields
    known = {each.name: each.name for each in fields}
    for each in fields:
        known |= {each.label.lower(): each.name, translated(each.label, "UTC").lower(): each.name}
    columns = [known.get(cell.strip().lower(), "") for cell in heading]
    if "" in columns:
        sentence = N_("There is no column “{name}”. Columns are: {columns}.")
        wrong = heading[columns.index("")].strip()[:60]
        raise BadFile(sentence.format(name=wrong, columns=", ".join(of.fields)))
    missing = [each.name for each in fields if each.required and each.name not in columns]
    if missing:
        raise BadFile(N_("The column {name} is missing.").format(name=missing[0]))
    return columns
