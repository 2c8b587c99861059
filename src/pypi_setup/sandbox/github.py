"""A stand-in for GitHub: the OIDC tokens of a workflow's job, and the read-only REST API.

Sources: docs.github.com, "OpenID Connect" (the claims, and how a job asks for its token) and "REST API end
points" for repositories, contents, environments and deployment branch policies.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from pypi_setup.sandbox import signing
from pypi_setup.sandbox.oidc import ISSUER
from pypi_setup.sandbox.store import OWNER_ID
from pypi_setup.sandbox.web import Answer, Listener, as_json, dispatch, first

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pypi_setup.sandbox.web import Request, Routes

SHA = "0123456789abcdef0123456789abcdef01234567"
"""The commit that every job here runs on."""

TOKEN_LIFE = 300
"""Seconds."""

_LINE = 60


@dataclass
class Environment:
    """An environment of a repository and the refs that may be deployed to it."""

    name: str

    protected_branches: bool = False
    """Only protected branches may."""

    policies: Sequence[tuple[str, str]] = ()
    """Only refs that match one of these may: ("tag", "v*"), ("branch", "main")."""


@dataclass
class Job:
    """A job of a run."""

    run: int
    id: int
    name: str
    log: str | None = None
    """None where there is none any more."""

    conclusion: str | None = "failure"


@dataclass
class Run:
    """A run of a workflow."""

    id: int
    workflow: str
    head_branch: str
    status: str = "completed"
    conclusion: str | None = "success"


@dataclass
class Repository:
    """A repository on GitHub; every ref of it has the same files."""

    full_name: str
    """In GitHub's own spelling."""

    files: Mapping[str, bytes | str] = field(default_factory=dict)
    """By path from the root."""

    environments: Sequence[Environment] = ()
    default_branch: str = "main"
    jobs: Sequence[Job] = ()
    """The jobs of its runs."""

    runs: Sequence[Run] = ()
    archived: bool = False
    fork: bool = False


