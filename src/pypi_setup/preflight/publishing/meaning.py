"""What a call of a tool means: where it uploads to, with which credentials and attestations, from where."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from pypi_setup.preflight.publishing import tools
from pypi_setup.preflight.publishing.tool import Attestations
from pypi_setup.values.index import PYPI_URL, TESTPYPI_URL

if TYPE_CHECKING:
    from pypi_setup.preflight.publishing.invocation import Call
    from pypi_setup.preflight.publishing.tool import Tool
    from pypi_setup.preflight.publishing.values import Around, Credential, State, Value


def index_root(url: str) -> str | None:
    """Return the root of the index that an upload address belongs to; None for a text that is no address."""
    try:
        parts = urlsplit(url.strip())
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        return None
    if parts.scheme.lower() not in {"http", "https"} or not host:
        return None
    if host in {"upload.pypi.org", "pypi.org", "www.pypi.org", "pypi.python.org", "upload.pypi.io"}:
        return PYPI_URL
    if host in {"test.pypi.org", "testpypi.python.org"}:
        return TESTPYPI_URL
    path = re.sub(r"/(?:legacy|simple)?/*\Z", "", parts.path)
    netloc = f"[{host}]" if ":" in host else host
    return f"{parts.scheme.lower()}://{netloc}{f':{port}' if port else ''}{path.rstrip('/')}"


_LOGIN = re.compile(r"https?://[^/@\s]*:[^/@]+@", re.IGNORECASE)


class Target(NamedTuple):
    """Where an upload goes."""

    names: tuple[str, ...]
    """The repository's names in the tool's own terms, where it is called by name."""

    indexes: tuple[str | None, ...]
    addresses: tuple[Value, ...] = ()
    """The values that hold an address."""


def target_of(tool: Tool, call: Call, around: Around, state: State) -> Target:
    """Return where a call uploads to."""
    addresses = list(call.values(tool.url_inputs, tool.url_options, tool.url_variables))
    names = list(call.values(tool.name_inputs, tool.name_options, tool.name_variables))
    default = _named(tool, tool.default_name, call, around, state)
    found_names: list[str] = []
    indexes: list[str | None] = [None] if call.hidden else []
    for number, value in enumerate((*addresses, *names)):
        texts = around.texts(value)
        for text in texts:
            if text is None:
                indexes.append(None)
            elif number < len(addresses) or "://" in text:
                indexes += [index_root(text)] if text else []
            elif text:
                found_names.append(text)
                indexes.append(_named(tool, text, call, around, state))
        if "" not in texts:
            break
    else:
        found_names.append(tool.default_name)
        indexes.append(default)
    return Target(tuple(found_names), tuple(indexes), (*addresses, *names))


def _named(tool: Tool, name: str, call: Call, around: Around, state: State) -> str | None:
    """Return the index that a repository's name stands for; None where only the project's files tell."""
    if name in dict(tool.names):
        return dict(tool.names)[name]
    program = tool.command[0] if tool.command else ""
    values = [
        state.settings.get(f"{program} repositories.{name}"),
        state.settings.get(f"{program} repository.{name}.url"),
        call.variable(tool.named_url_variable.format(_spelled(name))) if tool.named_url_variable else None,
    ]
    for value in values:
        if value is not None:
            texts = around.texts(value)
            return index_root(texts[0]) if len(texts) == 1 and texts[0] else None
    return tools.LIKELY_NAMES.get(re.sub(r"[-_.]", "", name.lower()))


def _spelled(name: str) -> str:
    """Return a repository's name as Poetry writes it in variables."""
    return name.upper().replace("-", "_")


def credentials_of(tool: Tool, call: Call, around: Around, state: State, target: Target) -> list[Credential]:
    """Return the credentials that a call uses instead of Trusted Publishing."""
    variables = [
        variable.format(name)
        for variable in tool.secret_variables
        for name in (map(_spelled, target.names) if "{}" in variable else ("",))
    ]
    values = [*call.values(tool.secret_inputs, tool.secret_options, variables)]
    if tool.command:
        keys = (f"{tool.command[0]} {key.format(name)}" for key in tool.settings for name in target.names)
        values += [state.settings[key] for key in keys if key in state.settings]
    if tool.reads_pypirc:
        values += [value for section, value in state.pypirc if not section or section in target.names]
    values += [value for value in target.addresses if _LOGIN.match(value.text)]
    return [credential for value in values if (credential := around.credential(value)) is not None]


def switched_off(tool: Tool, call: Call, around: Around, target: Target) -> str:
    """Return why a tool that can do Trusted Publishing does not do it in this call; empty where it does."""
    for value in call.values(tool.user_inputs, tool.user_options, tool.user_variables):
        texts = [text for text in around.texts(value) if text != "__token__" or not tool.token_user]
        if texts and all(texts):
            return f"{tool.name} does no Trusted Publishing where {value.name} names a user"
    for option, off in tool.off:
        if any(off in around.texts(value) for value in call.values(options=(option,))):
            return f"{option} {off} switches it off"
    if tool.only_pypi and not any(index in {PYPI_URL, TESTPYPI_URL, None} for index in target.indexes):
        return f"{tool.name} does Trusted Publishing for pypi.org and test.pypi.org only"
    return ""


def attestations_of(
    tool: Tool, call: Call, around: Around, target: Target, *, has_credential: bool
) -> Attestations:
    """Tell whether a call uploads attestations."""
    asked = any(call.values(options=(tool.attestations_option,)))
    refused = any(call.values(options=(tool.no_attestations_option,)))
    if tool.attestations is Attestations.NONE or call.too_old_for_attestations or refused:
        return Attestations.FOUND if asked else Attestations.NONE
    for value in call.values((tool.attestations_input,), (), (tool.no_attestations_variable,)):
        texts = around.texts(value)
        if None in texts or len(texts) > 1:
            return Attestations.UNKNOWN
        off = {"false"} if value.name == tool.attestations_input else {"true", "1", "yes", "on"}
        if str(texts[0]).lower() in off:
            return Attestations.NONE
    for_pypi = any(index in {PYPI_URL, TESTPYPI_URL, None} for index in target.indexes)
    makes_none = tool.attestations is Attestations.MADE and (has_credential or not for_pypi)
    return Attestations.NONE if makes_none else tool.attestations


def folder_of(tool: Tool, call: Call, around: Around) -> str | None:
    """Return where the distributions lie that a call uploads; None where that cannot be told."""
    for value in call.values(tool.folder_inputs):
        texts = around.texts(value)
        if len(texts) > 1 or texts[0] is None:
            return None
        if texts[0]:
            return texts[0].removeprefix("./").rstrip("/")
    return tool.folder


def project_folder_of(tool: Tool, call: Call, around: Around) -> str | None:
    """Return the project's folder that a call names; empty for none, None where only a run can tell."""
    value = next(call.values(options=tool.project_options), None)
    if value is None:
        return ""
    texts = around.texts(value)
    return texts[0].strip("/") if len(texts) == 1 and texts[0] is not None else None
