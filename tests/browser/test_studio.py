"""The studio in a real browser: start, watch, hear, reload, stop."""

from __future__ import annotations

import time

import pytest

pytestmark = pytest.mark.browser


def _rungs(page) -> int:
    return page.locator(".rungs button").count()


def _points(page) -> int:
    """Points of the training curve that the browser holds."""
    return page.evaluate(
        """() => {
            let most = 0
            for (const doc of Bokeh.documents) {
                for (const model of doc._all_models.values()) {
                    if (model.type === "ColumnDataSource" && model.data.loss) {
                        most = Math.max(most, model.data.loss.length)
                    }
                }
            }
            return most
        }"""
    )


def _until(condition, seconds: float, what: str) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds:.0f} s: {what}"
        time.sleep(0.2)


def test_first_visit_paints_soon_and_explains_itself(studio_server, new_page):
    address, _ = studio_server
    page = new_page()
    page.goto(address, wait_until="commit")
    page.wait_for_selector("form[aria-label='New training']")
    paint = page.evaluate("() => performance.getEntriesByName('first-contentful-paint')[0].startTime / 1000")
    print(f"first contentful paint after {paint:.2f} s")
    # Two seconds on a quiet machine; a test may share its cores with everything else.
    assert paint < 6
    page.wait_for_selector(".welcome h2")
    assert page.locator(".welcome .start").is_enabled()


def test_a_run_that_is_not_there_is_explained(studio_server, new_page):
    address, _ = studio_server
    page = new_page()
    page.goto(f"{address}?run=nobody")
    page.wait_for_selector(".notice:has-text('no run named nobody')")


def test_a_wrong_setting_is_told_and_cannot_start(studio_server, new_page):
    address, _ = studio_server
    page = new_page()
    page.goto(address)
    page.fill("input[name=latent_dim]", "0")
    page.wait_for_selector(".field.wrong .hint:has-text('received 0')")
    assert page.locator("form .start").is_disabled()
    page.fill("input[name=latent_dim]", "16")
    _until(lambda: page.locator("form .start").is_enabled(), 10, "the form accepts 16")


def test_train_watch_hear_reload_stop(studio_server, new_page):
    address, runs = studio_server
    page = new_page()
    page.goto(address)
    page.fill("input[name=epochs]", "400")
    page.fill("input[name=latent_dim]", "16")
    page.fill("input[name=width]", "16")
    page.get_by_text("More settings").click()
    page.fill("input[name=name_wanted]", "browser-test")
    # The form answers a keystroke after a moment; the server must have it all before the start.
    _until(lambda: page.locator(".field.wrong").count() == 0, 10, "the form is right")
    page.wait_for_timeout(600)
    began = time.monotonic()
    page.locator("form .start").click()
    page.wait_for_selector(".header h2:has-text('browser-test')")
    assert page.url.endswith("?run=browser-test")

    page.locator(".rungs button").first.wait_for(timeout=120_000)
    print(f"first preview {time.monotonic() - began:.1f} s after the click")
    _until(lambda: _points(page) >= 2, 60, "a curve appears")
    before = _points(page)
    _until(lambda: _points(page) > before, 60, "the curve grows")

    # Sound: the reconstruction of the first rung, by one click on it.
    page.locator(".rungs button").first.click()
    sound = page.locator(".player.output audio")
    _until(lambda: sound.evaluate("audio => audio.currentTime") > 0, 10, "the preview plays")
    assert sound.evaluate("audio => audio.src").startswith("data:audio/wav;base64,")
    page.locator(".player.input .play").click()
    original = page.locator(".player.input audio")
    _until(lambda: original.evaluate("audio => audio.currentTime") > 0, 10, "the original plays")
    assert sound.evaluate("audio => audio.paused")

    # A second browser sees the same run, without being told its name.
    other = new_page(width=390, height=844, is_mobile=True, has_touch=True, user_agent="Mobile test")
    other.goto(address)
    other.wait_for_selector(".header h2:has-text('browser-test')")
    _until(lambda: abs(_rungs(other) - _rungs(page)) <= 1 and _rungs(other) > 0, 30, "both show the ladder")
    _until(lambda: _points(other) >= before, 30, "both show the curve")

    # Reloading in mid-training loses nothing.
    rungs, points = _rungs(page), _points(page)
    page.reload()
    page.wait_for_selector(".header h2:has-text('browser-test')")
    _until(lambda: _rungs(page) >= rungs and _points(page) >= points, 30, "all is there again")

    # Pause in one, see it in the other, go on, stop.
    page.locator("[data-command=pause]").click()
    for view in (page, other):
        view.wait_for_selector(".header[data-state=paused]", timeout=60_000)
    other.locator("[data-command=resume]").click()
    page.wait_for_selector(".header[data-state=running]", timeout=60_000)
    page.locator("[data-command=stop]").click()
    for view in (page, other):
        view.wait_for_selector(".header[data-state=stopped]", timeout=60_000)
    assert page.locator("[data-command=resume]").is_visible()
    assert "Stopped after" in page.inner_text(".header .sentence")
    assert (runs / "browser-test" / "history.csv").stat().st_size > 0


def test_no_width_needs_sideways_scrolling(studio_server, new_page):
    address, _ = studio_server
    for width, height in ((390, 844), (768, 1024), (1280, 720), (1920, 1080)):
        page = new_page(width=width, height=height)
        page.goto(f"{address}?theme=dark")
        page.wait_for_selector(".header .sentence, .welcome h2")
        assert page.evaluate("() => document.documentElement.scrollWidth - innerWidth") <= 0, width
        page.close()