class GitHub:
    """GitHub as far as it is needed, on loopback; it listens until it is closed."""

    def __init__(self) -> None:
        self.request_token = f"github-sandbox-request-{secrets.token_hex(16)}"
        """What a job has to show to get an OIDC token: `ACTIONS_ID_TOKEN_REQUEST_TOKEN`."""

        self.limit: int | None = None
        """How many more requests are answered, beside those for what is unchanged; None for any number."""

        self.limited = False
        """Whether the REST API refuses everything because too much was asked."""

        self.issued: list[str] = []
        """The OIDC tokens that were given out."""

        self._claims: dict[str, Any] = claims()
        self._repositories: dict[str, Repository] = {}
        self._moved: dict[str, Repository] = {}
        self._listener = Listener(partial(dispatch, self._routes()))
        self.url = self._listener.url
        """The root of the REST API: `GITHUB_API_URL`."""

        self._texts: dict[str, str] = {}
        self.logs = Listener(self._text)
        """The server that the logs of jobs lie on; whoever shows it a token has shown it to a stranger."""

    def close(self) -> None:
        """Stop listening."""
        self._listener.close()
        self.logs.close()

    @property
    def requests(self) -> Sequence[Request]:
        """The last requests, oldest first."""
        return tuple(self._listener.requests)

    @property
    def token_url(self) -> str:
        """Where a job asks for its OIDC token: `ACTIONS_ID_TOKEN_REQUEST_URL`."""
        return f"{self.url}/oidc/token?api-version=2.0"

    @property
    def environ(self) -> dict[str, str]:
        """The environment variables of a job with `id-token: write`."""
        return {
            "GITHUB_ACTIONS": "true",
            "GITHUB_API_URL": self.url,
            "ACTIONS_ID_TOKEN_REQUEST_URL": self.token_url,
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN": self.request_token,
        }

    def set_job(self, **changes: Any) -> None:
        """Say what the job is that asks for tokens from now on; see `claims`."""
        self._claims = claims(**changes)

    def add_repository(
        self,
        full_name: str,
        *,
        files: Mapping[str, bytes | str] | None = None,
        environments: Sequence[Environment] = (),
        formerly: Sequence[str] = (),
        jobs: Sequence[Job] = (),
    ) -> Repository:
        """Create a repository; `formerly` are full names that redirect to it."""
        repository = Repository(full_name, files or {}, environments, jobs=jobs)
        self._repositories[full_name.lower()] = repository
        self._moved.update(dict.fromkeys((name.lower() for name in formerly), repository))
        return repository

    def _routes(self) -> Routes:
        repository = "/repos/(?P<owner>[^/]+)/(?P<name>[^/]+)"
        environment = f"{repository}/environments/(?P<environment>[^/]+)"
        return {
            "/oidc/token": {"GET": self._token},
            repository: {"GET": partial(self._rest, _repository)},
            "/(?P<kind>orgs|users)/(?P<owner>[^/]+)/repos": {"GET": self._repositories_of},
            "/repositories/(?P<number>[0-9]+)": {"GET": self._by_number},
            f"{repository}/environments": {"GET": partial(self._rest, _environments)},
            environment: {"GET": partial(self._rest, _environment)},
            f"{environment}/deployment-branch-policies": {"GET": partial(self._rest, _policies)},
            f"{repository}/contents/?(?P<path>.*)": {"GET": partial(self._rest, _contents)},
            f"{repository}/git/trees/[^/]+": {"GET": partial(self._rest, _tree)},
            f"{repository}/actions/runs/(?P<run>[0-9]+)/jobs": {"GET": self._jobs},
            f"{repository}/actions/workflows/(?P<workflow>[^/]+)/runs": {"GET": partial(self._rest, _runs)},
            f"{repository}/actions/jobs/(?P<job>[0-9]+)/logs": {"GET": self._log},
        }

    def _token(self, request: Request) -> Answer:
        if request.headers.get("Authorization", "").lower() != f"bearer {self.request_token}":
            return as_json(401, {"message": "Bad credentials"})
        owner = self._claims["repository_owner"]
        audience = first(request.parameters, "audience") or f"https://github.com/{owner}"
        token = jwt({**self._claims, "aud": audience})
        self.issued.append(token)
        return as_json(200, {"value": token})

    def _text(self, request: Request) -> Answer:
        text = self._texts.pop(request.path, None)
        return Answer(404 if text is None else 200, "text/plain", (text or "").encode())

    def _rest(
        self, view: Callable[..., Answer | None], request: Request, owner: str, name: str, **where: str
    ) -> Answer:
        full_name = f"{owner}/{name}".lower()
        if self.limited or self.limit == 0:
            headers = (
                ("X-RateLimit-Limit", "60"),
                ("X-RateLimit-Remaining", "0"),
                ("X-RateLimit-Reset", "0"),
            )
            return as_json(403, {"message": "API rate limit exceeded"}, *headers)
        moved = self._moved.get(full_name)
        if moved is not None:
            rest = request.path.split("/", 4)[4:]
            location = "/".join([f"{request.origin}/repositories/{_number(moved)}", *rest])
            return as_json(301, {"message": "Moved Permanently", "url": location}, ("Location", location))
        repository = self._repositories.get(full_name)
        answer = view(repository, **where) if repository else None
        return self._tagged(request, answer or as_json(404, {"message": "Not Found", "status": "404"}))

    def _tagged(self, request: Request, answer: Answer) -> Answer:
        """Return an answer with its ETag; 304 where that is known already, which counts for no limit."""
        assert isinstance(answer.body, bytes)  # noqa: S101 - none of these is streamed
        tag = f'"{hashlib.sha256(answer.body).hexdigest()}"'
        if answer.status == 200 and request.headers.get("If-None-Match") == tag:  # noqa: PLR2004
            return Answer(304, "application/json")
        if self.limit is not None:
            self.limit -= 1
        return answer._replace(headers=(*answer.headers, ("ETag", tag)))

    def _repositories_of(self, request: Request, owner: str, kind: str) -> Answer:
        size, page = (int(first(request.parameters, field) or 1) for field in ("per_page", "page"))
        own = [each for key, each in self._repositories.items() if key.startswith(f"{owner.lower()}/")]
        if not own or (kind == "orgs") != owner.endswith("-org"):
            return as_json(404, {"message": "Not Found", "status": "404"})
        shown = [
            {"full_name": each.full_name, "archived": each.archived, "fork": each.fork}
            for each in own[(page - 1) * size : page * size]
        ]
        return self._tagged(request, as_json(200, shown))

    def _jobs(self, request: Request, owner: str, name: str, run: str) -> Answer:
        size, page = (int(first(request.parameters, field) or 1) for field in ("per_page", "page"))

        def shown(repository: Repository) -> Answer | None:
            found = [
                {"id": job.id, "name": job.name, "conclusion": job.conclusion}
                for job in repository.jobs
                if job.run == int(run)
            ]
            jobs = found[(page - 1) * size : page * size]
            return as_json(200, {"total_count": len(found), "jobs": jobs}) if found else None

        return self._rest(shown, request, owner, name)

    def _log(self, request: Request, owner: str, name: str, job: str) -> Answer:
        """Lead to the log, which lies on another server: `logs`."""

        def shown(repository: Repository) -> Answer | None:
            found = next((each for each in repository.jobs if each.id == int(job)), None)
            if found is None or found.log is None:
                return None
            place = f"/{secrets.token_hex(8)}"
            self._texts[place] = found.log
            return Answer(302, "text/plain", b"", (("Location", f"{self.logs.url}{place}"),))

        return self._rest(shown, request, owner, name)

    def _by_number(self, _request: Request, number: str) -> Answer:
        found = next((one for one in self._repositories.values() if str(_number(one)) == number), None)
        return _repository(found) if found else as_json(404, {"message": "Not Found", "status": "404"})


