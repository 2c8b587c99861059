"""What users' workflows and scripts depend on, by name: written down, so that none of it disappears.

`python scripts/contract.py` (in `make docs`) puts the lists of statuses, rules and the like into the schema
of the report, and adds what is new to the record; it takes nothing out of the record. With `--check` it only
says what is not written down yet.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

import pypi_setup
from pypi_setup.preflight.rules import DISTRIBUTION_RULES, RULES
from pypi_setup.values.finding import Severity
from pypi_setup.values.options import OPTIONS, WORDS
from pypi_setup.values.origin import Publishes
from pypi_setup.values.statuses import MEANINGS, Status

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).resolve().parent.parent
SCHEMA = ROOT / "docs/report.schema.json"
"""Written by hand, but for the lists of LISTS."""

RECORD = ROOT / "tests/data/contract.json"
"""What was promised so far: only a new major version takes something out, by hand."""

Contract = dict[str, list[str]]

RULE_NAMES = list(dict.fromkeys(rule.name for rule in (*RULES, *DISTRIBUTION_RULES)))
LISTS = {
    "status": [status.value for status in Status],
    "rule": RULE_NAMES,
    "severity": [severity.value for severity in Severity],
    "publishes": [way.value for way in Publishes],
}
"""The values of the schema's keys that have a table in the code."""


def contract() -> Contract:
    """Return all names of each kind, with what they promise where that is more than to be there."""
    action = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    return {
        "inputs": list(action["inputs"]),
        "outputs": list(action["outputs"]),
        "statuses": [
            f"{status.value}: exit code {0 if meaning.success else 1}" for status, meaning in MEANINGS.items()
        ],
        "rules": RULE_NAMES,
        "commands": [word.name for word in WORDS],
        "options": [
            f"{word.name} {option.flag}" for word in WORDS for option in OPTIONS if word.name in option.words
        ],
        "keys": keys(json.loads(SCHEMA.read_text(encoding="utf-8"))),
        "api": list(pypi_setup.__all__),
    }


def keys(schema: dict[str, Any]) -> list[str]:
    """Return the keys that a schema describes, as paths (`findings[].rule!`; `!` for those always there)."""
    return list(_keys(schema, schema["$defs"], ""))


def _keys(part: dict[str, Any], definitions: dict[str, Any], path: str) -> list[str]:
    if part.get("$ref") == "#/$defs/report" and path:
        return []  # each of the results has the keys of the whole
    merged = {**part, **definitions.get(part.get("$ref", "").rpartition("/")[2], {})}
    found = []
    for name, field in {**merged.get("properties", {}), **part.get("properties", {})}.items():
        here = f"{path}{name}"
        found.append(here + ("!" if name in merged.get("required", ()) else ""))
        inner, end = (field["items"], "[].") if "items" in field else (field, ".")
        found += _keys(inner, definitions, here + end)
    return found


def filled(schema: str) -> str:
    """Return the schema's text with the lists from the code in it."""
    for key, values in LISTS.items():
        place = re.compile(rf'("{key}": \{{[^{{}}]*"enum": )\[[^\]]*\]')
        schema = place.sub(lambda match, values=values: match[1] + json.dumps(values), schema, count=1)  # type: ignore[misc]
    return schema


def missing(record: Contract, now: Contract) -> list[str]:
    """Return what the one has and the other has not."""
    return [f"{kind}: {name}" for kind in record for name in record[kind] if name not in now.get(kind, ())]


def extended(record: Contract, now: Contract) -> Contract:
    """Return the record with what is new."""
    return {kind: list(dict.fromkeys([*record.get(kind, ()), *names])) for kind, names in now.items()}


def main(arguments: Sequence[str]) -> int:
    """Write, or check; return the exit code."""
    text = SCHEMA.read_text(encoding="utf-8")
    record = json.loads(RECORD.read_text(encoding="utf-8")) if RECORD.exists() else {}
    if arguments == ["--check"]:
        new = missing(contract(), record)
        if new or filled(text) != text:
            print(
                "Run make docs: new in the contract are",
                ", ".join(new) or "values of the schema",
                file=sys.stderr,
            )
            return 1
        return 0
    SCHEMA.write_text(filled(text), encoding="utf-8")
    RECORD.write_text(json.dumps(extended(record, contract()), indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
