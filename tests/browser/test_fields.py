"""A state of many units under `panel serve`: an image that follows the sliders."""

import harness
import numpy as np

import brainnb as bn

APP = """
import brainnb as bn
import panel as pn

pn.extension()
push = bn.inputs.Pulse(amplitude=10.0, start=0.0, duration=20.0)
bn.explore(bn.rates.CANN(N=32, k=0.1), T=40, A=push, z=1.0, sliders=["z"])
"""
IMAGE = """root => {
  const get = (name) => root.explorer.figures.document.get_model_by_name(name);
  const image = get("field:0").data.image[0];
  return {values: [...image], shape: [...image.shape], high: get("colours:0").high, top: get("y_range:0").end};
}"""


def test_the_image_is_the_state(tmp_path):
    path = tmp_path / "app.py"
    path.write_text(APP)
    with harness.server("serve", path) as port, harness.browser() as page:
        page.page.goto(f"http://127.0.0.1:{port}/app")
        page.explorer()
        page.box("z").fill("-2")
        page.page.keyboard.press("Enter")
        page.wait_message("z 1 -> -2")
        seen = page.page.locator(".brainnb").evaluate(IMAGE)
        assert page.errors == []
    push = bn.inputs.Pulse(amplitude=10.0, start=0.0, duration=20.0)
    U = bn.simulate(bn.rates.CANN(N=32, k=0.1), T=40, A=push, z=-2.0, record=["U"]).U.values
    assert seen["shape"] == [32, 200]
    assert seen["top"] == 32
    expected = U[1::2].T
    assert abs(seen["high"] - expected.max()) < 1e-4
    np.testing.assert_allclose(np.reshape(seen["values"], (32, 200)), expected, atol=np.ptp(expected) / 255)
