"""The dashboard works in a real browser, with the password, while tasks run."""

import shutil

import pytest
from distributed import Event
from playwright.sync_api import Page, WebSocket, sync_playwright

from tests.pace import limit, until
from tests.swarm.stack import ROOT, Stack

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(shutil.which("chromium") is None, reason="needs Chromium"),
]
SHOWN = 30
SCREENSHOT = ROOT / "out" / "dashboard.png"


@pytest.fixture
def page(stack: Stack) -> Page:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        user, password = stack.login
        yield browser.new_page(
            http_credentials={"username": user, "password": password},
            ignore_https_errors=True,
            viewport={"width": 1400, "height": 900},
        )
        browser.close()


def test_a_browser_with_the_password_sees_tasks_while_they_run(stack: Stack, page: Page) -> None:
    patience = limit()
    frames: list[str | bytes] = []

    def listen(socket: WebSocket) -> None:
        socket.on("framereceived", lambda frame: frames.append(frame))  # noqa: PLW0108

    def shown_live(number: int) -> None:
        if number >= SHOWN:
            Event("seen").wait(timeout=patience)

    page.on("websocket", listen)
    page.goto(f"{stack.dashboard}/status", wait_until="domcontentloaded")
    page.wait_for_selector("canvas", timeout=1000 * patience)
    with stack.client() as client:
        futures = client.map(shown_live, range(2 * SHOWN), pure=False)
        until(lambda: page.wait_for_timeout(200) or names_task(frames), "the task in the page")
        assert not all(future.done() for future in futures)
        SCREENSHOT.parent.mkdir(exist_ok=True)
        page.wait_for_timeout(1000)
        page.screenshot(path=SCREENSHOT)
        Event("seen", client=client).set()
        client.gather(futures)


def names_task(frames: list[str | bytes]) -> bool:
    """Whether the page has been told of the task by its websocket."""
    return any("shown_live" in frame for frame in frames if isinstance(frame, str))
