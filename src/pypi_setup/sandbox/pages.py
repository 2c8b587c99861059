"""The pages where a person registers a publisher, with the forms, words and redirects of PyPI's.

Sources: warehouse/templates/manage/{project,account,organization}/publishing.html and their views, and the
recorded exchanges: what is filled in from the link, and where one that is not logged in is sent.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import partial
from hmac import compare_digest
from html import escape
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import quote

from pypi_setup.sandbox import enrolment
from pypi_setup.sandbox.enrolment import FIELDS, Kind
from pypi_setup.sandbox.registration import TOO_MANY
from pypi_setup.sandbox.store import USER, Oidc
from pypi_setup.sandbox.web import as_notice, as_page, first, last, moved, not_found

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pypi_setup.sandbox.enrolment import Outcome
    from pypi_setup.sandbox.store import Identity, PendingPublisher, Session, Store
    from pypi_setup.sandbox.web import Answer, Request, Routes

COOKIE = "sandbox_session"

_LABELS = {
    "project_name": "PyPI Project Name (required)",
    "owner": "Owner (required)",
    "repository": "Repository name (required)",
    "workflow_filename": "Workflow name (required)",
    "environment": "Environment name (optional)",
}
"""The labels of the form's fields."""

_PREFILLED = """\
<div id="prefilled-warning" class="callout-block callout-block--warning">
<h3 class="callout-block__heading">Proceed with caution!</h3>
<p>Some form fields have been autofilled, please double-check their values before submitting the form.</p>
</div>
"""

_NOT_RESERVED = """\
<div class="callout-block">
<p>Configuring a "pending" publisher for a project name does not reserve that name. Until the project is
created, any other user may create it, including via their own "pending" publisher.</p>
</div>
"""

_ORGANIZATION_TIP = """\
<div class="callout-block">
<p>Tip: Trusted publishers created here will be owned by this organization when the project is created.
Organization owners can manage these publishers and their associated projects.</p>
</div>
"""

_BAD_CSRF = (
    "Bad CSRF token received. Access is denied. This server can not verify that your cross-site request "
    "forgery token belongs to your login session. Either you supplied the wrong cross-site request forgery "
    "token or your session no longer exists. This may be due to session timeout or because browser is not "
    "supplying the credentials required, as can happen when the browser has cookies turned off."
)


class _Page(ABC):
    """One of the three kinds of publishing page; `path` is its address without the name in it."""

    path: ClassVar[str]
    form: ClassVar[str] = "pending-github-publisher-form"
    fields: ClassVar[tuple[str, ...]] = ("project_name", *FIELDS)
    prefilled: ClassVar[bool] = False
    limited: ClassVar[bool] = True
    callouts: ClassVar[str] = _NOT_RESERVED
    title = "Trusted Publisher Management"

    def __init__(self, store: Store, user: str, name: str = "") -> None:
        self.store = store
        self.user = user
        """Who looks at it; empty for somebody who is not logged in."""

        self.name = name

    @property
    def exists(self) -> bool:
        return True

    @property
    def heading(self) -> str:
        return self.title

    @property
    def own_path(self) -> str:
        return self.path.format(quote(self.name, safe=""))

    @property
    def allowed(self) -> bool:
        return bool(self.user)

    @abstractmethod
    def publishers(self) -> Iterable[str]:
        """Return a line for each publisher that is there."""

    @abstractmethod
    def enrol(self, values: Mapping[str, str]) -> Outcome:
        """Register a publisher."""


