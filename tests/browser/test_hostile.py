"""Text stays text: markup in every place that a model, a link or a file may bring, in every skin."""

import textwrap

import harness

PAYLOADS = {
    "markup": "<img src=x onerror=alert('image')>\"><svg onload=alert('svg')></script><script>alert('script')</script>"
    "' onmouseover='alert(1)' onfocus='alert(2)' autofocus x=' [x](javascript:alert('md')) ![x](x\"onerror=\"alert('md')) "
    "@{x}{safe} ${alert('template')} {{constructor.constructor('alert(3)')()}}",
    "link": "javascript:alert('link')",
    "formula": "$$\\href{javascript:alert('tex')}{x}$$",
    "long": "abc\u202edcba" + "A" * 10_000,
}

MODEL = """
import brainnb as bn

P = {payload!r}


class Hostile(bn.Model):
    a: bn.Param = bn.param(1.0, P, P, bounds=(0, 2))
    x = bn.state(0.0, P, P)
    y = bn.state(0.0, P, P)
    I = bn.input(0.5, P, P, bounds=(0, 1))

    def vector_field(self, t, s, u):
        return dict(x=u.I - self.a * s.x, y=s.x - s.y)

    @bn.preset
    def calm(cls):
        return cls(a=0.5)


Hostile.__doc__ = P
Hostile.__dict__["calm"].__func__.__doc__ = P
Hostile.__name__ = Hostile.__qualname__ = P
view = bn.explore(Hostile(), T=20, dt=0.1, title=P)
"""


def source(payload):
    return textwrap.dedent(MODEL).replace("{payload!r}", repr(payload))


def touch_everything(page):
    """Hover, open, keep, export as text, make an error: every place where a text is shown."""
    root = page.explorer()
    for summary in root.locator("summary").all():
        if summary.is_visible():
            summary.click()
    for button in root.locator("button[aria-label^=About]").all():
        if button.is_visible():
            button.click()
            button.hover()
    root.locator(".nb-stage").hover(position={"x": 250, "y": 150})
    root.get_by_role("button", name="Keep trace").click()
    root.locator("select").select_option(index=1)
    page.page.wait_for_timeout(300)
    root.get_by_role("button", name="Copy code").click()
    root.get_by_role("textbox", name="Text of the code").wait_for()
    root.get_by_role("button", name="Copy link").click()
    root.get_by_role("textbox", name="Text of the link").wait_for()
    page.box("a").fill("77")
    page.box("a").press("Enter")
    root.locator("[role=alert]").wait_for(state="visible")
    page.page.wait_for_timeout(300)


def assert_harmless(page, payload):
    assert page.hits() == []
    assert page.external == []
    found = page.page.locator(".brainnb").first.evaluate(
        """root => ({bad: root.querySelectorAll('img, script, iframe, [onerror], [onload], [onmouseover], a[href^=javascript]').length,
                     heading: root.querySelector('h2').textContent})"""
    )
    assert found == {"bad": 0, "heading": payload}


def test_served(tmp_path):
    for name, payload in PAYLOADS.items():
        (tmp_path / f"{name}.py").write_text("import panel as pn\npn.extension()\n" + source(payload))
    files = sorted(tmp_path.glob("*.py"))
    with harness.server("serve", files) as port, harness.browser() as page:
        for name, payload in PAYLOADS.items():
            page.page.goto(f"http://127.0.0.1:{port}/{name}")
            touch_everything(page)
            assert_harmless(page, payload)


def test_lab(tmp_path):
    """Both skins under one another in JupyterLab."""
    payload = PAYLOADS["markup"]
    book = harness.notebook(tmp_path, "hostile", source(payload) + "view", "view.panel()")
    with harness.server("lab", tmp_path) as port, harness.browser() as page:
        page.open_lab(port, book.name)
        touch_everything(page)
        page.page.locator(".brainnb[data-pictures]").nth(1).wait_for(timeout=40_000)
        assert_harmless(page, payload)


def test_voila(tmp_path):
    payload = PAYLOADS["markup"]
    book = harness.notebook(tmp_path, "hostile", source(payload) + "view")
    with harness.server("voila", book) as port, harness.browser() as page:
        page.page.goto(f"http://127.0.0.1:{port}/", timeout=60_000)
        touch_everything(page)
        page.external = [url for url in page.external if "fontawesome" not in url]
        assert_harmless(page, payload)


def test_saved_pages(tmp_path):
    """The page that `save` writes, opened from the disk: the figure stands, nothing runs."""
    with harness.browser() as page:
        for name, payload in PAYLOADS.items():
            space = {}
            exec(compile(source(payload), name, "exec"), space)
            path = space["view"].save(tmp_path / f"{name}.html")
            page.page.goto(path.as_uri())
            page.page.locator("canvas").first.wait_for()
            page.page.wait_for_timeout(200)
            assert page.hits() == []
            assert page.external == []
            assert payload[:200] in page.page.locator("body").inner_text().replace("\xa0", " ")
            assert page.page.locator("img, svg[onload], a[href^=javascript]").count() == 0
