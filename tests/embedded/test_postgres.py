"""PostgreSQL of this machine."""

import pytest

from backend.embedded.child import StartFailed
from backend.embedded.postgres import EmbeddedPostgres
from tests.support.folders import data_folder


def test_it_says_why_it_cannot_be_made() -> None:
    with data_folder() as folder:
        (folder / "owner.password").write_text("")
        with pytest.raises(StartFailed, match=r"initdb did not start(.|\n)*initial.password\" is empty"):
            EmbeddedPostgres(folder).start()
