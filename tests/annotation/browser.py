"""Headless Chromium at a Label Studio server."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.support import expected_conditions as expected
from selenium.webdriver.support.ui import WebDriverWait

from annotation.credentials import Credentials

WAIT_SECONDS = 60
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
def chromium(width: int = 1500, height: int = 950) -> Iterator[WebDriver]:
    """A headless Chromium; the test is skipped, loudly, where there is none."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    driver = shutil.which("chromedriver")
    if not program or not driver:
        pytest.skip("CHROMIUM NOT FOUND: install chromium and chromedriver to run the browser tests")
    options = webdriver.ChromeOptions()
    options.binary_location = program
    # Root, as in a container, has no sandbox; the only pages opened are our own server's.
    for argument in (*QUIET, "--headless=new", "--no-sandbox", "--disable-dev-shm-usage"):
        options.add_argument(argument)
    options.add_argument(f"--window-size={width},{height}")
    browser = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    try:
        yield browser
    finally:
        browser.quit()


def log_in(browser: WebDriver, url: str, credentials: Credentials) -> None:
    """Log in as a person does, by the form."""
    browser.get(f"{url}/user/login/")
    browser.find_element(By.NAME, "email").send_keys(credentials.username)
    browser.find_element(By.NAME, "password").send_keys(credentials.password)
    browser.find_element(By.NAME, "password").submit()
    WebDriverWait(browser, WAIT_SECONDS).until_not(expected.url_contains("/user/login"))


def open_task(browser: WebDriver, url: str, project_id: int, task_id: int) -> None:
    """Open a task and wait until its regions are drawn."""
    browser.get(f"{url}/projects/{project_id}/data?task={task_id}")
    drawn = expected.presence_of_element_located((By.CSS_SELECTOR, ".htx-highlight"))
    WebDriverWait(browser, WAIT_SECONDS).until(drawn)