def claims(
    *,
    repository: str = "octo-org/sample-project",
    workflow: str = "release.yml",
    environment: str | None = "pypi",
    event_name: str = "push",
    ref: str = "refs/heads/main",
    job_workflow_ref: str | None = None,
    owner_id: str = OWNER_ID,
    **changes: Any,
) -> dict[str, Any]:
    """Return the claims of a job's OIDC token, without audience, times and identifier.

    `job_workflow_ref` is given for a job in a reusable workflow; otherwise the job is in `workflow` itself.
    A change to None removes a claim.
    """
    workflow_ref = f"{repository}/.github/workflows/{workflow}@{ref}"
    context = f"environment:{environment}" if environment else f"ref:{ref}"
    values = {
        "iss": ISSUER,
        "sub": f"repo:{repository}:{context}",
        "repository": repository,
        "repository_owner": repository.partition("/")[0],
        "repository_owner_id": owner_id,
        "repository_visibility": "public",
        "environment": environment or None,
        "event_name": event_name,
        "ref": ref,
        "ref_type": "tag" if ref.startswith("refs/tags/") else "branch",
        "sha": SHA,
        "workflow_ref": workflow_ref,
        "job_workflow_ref": job_workflow_ref or workflow_ref,
        "runner_environment": "github-hosted",
        **changes,
    }
    return {name: value for name, value in values.items() if value is not None}


def jwt(claims: Mapping[str, Any], *, key_id: str | None = signing.KEY_ID) -> str:
    """Return a signed OIDC token; it lives for five minutes unless the claims say otherwise.

    A claim that is None is left out; so is the key's name where it is None.
    """
    now = int(time.time())
    times = {"iat": now, "nbf": now, "exp": now + TOKEN_LIFE, "jti": secrets.token_hex(16)}
    content = {name: value for name, value in {**times, **claims}.items() if value is not None}
    return signing.signed(content, {"kid": key_id} if key_id else {})


def _number(repository: Repository) -> int:
    return int(hashlib.sha256(repository.full_name.encode()).hexdigest()[:7], 16)


def _repository(repository: Repository) -> Answer:
    owner, _, name = repository.full_name.partition("/")
    value = {
        "id": _number(repository),
        "name": name,
        "full_name": repository.full_name,
        "private": False,
        "owner": {"login": owner, "id": int(OWNER_ID)},
        "default_branch": repository.default_branch,
    }
    return as_json(200, value)


def _environments(repository: Repository) -> Answer:
    found = [_described(environment) for environment in repository.environments]
    return as_json(200, {"total_count": len(found), "environments": found})


def _environment(repository: Repository, environment: str) -> Answer | None:
    found = _found_environment(repository, environment)
    return as_json(200, _described(found)) if found else None


def _described(environment: Environment) -> dict[str, Any]:
    protected = environment.protected_branches
    policy = {"protected_branches": protected, "custom_branch_policies": bool(environment.policies)}
    limited = any(policy.values())
    return {
        "name": environment.name,
        "protection_rules": [{"type": "branch_policy"}] if limited else [],
        "deployment_branch_policy": policy if limited else None,
    }


def _policies(repository: Repository, environment: str) -> Answer | None:
    found = _found_environment(repository, environment)
    if found is None:
        return None
    policies = [{"name": pattern, "type": kind} for kind, pattern in found.policies]
    return as_json(200, {"total_count": len(policies), "branch_policies": policies})


def _found_environment(repository: Repository, name: str) -> Environment | None:
    return next((one for one in repository.environments if one.name.lower() == name.lower()), None)


def _runs(repository: Repository, workflow: str) -> Answer | None:
    if f".github/workflows/{workflow}" not in repository.files:
        return None
    found = [
        {
            "id": run.id,
            "head_branch": run.head_branch,
            "status": run.status,
            "conclusion": run.conclusion,
            "html_url": f"https://github.com/{repository.full_name}/actions/runs/{run.id}",
        }
        for run in repository.runs
        if run.workflow == workflow
    ]
    return as_json(200, {"total_count": len(found), "workflow_runs": found})


def _contents(repository: Repository, path: str) -> Answer | None:
    path = path.strip("/")
    if path in repository.files:
        return as_json(200, _file(path, repository.files[path]))
    prefix = f"{path}/" if path else ""
    inside = {
        prefix + file.removeprefix(prefix).partition("/")[0]
        for file in repository.files
        if file.startswith(prefix)
    }
    if not inside:
        return None
    return as_json(200, [_listed(entry, is_file=entry in repository.files) for entry in sorted(inside)])


def _tree(repository: Repository) -> Answer:
    tree = [{"path": path, "type": "blob"} for path in sorted(repository.files)]
    return as_json(200, {"sha": SHA, "tree": tree, "truncated": False})


def _listed(path: str, *, is_file: bool) -> dict[str, Any]:
    return {"type": "file" if is_file else "dir", "name": path.rpartition("/")[2], "path": path}


def _file(path: str, content: bytes | str) -> dict[str, Any]:
    data = content.encode() if isinstance(content, str) else content
    text = base64.b64encode(data).decode()
    lines = [text[start : start + _LINE] for start in range(0, len(text), _LINE)]
    encoded = "".join(f"{line}\n" for line in lines)
    return {
        **_listed(path, is_file=True),
        "size": len(data),
        "sha": hashlib.sha1(data, usedforsecurity=False).hexdigest(),
        "encoding": "base64",
        "content": encoded,
        "download_url": f"https://raw.githubusercontent.com/{quote(path)}",
    }
