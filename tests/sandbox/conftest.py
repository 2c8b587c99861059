from __future__ import annotations

from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
import requests

from pypi_setup.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


class Send(NamedTuple):
    """Sends requests to one sandbox, following nothing."""

    sandbox: Sandbox
    session: requests.Session

    def __call__(self, method: str, target: str, **options: Any) -> requests.Response:
        url = target if target.startswith("http") else self.sandbox.url + target
        return self.session.request(method, url, allow_redirects=False, timeout=10, **options)

    def log_in(self, user: str = "alice") -> None:
        self.session.cookies.clear()
        self("POST", "/account/login/", data={"username": user, "next": "/"})


@pytest.fixture
def send(sandbox: Sandbox) -> Iterator[Send]:
    with requests.Session() as session:
        session.trust_env = False
        yield Send(sandbox, session)


class Facts(HTMLParser):
    """What matters of a page: title, heading, text, the form's fields, what it says."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.title = self.h1 = self.text = ""
        self.form_id = self.form_action = ""
        self.inputs: dict[str, str] = {}
        self.hidden: dict[str, str] = {}
        self.labels: dict[str, str] = {}
        self.errors: dict[str, list[str]] = {}
        self.callouts: list[str] = []
        self.notices: list[tuple[str, str]] = []
        self.rows: list[str] = []
        self._within: list[tuple[str, dict[str, str]]] = []
        self.feed(html)
        self.close()
        self.text = " ".join(self.text.split())
        self.callouts = [" ".join(text.split()) for text in self.callouts]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.form_id, self.form_action = values.get("id", ""), values.get("action", "")
        if tag == "input" and "id" in values:
            assert values["id"] == values["name"]
            self.inputs[values["id"]] = values["value"]
        if tag == "input" and values.get("type") == "hidden":
            self.hidden[values["name"]] = values["value"]
        if "callout-block" in values.get("class", "").split():
            self.callouts.append("")
        if tag not in {"input", "meta", "br"}:
            self._within.append((tag, values))

    def handle_endtag(self, tag: str) -> None:
        while self._within and self._within.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        tags = [tag for tag, _ in self._within]
        values = self._within[-1][1] if self._within else {}
        if "title" in tags:
            self.title += data
        else:
            self.text += f" {data}"
        if "h1" in tags:
            self.h1 += data
        if tags[-1:] == ["label"]:
            self.labels[values["for"]] = data
        if tags[-1:] == ["li"] and self._within[-2][1].get("id") == "publishers":
            self.rows.append(" ".join(data.split()))
        elif tags[-1:] == ["li"]:
            field = next(at["id"] for tag, at in self._within if at.get("id", "").endswith("-errors"))
            self.errors.setdefault(field.removesuffix("-errors"), []).append(data)
        if values.get("role") == "status":
            self.notices.append((values["class"].rpartition("--")[2], data))
        if any("callout-block" in at.get("class", "").split() for _, at in self._within):
            self.callouts[-1] += f" {data}"


@pytest.fixture(scope="session")
def facts() -> Callable[[str], Facts]:
    return Facts
