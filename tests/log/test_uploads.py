from __future__ import annotations

from pypi_setup.log.lines import Line, parsed
from pypi_setup.log.uploads import Upload, before, found, project


def lines(*texts: str) -> list[Line]:
    return [parsed(text, number) for number, text in enumerate(texts, 1)]


def test_the_lines_of_the_tools_are_known() -> None:
    assert found(
        lines(
            "Checking dist/sample-1.0.tar.gz: PASSED",
            "Uploading distributions to https://test.pypi.org/legacy/",
            "Uploading sample-1.0.tar.gz",
            " - Uploading sample-1.0-py3-none-any.whl 100%",
            "dist/sample-2.0.tar.gz ... success",
            "Uploading artifacts",
            "  repository_url: https://upload.pypi.org/legacy/",
            "See https://pypi.org/help/#file-name-reuse",
            "Uploading dist/other-1.0.zip to https://upload.pypi.org/legacy/",
        ),
        3,
    ) == [
        Upload(3, 1, "sample-1.0.tar.gz"),
        Upload(3, 2, where="testpypi"),
        Upload(3, 3, "sample-1.0.tar.gz", started=True),
        Upload(3, 4, "sample-1.0-py3-none-any.whl", started=True),
        Upload(3, 5, "sample-2.0.tar.gz", done=True),
        Upload(3, 8, where="pypi"),
        Upload(3, 9, "other-1.0.zip", started=True, where="pypi"),
    ]


def test_the_last_that_began_is_the_one_that_failed() -> None:
    uploads = tuple(
        Upload(1, line, file, started=True) for line, file in ((3, "a.whl"), (4, "b.whl"), (9, "c.whl"))
    )
    assert before(uploads, 1, 5) == ("a.whl",)
    assert before(uploads, 1, 3) == ()
    assert before(uploads, 2, 99) == ()
    assert before((*uploads, Upload(1, 9, "d.whl", done=True)), 1, 10) == ("a.whl", "b.whl", "d.whl")


def test_the_project_is_that_of_the_files_name() -> None:
    assert project("Sample_Project-1.0-py3-none-any.whl") == "sample-project"
    assert project("sample-1.0.tar.gz") == "sample"
    assert project("nonsense.whl") == ""
