"""Core metadata as PyPI judges it: literal texts in, PyPI's own words out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version

from pypi_setup.values.metadata import Flaw, judged, of_classifiers, of_license, of_version

GOOD = b"""\
Metadata-Version: 2.4
Name: Sample.Project
Version: 1.2.0
Summary: A sample
Author-Email: Jo <jo@example.org>
License-Expression: MIT
License-File: LICENSE
Classifier: Programming Language :: Python :: 3
Project-URL: Home, https://example.org
Requires-Dist: requests>=2
Dynamic: Classifier

Words.
"""


def test_good_metadata_has_no_flaw() -> None:
    found = judged(GOOD)
    assert found == ("Sample.Project", Version("1.2.0"), ("LICENSE",), ())


@pytest.mark.parametrize(
    ("line", "instead", "flaw"),
    [
        (
            b"Version: 1.2.0",
            b"Version: 1.2.0+local",
            ("version", "The use of local versions in '1.2.0+local' is not allowed"),
        ),
        (b"Version: 1.2.0", b"Version: one", ("version", "'one' is invalid for 'version'")),
        (b"Version: 1.2.0\n", b"", ("version", "'version' is a required field")),
        (b"Name: Sample.Project", b"Name: a b", ("name", "'a b' is invalid for 'name'")),
        (
            b"Metadata-Version: 2.4",
            b"Metadata-Version: 9.9",
            ("metadata-version", "'9.9' is not a valid metadata version"),
        ),
        (
            b"Name: Sample.Project",
            b"Name: a\nName: b",
            ("name", "The field 'name' is given twice, or cannot be read"),
        ),
        (
            b"Summary: A sample",
            b"Summary: " + b"x" * 513,
            ("summary", "'summary' field must be 512 characters or less"),
        ),
        (b"jo@example.org", b"jo", ("author-email", "'jo' is not a valid email address")),
        (
            b"Classifier: Programming Language :: Python :: 3",
            b"Classifier: Private :: Do Not Upload",
            ("classifier", "'Private :: Do Not Upload' is not a valid classifier"),
        ),
        (
            b"License-Expression: MIT",
            b"License-Expression: MIT\nLicense: MIT",
            ("license", "License is deprecated when License-Expression is present"),
        ),
        (
            b"License-Expression: MIT",
            b"License-Expression: Mine",
            ("license-expression", "'Mine' is invalid for 'license-expression'"),
        ),
        (b"Project-URL: Home, https:", b"Project-URL: , https:", ("project-url", "Must have a label")),
        (
            b"Project-URL: Home",
            b"Project-URL: " + b"H" * 33,
            ("project-url", f"'{'H' * 33}' must be 32 characters or less"),
        ),
        (b"https://example.org", b"example.org", ("project-url", "'example.org' is not a valid url")),
        (b"https://example.org", b"http://[x", ("project-url", "'http://[x' is not a valid url")),
        (
            b"Summary: A sample",
            b"Home-Page: ftp://example.org",
            ("home-page", "'ftp://example.org' is not a valid url"),
        ),
        (
            b"Requires-Dist: requests>=2",
            b"Requires-Dist: a @ https://example.org/a.zip",
            ("requires-dist", "Can't have direct dependency: a @ https://example.org/a.zip"),
        ),
        (
            b"Requires-Dist: requests>=2",
            b"Requires-Dist: !!",
            ("requires-dist", "'!!' is invalid for 'requires-dist'"),
        ),
        (
            b"Dynamic: Classifier",
            b"Dynamic: Metadata-Version",
            ("dynamic", "'metadata-version' is not allowed as a dynamic field"),
        ),
    ],
)
def test_each_flaw_is_told_in_the_words_of_the_server(
    line: bytes, instead: bytes, flaw: tuple[str, str]
) -> None:
    changed = GOOD.replace(line, instead)
    assert changed != GOOD
    assert judged(changed).flaws == (Flaw(*flaw),)


def test_a_field_that_is_not_one_is_not_the_index_s_business() -> None:
    assert judged(GOOD.replace(b"Summary:", b"Colour:")).flaws == ()


def test_a_dynamic_field_that_only_the_specification_knows_is_refused() -> None:
    assert judged(GOOD.replace(b"Dynamic: Classifier", b"Dynamic: Keywords")).flaws == ()
    assert judged(GOOD.replace(b"Dynamic: Classifier", b"Dynamic: Dynamic")).flaws == (
        Flaw("dynamic", "Dynamic field 'dynamic' is not a valid dynamic field"),
    )


def test_no_metadata_at_all_is_three_missing_fields() -> None:
    found = judged(b"")
    assert (found.name, found.version, found.license_files) == ("", None, ())
    assert {flaw.field for flaw in found.flaws} == {"metadata-version", "name", "version"}


@given(st.binary(max_size=300))
def test_any_bytes_are_judged_without_an_exception(content: bytes) -> None:
    assert judged(content).flaws
    assert judged(GOOD + content).name == "Sample.Project"


def test_classifiers_are_held_against_the_list_that_the_index_uses() -> None:
    names = [
        "Topic :: Internet",
        "License-Expression :: MIT",
        "Natural Language :: Ukranian",
        "License-Expression :: MIT",
    ]
    assert list(of_classifiers(names)) == [
        Flaw("classifier", "'License-Expression :: MIT' is not a valid classifier"),
        Flaw(
            "classifier",
            "The classifier 'Natural Language :: Ukranian' has been deprecated, use one of "
            "'Natural Language :: Ukrainian' instead",
        ),
    ]
    gone = "License :: OSI Approved :: Jabber Open Source License"
    assert list(of_classifiers([gone])) == [
        Flaw("classifier", f"The classifier '{gone}' has been deprecated")
    ]


def test_licence_fields_must_not_contradict_each_other() -> None:
    classifier = "License :: OSI Approved :: MIT License"
    assert list(of_license("MIT", None, [classifier])) == []
    assert list(of_license(None, "MIT OR Apache-2.0", ["Topic :: Internet"])) == []
    assert list(of_license("MIT", "MIT", [classifier])) == [
        Flaw("license", "License and License-Expression are both given; only License-Expression may be"),
        Flaw("classifier", "A licence classifier is given beside a License-Expression (PEP 639)"),
    ]
    assert list(of_license(None, "My own", [])) == [
        Flaw("license-expression", "'My own' is not a valid SPDX licence expression")
    ]


def test_only_a_local_part_makes_a_version_one_that_is_refused() -> None:
    assert list(of_version(Version("1.0.dev3"))) == []
    assert list(of_version(Version("1.0.dev3+gabc"))) == [
        Flaw("version", "The use of local versions in '1.0.dev3+gabc' is not allowed")
    ]
