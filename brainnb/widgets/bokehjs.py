"""BokehJS out of the installed wheel, for pages that have none: JupyterLab, Voila, Colab."""

import gzip
from functools import cache
from pathlib import Path


def version() -> str:
    """The version that figures are written for."""
    import bokeh

    return bokeh.__version__


@cache
def compressed() -> bytes:
    """``bokeh.min.js``, gzipped: about 0.4 MB, sent once to each page."""
    import bokeh

    script = Path(bokeh.__file__).parent / "server" / "static" / "js" / "bokeh.min.js"
    return gzip.compress(script.read_bytes(), 6, mtime=0)
