"""The repositories that GitHub is asked about in one run, each of them once."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pypi_setup.sources.github import GitHub
    from pypi_setup.transport import Client
    from pypi_setup.values.request import Lookup


class Repositories:
    """What is known through GitHub's API; nothing is imported, and nobody asked, before it is needed."""

    def __init__(
        self,
        lookup: Lookup,
        environ: Mapping[str, str],
        on_wait: Callable[[str, float], None] | None = None,
    ) -> None:
        self._lookup, self._environ, self._on_wait = lookup, environ, on_wait
        self._known: dict[str, GitHub] = {}

    @cached_property
    def client(self) -> Client:
        """Who asks."""
        from pypi_setup.transport import Client

        return Client(self._lookup.timeout, self._on_wait)

    def of(self, owner: str, name: str) -> GitHub:
        """Return a repository; the files are those of this run's commit where the run is one of its own."""
        from pypi_setup.sources.github import GitHub

        full_name = f"{owner}/{name}".lower()
        here = self._environ.get("GITHUB_REPOSITORY", "").lower() == full_name
        made = GitHub(
            self.client,
            owner,
            name,
            api_url=self._environ.get("GITHUB_API_URL", ""),
            token=self._lookup.github_token,
            ref=self._environ.get("GITHUB_SHA", "") if here else "",
        )
        return self._known.setdefault(full_name, made)
