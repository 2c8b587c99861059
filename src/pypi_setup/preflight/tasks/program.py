"""The commands that a program in Python starts: a script, a nox session, an invoke task.

Read from the syntax tree: calls of `run` and its like with words or a line. What is computed is not known.
Nothing is imported or run. Sources: the documents of nox (`Session.run`), invoke (`Context.run`) and of
Python's subprocess and os.
"""

from __future__ import annotations

import ast
import re
import shlex
import warnings
from typing import TYPE_CHECKING

from pypi_setup.preflight.tasks.task import TASKS_LIMIT, UNKNOWN, Task, text_of, within

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pypi_setup.preflight.tasks.task import Read

_RUNS = {"run", "run_always", "run_install", "call", "check_call", "check_output", "Popen", "system", "sudo"}
_SHOWN = "\0"

_Function = ast.FunctionDef | ast.AsyncFunctionDef


def script(text: str, file: str, folder: str) -> list[Task]:
    """Return what a program starts, wherever it stands in the text."""
    tree = _tree(text)
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call)) if tree else ()
    found = sorted(_tasks(calls, file, folder), key=lambda task: task.line)
    return found[:TASKS_LIMIT] or [Task("", file, 1, folder, complete=False)]


def nox(words: Sequence[str], folder: str, read: Read) -> list[Task] | None:
    """Return what the sessions of `nox -s NAME` run; None where they are not to be read."""
    names, file = list[str](), "noxfile.py"
    rest = iter(words)
    for word in rest:
        option, equals, value = word.partition("=")
        if option in {"-s", "--session", "--sessions", "-e"}:
            names.append(value if equals else next(rest, ""))
        elif option in {"-f", "--noxfile"}:
            file = value if equals else next(rest, "")
        elif word == "--":
            break
        elif names and not word.startswith("-"):
            names.append(word)
    return _functions(names, file, folder, read)


def invoke(words: Sequence[str], folder: str, read: Read) -> list[Task] | None:
    """Return what `invoke NAME` runs; None where it is not to be read."""
    names = [word for word in words if not word.startswith("-") and "=" not in word]
    return _functions(names, "tasks.py", folder, read)


def _functions(names: Sequence[str], file: str, folder: str, read: Read) -> list[Task] | None:
    path = within(folder, file)
    text = text_of(read, path) if path else None
    tree = _tree(text) if text is not None else None
    if not path or tree is None or not names:
        return None
    functions = {name: node for node in tree.body if isinstance(node, _Function) for name in _named(node)}
    found: list[Task] = []
    for name in names:
        start = functions.get(name) or functions.get(re.split(r"[-(]", name)[0])  # `release-3.14` is a leg.
        if start is None:
            return None
        found.extend(_tasks(_reached(start, functions), path, folder))
    return found[:TASKS_LIMIT] or [Task("", path, 1, folder, complete=False)]


def _named(function: _Function) -> Iterator[str]:
    """Give the names by which a runner knows a function."""
    yield function.name
    yield function.name.replace("_", "-")
    for decorator in function.decorator_list:
        for keyword in decorator.keywords if isinstance(decorator, ast.Call) else ():
            if keyword.arg == "name" and isinstance(keyword.value, ast.Constant):
                yield str(keyword.value.value)


def _reached(start: _Function, functions: dict[str, _Function]) -> Iterator[ast.Call]:
    """Give the calls of a function, those of the module's own functions that it calls included."""
    waiting, seen = [start], {id(start)}
    while waiting:
        calls = [node for node in ast.walk(waiting.pop()) if isinstance(node, ast.Call)]
        for call in sorted(calls, key=lambda call: (call.lineno, call.col_offset)):
            called = functions.get(call.func.id) if isinstance(call.func, ast.Name) else None
            if called is None:
                yield call
            elif id(called) not in seen:
                seen.add(id(called))
                waiting.append(called)


def _tree(text: str) -> ast.Module | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Of a stranger's escapes: they would go to our standard error.
        try:
            return ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None


def _tasks(calls: Iterator[ast.Call] | tuple[ast.Call, ...], file: str, folder: str) -> Iterator[Task]:
    for call in calls:
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        line = _line(call) if name in _RUNS else ""
        if line:
            yield Task(line, file, call.lineno, folder, complete=False)


def _line(call: ast.Call) -> str:
    """Return the command line that a call starts; empty where nothing of it is known."""
    first = call.args[0] if call.args else None
    if isinstance(first, (ast.List, ast.Tuple)):
        return _joined(first.elts)
    if first is not None and len(call.args) == 1:
        text = _text(first)
        return "" if text == _SHOWN else text.replace(_SHOWN, UNKNOWN)
    return _joined(call.args)


def _joined(nodes: Sequence[ast.expr]) -> str:
    words = [_text(node) for node in nodes]
    if not words or words[0] == _SHOWN:
        return ""
    return " ".join(UNKNOWN if _SHOWN in word else shlex.quote(word) for word in words)


def _text(node: ast.expr) -> str:
    """Return the text of a literal; what only a run can tell is one mark."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(map(_text, node.values))
    if isinstance(node, ast.Attribute) and node.attr == "executable":
        return "python"
    return _SHOWN
