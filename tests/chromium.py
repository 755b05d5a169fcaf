"""A headless Chromium for the tests of pages: Label Studio's and the report's."""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest
from selenium import webdriver

QUIET = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
"""What keeps Chromium from looking for its maker's servers."""


@contextmanager
def chromium(*, logs: Mapping[str, str] | None = None) -> Iterator[webdriver.Chrome]:
    """A browser whose `logs` (log → level) can be read; the test is skipped, loudly, where there is none."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    driver = shutil.which("chromedriver")
    if not program or not driver:
        pytest.skip("CHROMIUM NOT FOUND: install chromium and chromium-driver to run the browser tests")
    options = webdriver.ChromeOptions()
    options.binary_location = program
    # Root, as in a container, has no sandbox; the only pages opened are our own.
    for argument in (*QUIET, "--headless=new", "--no-sandbox", "--disable-dev-shm-usage"):
        options.add_argument(argument)
    options.add_argument("--window-size=1500,950")
    if logs:
        options.set_capability("goog:loggingPrefs", dict(logs))
    browser = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    try:
        yield browser
    finally:
        browser.quit()
