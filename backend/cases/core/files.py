"""Files: checked while they stream in, kept in the object store under their id, passed by key."""

import hashlib
from collections.abc import AsyncIterator
from pathlib import PurePosixPath
from uuid import UUID

from obstore.store import ObjectStore
from pydantic import BaseModel
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.core.access import Processes, visible_cases
from backend.cases.core.actor import Actor
from backend.cases.core.errors import FileTooLarge, FileTypeRefused, NotFound
from backend.database.engine import Database
from backend.database.ids import new_id
from backend.database.tables import Case, File
from backend.kit.forms import files_in

# The first bytes of each kind, and the endings that go with it.
KINDS = {
    b"%PDF-": ("application/pdf", (".pdf",)),
    b"\x89PNG\r\n\x1a\n": ("image/png", (".png",)),
    b"\xff\xd8\xff": ("image/jpeg", (".jpg", ".jpeg")),
}


async def store_file(
    database: Database,
    store: ObjectStore,
    *,
    name: str,
    chunks: AsyncIterator[bytes],
    limit: int,
    by: Actor,
) -> File:
    """Keep a file of at most `limit` bytes. FileTooLarge or FileTypeRefused, and nothing is kept."""
    shown = safe_name(name)
    content, hashed = bytearray(), hashlib.sha256()
    async for chunk in chunks:
        content += chunk
        hashed.update(chunk)
        if len(content) > limit:
            raise FileTooLarge(f"{shown} is larger than {limit // 1024 // 1024} MB.")
    file = File(
        id=new_id(),
        tenant_id=by.tenant,
        name=shown,
        media_type=kind_of(shown, bytes(content[:16])),
        size=len(content),
        sha256=hashed.hexdigest(),
        uploaded_by=by.person_id,
    )
    await store.put_async(key_of(file), bytes(content))
    async with database.transaction(by.tenant) as session:
        session.add(file)
    return file


def key_of(file: File) -> str:
    """Where the bytes are; the name that the user chose is no part of it."""
    return f"{file.tenant_id}/{file.id}"


def safe_name(name: str) -> str:
    """The last part of a path, without control characters, at most 120 characters."""
    last = PurePosixPath(name.replace("\\", "/")).name
    return "".join(c for c in last if c.isprintable())[-120:].strip() or "file"


def kind_of(name: str, start: bytes) -> str:
    """The media type by content; FileTypeRefused unless it is one we take and the name agrees."""
    for magic, (media_type, endings) in KINDS.items():
        if start.startswith(magic) and name.lower().endswith(endings):
            return media_type
    raise FileTypeRefused(f"{name} is not a PDF, PNG or JPEG file.")


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