class _ProjectPage(_Page):
    path = "/manage/project/{}/settings/publishing/"
    form = "github-publisher-form"
    fields = FIELDS
    prefilled = True
    callouts = ""

    def __init__(self, store: Store, user: str, name: str) -> None:
        project = store.project(name)
        super().__init__(store, user, project.name if project else name)
        self.project = project

    @property
    def exists(self) -> bool:
        return self.project is not None

    @property
    def heading(self) -> str:
        return self.name

    @property
    def allowed(self) -> bool:
        # In quarantine even the owners may not change anything (warehouse/packaging/models.py).
        project = self.project
        return project is not None and self.user in project.owners and project.status != "quarantined"

    def publishers(self) -> Iterable[str]:
        return [
            _line(publisher.identity)
            for publisher in self.store.publishers.values()
            if self.project and self.project.normalized_name in publisher.projects
        ]

    def enrol(self, values: Mapping[str, str]) -> Outcome:
        project = self.store.projects[self.project.normalized_name if self.project else ""]
        return enrolment.for_project(self.store, project, values)


class _AccountPage(_Page):
    path = "/manage/account/publishing/"

    def publishers(self) -> Iterable[str]:
        return _lines(self.store.pending_of(self.user))

    def enrol(self, values: Mapping[str, str]) -> Outcome:
        return enrolment.for_user(self.store, self.user, values["project_name"], values)


class _OrganizationPage(_Page):
    path = "/manage/organization/{}/publishing/"
    limited = False
    callouts = _ORGANIZATION_TIP + _NOT_RESERVED

    def __init__(self, store: Store, user: str, name: str) -> None:
        super().__init__(store, user, name)
        self.title = f"Trusted Publisher Management for '{name}'"

    @property
    def exists(self) -> bool:
        return self.name in self.store.organizations

    @property
    def heading(self) -> str:
        return self.name

    @property
    def allowed(self) -> bool:
        return self.user in self.store.organizations[self.name]

    def publishers(self) -> Iterable[str]:
        return _lines(one for one in self.store.pending.values() if one.organization == self.name)

    def enrol(self, values: Mapping[str, str]) -> Outcome:
        return enrolment.for_organization(self.store, self.name, self.user, values["project_name"], values)


def _lines(pending: Iterable[PendingPublisher]) -> list[str]:
    return [f"{one.project} {_line(one.identity)}" for one in pending]


def _line(identity: Identity) -> str:
    owner, repository, workflow, environment = identity
    where = f"GitHub Repository: {owner}/{repository} Workflow: {workflow}"
    return f"{where} Environment name: {environment or '(Any)'}"


def routes(store: Store) -> Routes:
    """Return the routes of the publishing pages and of the login."""
    found: dict[str, dict[str, partial[Answer]]] = {
        "/account/login/": {"GET": partial(_login), "POST": partial(_log_in, store)}
    }
    for kind in (_ProjectPage, _AccountPage, _OrganizationPage):
        path = kind.path.format("(?P<name>[^/]+)")
        found[path] = {"GET": partial(_show, store, kind), "POST": partial(_add, store, kind)}
        found[path.rstrip("/")] = {"GET": partial(_with_slash)}
    return found


def _with_slash(request: Request, **_name: str) -> Answer:
    path = f"{request.path}/"
    return moved(request, 301, f"{path}?{request.query}" if request.query else path)


def _show(store: Store, kind: type[_Page], request: Request, **name: str) -> Answer:
    session = _session(store, request)
    page = kind(store, session.user if session else "", **name)
    if not page.exists:
        return not_found()
    if session is None:
        location = f"{request.origin}/account/login/?next={quote(request.target, safe='')}"
        return moved(request, 303, location)
    if not page.allowed:
        return _forbidden()
    parameters = request.parameters
    # The provider is looked up as a mapping's value, the last one; the form takes each field's first.
    filled = page.prefilled and last(parameters, "provider").lower() == "github"
    values = {field: first(parameters, field) if filled else "" for field in page.fields}
    values["workflow_filename"] = values["workflow_filename"].strip()
    return _rendered(page, session, values, warning=filled)


