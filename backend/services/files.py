"""Where the bytes of files are."""

from obstore.store import LocalStore, ObjectStore

from backend.settings import Settings


def open_files(settings: Settings) -> ObjectStore:
    """The object store of this installation: a folder beside the other data, made if it is not there."""
    folder = settings.data_dir / "files"
    folder.mkdir(parents=True, exist_ok=True)
    return LocalStore(folder.resolve())
