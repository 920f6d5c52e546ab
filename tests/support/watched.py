"""Records the calls of ports to external systems; a call can be refused or fail."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from backend.services.keyed import Keyed, Refused


@dataclass
class Outside:
    """The ports to external systems with a log of their calls; a call can be refused or fail."""

    log: list[str] = field(default_factory=list)
    refuse: set[str] = field(default_factory=set)
    away: set[str] = field(default_factory=set)

    def over(self, port: Any) -> Any:
        """The port behind this recorder."""
        return Between(self, port)


class Between:
    """Logs each call, then forwards it."""

    def __init__(self, outside: Outside, port: Any) -> None:
        self._outside, self._port = outside, port

    def __getattr__(self, name: str) -> Callable[[Keyed], Any]:
        async def call(request: Keyed) -> Any:
            if name in self._outside.away:
                self._outside.log.append(f"{name}?")
                raise ConnectionError(name)
            if name in self._outside.refuse:
                raise Refused(f"No {name} today.")
            result = await getattr(self._port, name)(request)
            self._outside.log.append(name)
            return result

        return call
