"""Files: checked while they stream in, kept in the object store under their id, passed by key."""

import hashlib
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from uuid import UUID

from obstore.exceptions import BaseError
from obstore.store import ObjectStore
from pydantic import BaseModel
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.core.access import Processes, visible_cases
from backend.cases.core.actor import Actor
from backend.cases.core.errors import FileTooLarge, FileTypeRefused, NoSpace, NotFound
from backend.database.engine import Database
from backend.database.ids import new_id
from backend.database.tables import Case, File
from backend.kit.forms import files_in
from backend.kit.i18n import N_
from backend.kit.text import one_spelling, single_line

START = 1024  # bytes; a PDF may begin this late (ISO 32000-1, annex H)


@dataclass(frozen=True)
class FileKind:
    """A kind of file that we take: its name, its media type, how its content starts, and its endings."""

    name: str
    media_type: str
    magic: bytes
    endings: tuple[str, ...]
    anywhere: bool = False

    def starts(self, content: bytes) -> bool:
        """Whether a content that starts like this is of this kind."""
        return self.magic in content[: START + len(self.magic)] if self.anywhere else content.startswith(self.magic)


KINDS = (
    FileKind("PNG", "image/png", b"\x89PNG\r\n\x1a\n", (".png",)),
    FileKind("JPEG", "image/jpeg", b"\xff\xd8\xff", (".jpg", ".jpeg", ".jpe", ".jfif")),
    FileKind("PDF", "application/pdf", b"%PDF-", (".pdf",), anywhere=True),
)
# What browsers write for the three characters that a header cannot hold.
_ESCAPED = {"%22": '"', "%0a": " ", "%0d": " "}
_ESCAPES = re.compile("%(?:22|0a|0d)", re.IGNORECASE)


async def store_file(
    database: Database,
    store: ObjectStore,
    *,
    name: str,
    chunks: AsyncIterator[bytes],
    limit: int,
    by: Actor,
) -> File:
    """Keep a file of at most `limit` bytes. FileTooLarge, FileTypeRefused or NoSpace, and nothing is kept."""
    shown = safe_name(name)
    content, hashed = bytearray(), hashlib.sha256()
    async for chunk in chunks:
        content += chunk
        hashed.update(chunk)
        if len(content) > limit:
            sentence = N_("{file} is larger than {size} MB. Attach a smaller one.")
            raise FileTooLarge(sentence.format(file=shown, size=limit // 1024 // 1024))
    file = File(
        id=new_id(),
        tenant_id=by.tenant,
        name=shown,
        media_type=kind_of(shown, bytes(content[: 2 * START])),
        size=len(content),
        sha256=hashed.hexdigest(),
        uploaded_by=by.person_id,
    )
    try:
        await store.put_async(key_of(file), bytes(content))
    except (BaseError, OSError) as error:
        raise NoSpace from error
    async with database.transaction(by.tenant) as session:
        session.add(file)
    return file


def key_of(file: File) -> str:
    """Where the bytes are; the name that the user chose is no part of it."""
    return f"{file.tenant_id}/{file.id}"


def safe_name(name: str) -> str:
    """The last part of a path as it is on the person's disk, without control characters, at most 120 characters."""
    last = PurePosixPath(name.replace("\\", "/")).name
    read = one_spelling(_ESCAPES.sub(lambda found: _ESCAPED[found[0].lower()], last))
    return single_line("".join(c for c in read if c.isprintable())[-120:]) or "file"


def kind_of(name: str, start: bytes) -> str:
    """The media type by content; FileTypeRefused unless it is one we take and the name agrees."""
    kind = next((each for each in KINDS if each.starts(start)), None)
    if kind is None:
        sentence = N_("{file} is not a PDF, PNG or JPEG file. Save it as one of these and attach it again.")
        raise FileTypeRefused(sentence.format(file=name))
    if not name.lower().endswith(kind.endings):
        sentence = N_("{file} is a {kind} file. Rename it to end in {ending} and attach it again.")
        raise FileTypeRefused(sentence.format(file=name, kind=kind.name, ending=kind.endings[0]))
    return kind.media_type


async def files_of(session: AsyncSession, case_id: UUID) -> list[File]:
    """The files of a case."""
    return list(await session.scalars(select(File).where(File.case_id == case_id).order_by(File.at)))


async def files_by_id(session: AsyncSession, ids: list[UUID], actor: Actor) -> list[File]:
    """Those of these files that the person uploaded."""
    mine = (File.id.in_(ids), File.uploaded_by == actor.person_id)
    return list(await session.scalars(select(File).where(*mine)))


async def free_files(session: AsyncSession, ids: list[UUID], actor: Actor) -> set[UUID]:
    """Those of these files that the person uploaded and that belong to no case yet."""
    return {file.id for file in await files_by_id(session, ids, actor) if file.case_id is None}


async def file_of(session: AsyncSession, actor: Actor, file_id: UUID, processes: Processes) -> File:
    """A file they uploaded or whose case they see; NotFound otherwise."""
    seen = select(Case.id).where(visible_cases(actor, processes))
    mine = (File.uploaded_by == actor.person_id) | File.case_id.in_(seen)
    file: File | None = await session.scalar(select(File).where(File.id == file_id, mine))
    if file is None:
        raise NotFound("There is no such file, or it is not yours to see.")
    return file


async def link_files(session: AsyncSession, case: Case, form: BaseModel) -> None:
    """Give the case the files that its form names, as far as the requester uploaded them."""
    ids = list(files_in(form).values())
    if ids:
        mine = (File.id.in_(ids), File.uploaded_by == case.opened_by)
        await session.execute(update(File).where(*mine, File.case_id.is_(None)).values(case_id=case.id))
