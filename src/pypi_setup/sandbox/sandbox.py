"""The embedded index, put together."""

from __future__ import annotations

from contextlib import ExitStack
from functools import cached_property
from typing import TYPE_CHECKING

from pypi_setup.sandbox import oidc as oidc_api
from pypi_setup.sandbox import pages, simple, upload
from pypi_setup.sandbox import registration as registration_api
from pypi_setup.sandbox.faults import Fault, misbehave
from pypi_setup.sandbox.github import GitHub
from pypi_setup.sandbox.store import Oidc, Store, Switches
from pypi_setup.sandbox.web import Listener, as_json, dispatch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from typing_extensions import Self

    from pypi_setup.sandbox.web import Answer, Misbehaviour, Request

_PARTS = (registration_api, simple, upload, oidc_api, pages)


class Sandbox:
    """A package index on loopback; it listens until it is closed. Use it in a `with` statement.

    `fault` spoils the registration API; `break_path` spoils any other address.
    """

    def __init__(
        self,
        *,
        registration: bool = True,
        pending: bool = True,
        oidc: Oidc = Oidc.ON,
        audience: str = "pypi",
        limit: int = 100,
        fault: Fault | None = None,
        port: int = 0,
    ) -> None:
        self.store = Store(
            Switches(registration=registration, pending=pending, oidc=oidc, audience=audience, limit=limit)
        )
        self.token = self.store.add_token()
        """A token for the entire account of the user that owns everything."""

        self._faults: dict[str, tuple[Fault, float]] = {}
        self._listener = Listener(self._answer, port)
        self.url = self._listener.url
        if fault is not None:
            self.break_path(registration_api.PATH, fault)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop listening, at once, whatever is still going on.

        Raises the first bug that a handler ran into.
        """
        started = (self.__dict__.get(name) for name in ("github", "trap"))
        with ExitStack() as stack:
            for listener in (self._listener, *filter(None, started)):
                stack.callback(listener.close)

    @property
    def requests(self) -> Sequence[Request]:
        """The last requests to the index, oldest first, with all that they carried."""
        return tuple(self._listener.requests)

    @cached_property
    def github(self) -> GitHub:
        """The stand-in for GitHub, whose tokens this index trusts; it starts when it is asked for."""
        return GitHub()

    @cached_property
    def trap(self) -> Listener:
        """Another server, to which faulty redirects lead: its `requests` show who followed, and with what."""
        return Listener(lambda _request: as_json(200, {"message": "You should not have come here"}))

    def break_path(self, path: str, fault: Fault, times: float = float("inf")) -> None:
        """Answer every request for this path badly, or so many of them; everything after them well."""
        self._faults[path] = (fault, times)

    def _answer(self, request: Request) -> Answer | Misbehaviour:
        with self.store.lock:
            fault, times = self._faults.get(request.path, (None, 0))
            if fault is not None and times > 0:
                self._faults[request.path] = (fault, times - 1)
                return misbehave(fault, request, self.trap.url if fault.is_redirect else "")
            routes = {pattern: way for part in _PARTS for pattern, way in part.routes(self.store).items()}
            return dispatch(routes, request)
