"""How a command says that it cannot run: one sentence and an exit code, never a traceback."""

import typer

from backend.settings import PREFIX, settings


def refused(error: Exception | str) -> typer.Exit:
    """Print why; the exit to raise, with code 2."""
    typer.echo(str(error), err=True)
    return typer.Exit(2)


def require(*needed: str) -> None:
    """Exit unless these settings are set, or the keys among them are valid."""
    from backend.temporal.codec import BadKeyRing, KeyRing

    missing = [f"{PREFIX}{name.upper()}" for name in needed if not getattr(settings(), name)]
    if missing:
        raise refused(f"Set {', '.join(missing)}, or start `countersign up` first.")
    try:
        if "payload_keys" in needed:
            KeyRing.parse(settings().payload_keys)
    except BadKeyRing as error:
        raise refused(error) from error
