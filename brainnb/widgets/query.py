"""A limit on the query of a served page: values travel behind ``#``, so nothing long has business there."""

from typing import Any

LONGEST = 2048


def limit_queries(longest: int = LONGEST) -> None:
    """Answer requests whose query is longer than ``longest`` characters with 414, before anything parses them.

    A long query costs the parser time, and one number of 5000 digits ends it with an error.
    """
    from bokeh.server import urls

    urls.per_app_patterns[:] = [(path, _limited(handler, longest)) for path, handler in urls.per_app_patterns]


def _limited(handler: type, longest: int) -> type:
    class Limited(handler):
        def prepare(self) -> Any:
            if len(self.request.query) > longest:
                self.set_status(414)
                self.set_header("Content-Type", "text/plain; charset=utf-8")
                self.finish(
                    f"The query of this address is longer than {longest} characters. Values of a link stand behind #."
                )
                return None
            return super().prepare()

    Limited.__name__ = handler.__name__
    return Limited