def _add(store: Store, kind: type[_Page], request: Request, **name: str) -> Answer:
    session = _session(store, request)
    form = request.form
    if session is None or not compare_digest(first(form, "csrf_token").encode(), session.csrf_token.encode()):
        return as_notice(request, 400, _BAD_CSRF)
    page = kind(store, session.user, **name)
    if not page.exists or not {field for field, _ in form}.issuperset(page.fields):
        return not_found()
    if not page.allowed:
        return _forbidden()
    wait = store.wait() if page.limited else 0
    if wait:
        return as_notice(request, 429, TOO_MANY, ("Retry-After", str(wait)))
    values = {field: first(form, field) for field in page.fields}
    outcome = page.enrol(values)
    if outcome.message:
        session.notices.append(("success" if outcome.kind is Kind.ADDED else "danger", outcome.message))
    if outcome.kind is Kind.ADDED:
        return moved(request, 303, page.own_path)
    return _rendered(page, session, values, errors=outcome.errors)


def _forbidden() -> Answer:
    heading = "<h1>You don't have permission to view this page</h1>"
    return as_page(403, "Access Denied / Forbidden (403) · Warehouse", heading)


def _rendered(
    page: _Page,
    session: Session,
    values: Mapping[str, str],
    *,
    warning: bool = False,
    errors: Mapping[str, list[str]] | None = None,
) -> Answer:
    notices = "".join(
        f'<p class="notification-bar notification-bar--{kind}" role="status">{escape(text)}</p>\n'
        for kind, text in session.notices
    )
    session.notices.clear()
    rows = "".join(f"<li>{escape(line)}</li>\n" for line in page.publishers())
    switched_on = page.store.switches.oidc is Oidc.ON
    form = _form(page, session, values, errors or {}) if switched_on else ""
    content = (
        f'{notices}<h1>{escape(page.heading)}</h1>\n<ul id="publishers">\n{rows}</ul>\n{page.callouts}'
        f"{_PREFILLED if warning and switched_on else ''}{form}"
    )
    return as_page(200, f"{page.title} · Warehouse", content, ("Cache-Control", "no-store"))


def _form(page: _Page, session: Session, values: Mapping[str, str], errors: Mapping[str, list[str]]) -> str:
    fields = "".join(_field(name, values[name], errors.get(name, ())) for name in page.fields)
    return (
        f'<form id="{page.form}" method="post" action="{escape(page.own_path)}#errors">\n'
        f'<input name="csrf_token" type="hidden" value="{session.csrf_token}">\n'
        f'{fields}<input type="submit" value="Add">\n</form>'
    )


def _field(name: str, value: str, errors: Iterable[str]) -> str:
    said = "".join(f"<li>{escape(error)}</li>" for error in errors)
    return (
        f'<p><label for="{name}">{_LABELS[name]}</label>\n'
        f'<input id="{name}" name="{name}" type="text" autocomplete="off" value="{escape(value)}"></p>\n'
        f'<div id="{name}-errors"><ul class="form-errors">{said}</ul></div>\n'
    )


def _session(store: Store, request: Request) -> Session | None:
    try:
        cookies = SimpleCookie(request.headers.get("Cookie", ""))
    except CookieError:
        return None
    cookie = cookies.get(COOKIE)
    return store.sessions.get(cookie.value) if cookie else None


def _login(request: Request) -> Answer:
    destination = escape(first(request.parameters, "next"))
    return as_page(
        200,
        "Log in · Warehouse",
        "<h1>Log in</h1>\n<p>This index is a stand-in on your machine: there is no password.</p>\n"
        '<form id="login-form" method="post" action="/account/login/">\n'
        f'<input name="next" type="hidden" value="{destination}">\n'
        f'<p><label for="username">Username</label>\n'
        f'<input id="username" name="username" type="text" value="{USER}"></p>\n'
        '<input type="submit" value="Log in">\n</form>',
    )


def _log_in(store: Store, request: Request) -> Answer:
    destination = first(request.form, "next")
    if (
        not destination.startswith("/")
        or destination.startswith(("//", "/\\"))
        or not destination.isprintable()
    ):
        destination = "/manage/account/publishing/"
    session = store.add_session(first(request.form, "username") or USER)
    cookie = f"{COOKIE}={session}; Path=/; HttpOnly; SameSite=Lax"
    return moved(request, 303, request.origin + destination, ("Set-Cookie", cookie))
