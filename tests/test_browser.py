"""The link in a real browser, against the embedded index's pages: what it fills in, and what it does not."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from pypi_setup.values.index import Index
from pypi_setup.values.publisher import Publisher

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from selenium.webdriver import Chrome

    from pypi_setup.sandbox import Sandbox

pytestmark = pytest.mark.browser

ORDINARY = Publisher("sample-project", "octo-org", "sample-repo", "release.yml", "pypi")
HOSTILE = Publisher(
    "sample-project",
    "a&b=c#d",
    "r+s t%41;é",
    "relea\"se'<b>?x.yml",
    "prüfung & co 日本 / 100% \u202e <script>",
)
FIELDS = ("owner", "repository", "workflow_filename", "environment")


@pytest.fixture(scope="module")
def chrome(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    from selenium import webdriver

    folder: Path = tmp_path_factory.mktemp("chromium")
    options = webdriver.ChromeOptions()
    names = ("chromium", "chromium-browser", "google-chrome")
    options.binary_location = next(path for name in names if (path := shutil.which(name)))
    for argument in (
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-quic",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
        "--no-proxy-server",
        f"--user-data-dir={folder}",
    ):
        options.add_argument(argument)
    driver = webdriver.Chrome(options, webdriver.ChromeService(shutil.which("chromedriver")))
    driver.implicitly_wait(10)  # A click does not wait for the page that it leads to.
    yield driver
    driver.quit()


@pytest.fixture
def browser(chrome: Chrome, sandbox: Sandbox) -> Chrome:
    """A browser in which nobody is logged in."""
    chrome.get(f"{sandbox.url}/account/login/")
    chrome.delete_all_cookies()
    return chrome


def submit(browser: Chrome, form: str) -> None:
    """Send a form, and wait until the page that it stands on is gone."""
    from selenium.common.exceptions import WebDriverException
    from selenium.webdriver.support.expected_conditions import staleness_of
    from selenium.webdriver.support.wait import WebDriverWait

    button = browser.find_element("css selector", f"{form} [type=submit]")
    button.click()
    # While the page is replaced, the driver may have other words for a button that is gone.
    WebDriverWait(browser, 30, ignored_exceptions=[WebDriverException]).until(staleness_of(button))


def log_in(browser: Chrome) -> None:
    assert browser.find_element("tag name", "h1").text == "Log in"
    submit(browser, "#login-form")


def shown(browser: Chrome, *fields: str) -> list[str | None]:
    return [browser.find_element("id", field).get_property("value") for field in fields]  # type: ignore[misc]


@pytest.mark.parametrize("publisher", [ORDINARY, HOSTILE], ids=["ordinary", "hostile"])
def test_an_existing_projects_link_fills_in_the_form(
    browser: Chrome, sandbox: Sandbox, publisher: Publisher
) -> None:
    link = Index(sandbox.url).page(publisher, exists=True).url
    browser.get(link)
    log_in(browser)
    assert shown(browser, *FIELDS) == list(publisher[1:])
    browser.get(link)  # Once more, now that nobody has to log in.
    assert shown(browser, *FIELDS) == list(publisher[1:])
    assert "Proceed with caution!" in browser.find_element("tag name", "body").text


def test_one_click_adds_the_publisher(browser: Chrome, sandbox: Sandbox) -> None:
    browser.get(Index(sandbox.url).page(ORDINARY, exists=True).url)
    log_in(browser)
    submit(browser, "#github-publisher-form")
    browser.find_element("css selector", "#publishers li")
    (publisher,) = sandbox.store.publishers.values()
    assert (publisher.identity, publisher.projects) == (tuple(ORDINARY[1:]), {"sample-project"})


@pytest.mark.parametrize("organization", ["", "octo-team"])
def test_the_other_pages_fill_in_nothing(browser: Chrome, sandbox: Sandbox, organization: str) -> None:
    if organization:
        sandbox.store.add_organization(organization)
    publisher = ORDINARY._replace(project="brand-new")
    browser.get(Index(sandbox.url).page(publisher, exists=False, organization=organization).url)
    log_in(browser)
    assert shown(browser, "project_name", *FIELDS) == [""] * 5


def test_a_missing_projects_page_is_not_found(browser: Chrome, sandbox: Sandbox) -> None:
    browser.get(Index(sandbox.url).page(ORDINARY._replace(project="brand-new"), exists=True).url)
    assert browser.title.startswith("Page Not Found (404)")


def test_the_values_to_copy_make_a_pending_publisher(browser: Chrome, sandbox: Sandbox) -> None:
    """What the guidance tells a person to enter, entered under the labels that it names, is taken."""
    from pypi_setup.values.guidance import guidance

    guide = guidance(ORDINARY._replace(project="brand-new"), Index(sandbox.url), exists=False)
    browser.get(guide.page.url)
    log_in(browser)
    labels = browser.find_elements("css selector", "form label")
    for label, (_, value) in zip(labels, guide.fields, strict=True):
        browser.find_element("id", str(label.get_dom_attribute("for"))).send_keys(value)
    names = [label.text.partition(" (")[0] for label in labels]
    assert names[1:] == [name for name, _ in guide.fields[1:]]
    submit(browser, "form")
    browser.find_element("css selector", "#publishers li")
    (pending,) = sandbox.store.pending.values()
    assert (pending.identity, pending.project) == (tuple(ORDINARY[1:]), "brand-new")
