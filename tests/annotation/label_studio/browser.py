"""Headless Chromium at a Label Studio server, and an annotator's hands there: every step waits for what it does."""

from collections.abc import Callable

from selenium.common.exceptions import TimeoutException
from selenium.webdriver import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.support import expected_conditions as expected
from selenium.webdriver.support.ui import WebDriverWait

from annotation.label_studio.credentials import Credentials

WAIT_SECONDS = 60
MARKS = """
return [...document.querySelectorAll('.htx-highlight')]
    .map(mark => [mark.dataset.label.split(':')[1], mark.textContent])
"""
ACTIVE = "return [...document.querySelectorAll('.htx-highlight.__active')].map(mark => mark.textContent)"
CHOSEN = "return [...document.querySelectorAll('.lsf-label_selected .lsf-label__hotkey')].map(key => key.textContent)"
RIGHT_HANDLE = """
const box = document.querySelector('.htx-highlight.__active .__resize_right')?.getBoundingClientRect();
return box && [(box.left + box.right) / 2, (box.top + box.bottom) / 2];
"""
WORDS_BOX = """
const walker = document.createTreeWalker(document.querySelector('.lsf-htx-richtext'), NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
    const begin = walker.currentNode.data.indexOf(arguments[0]);
    if (begin < 0) continue;
    const range = document.createRange();
    range.setStart(walker.currentNode, begin);
    range.setEnd(walker.currentNode, begin + arguments[0].length);
    const box = range.getBoundingClientRect();
    return [box.left + 1, box.right - 1, (box.top + box.bottom) / 2];
}
"""
Point = tuple[float, float]


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


class Hands:
    """The mouse and the keys of an annotator on an open task; words are found by where the page shows them."""

    def __init__(self, browser: WebDriver) -> None:
        self._browser = browser

    def marks(self) -> list[tuple[str, str]]:
        """Label and words of each mark, in text order."""
        return [(label, words) for label, words in self._browser.execute_script(MARKS)]

    def wait_for(self, *marks: tuple[str, str]) -> None:
        """Wait until these are the marks on the page."""
        self._wait(lambda: self.marks() == list(marks), f"{marks} marked")

    def select(self, words: str) -> None:
        """Click on the mark with these words until it is the active one: a page that draws anew may miss a click."""
        for _ in range(WAIT_SECONDS):
            left, right, y = self._box(words)
            self._mouse([((left + right) / 2, y)])
            try:
                self._wait(lambda: self._browser.execute_script(ACTIVE) == [words], f"{words!r} active", seconds=2)
            except TimeoutException:
                continue
            return
        raise AssertionError(f"{words!r} cannot be selected")

    def unselect(self) -> None:
        """Leave the active mark."""
        self.press(Keys.ESCAPE)
        self._wait(lambda: self._browser.execute_script(ACTIVE) == [], "nothing active")

    def press(self, key: str) -> None:
        """Press one key."""
        ActionChains(self._browser).send_keys(key).perform()

    def widen(self, words: str, until: str) -> None:
        """Select a mark and drag the handle at its end to the end of other words."""
        self.select(words)
        self._wait(lambda: self._browser.execute_script(RIGHT_HANDLE), "a handle")
        x, y = self._browser.execute_script(RIGHT_HANDLE)
        self._drag((x, y), until)

    def mark(self, words: str, hotkey: str) -> None:
        """Choose a label by its key and draw the mouse over the words."""
        self.press(hotkey)
        self._wait(lambda: self._browser.execute_script(CHOSEN) == [hotkey], f"label {hotkey} chosen")
        left, _, y = self._box(words)
        self._drag((left, y), words)

    def _drag(self, begin: Point, until: str) -> None:
        _, right, y = self._box(until)
        # A drag in one leap is none to the page.
        self._mouse([begin, (right - 8, y), (right, y)])

    def _mouse(self, path: list[Point]) -> None:
        """Press at the first point, let go at the last."""
        actions = ActionChains(self._browser, duration=50)
        pointer = actions.w3c_actions.pointer_action
        pointer.move_to_location(*_pixel(path[0]))
        pointer.pointer_down()
        for point in path[1:]:
            pointer.move_to_location(*_pixel(point))
        pointer.pointer_up()
        actions.perform()

    def _box(self, words: str) -> list[float]:
        box: list[float] = self._browser.execute_script(WORDS_BOX, words)
        return box

    def _wait(self, holds: Callable[[], object], what: str, seconds: float = WAIT_SECONDS) -> None:
        WebDriverWait(self._browser, seconds, poll_frequency=0.1).until(lambda _: holds(), f"not seen: {what}")


def _pixel(point: Point) -> tuple[int, int]:
    return round(point[0]), round(point[1])
