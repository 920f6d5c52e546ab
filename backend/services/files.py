"""Where the contents of files are stored."""

from obstore.store import LocalStore, ObjectStore

from backend.settings import Settings


def open_files(settings: Settings) -> ObjectStore:
    """The object store of this installation: a folder next to the other data, created if it does not exist."""
    folder = settings.data_dir / "files"
    folder.mkdir(parents=True, exist_ok=True)
    return LocalStore(folder.resolve())
