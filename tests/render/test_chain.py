from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from pypi_setup.render.chain import mermaid
from pypi_setup.values.chain import BROKEN, HOLDS, UNKNOWN, Link


def test_the_picture() -> None:
    picture = mermaid(
        [
            Link("trigger", "release", HOLDS),
            Link("workflow file", 're"lease`<b>.yml', BROKEN),
            Link("environment", "Größe\n1", UNKNOWN),
        ]
    )
    assert picture == (
        "flowchart LR\n"
        '    link0["trigger: release - holds"]:::holds\n'
        '    link0 --x link1["workflow file: re#34;lease#96;#60;b#62;.yml - broken"]:::broken\n'
        '    link1 -.-> link2["environment: Gr#246;#223;e 1 - unknown"]:::unknown\n'
        "    classDef holds fill:#dafbe1,stroke:#1a7f37,color:#1f2328\n"
        "    classDef broken fill:#ffebe9,stroke:#cf222e,color:#1f2328\n"
        "    classDef unknown fill:#fff8c5,stroke:#9a6700,color:#1f2328"
    )


def test_a_long_value_is_cut_between_its_characters() -> None:
    picture = mermaid([Link("project", "ä" * 300, HOLDS)])
    assert picture.split("\n")[1] == f'    link0["project: {"#228;" * 38}#8230; - holds"]:::holds'


@given(st.text(max_size=300))
def test_no_text_breaks_the_picture(value: str) -> None:
    picture = mermaid([Link("trigger", "a", HOLDS), Link("project", value, UNKNOWN)])
    label = r'"project:(?:[a-zA-Z0-9 _./,:@-]|#\d+;)* - unknown"'
    assert re.fullmatch(rf"    link0 -\.-> link1\[{label}\]:::unknown", picture.split("\n")[2])
    assert picture.count("\n") == 5
    assert len(picture.split("\n")[2]) < 260
