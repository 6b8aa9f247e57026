"""What tests of widgets share: a page that remembers, and the run of a cell."""

HOSTILE = "<img src=x onerror=alert(1)>$\\frac$"
"""A title that would do harm if a page took text for markup or TeX."""


class Page:
    """A page that remembers what it heard."""

    def __init__(self, view):
        self.heard, self.view = [], view
        self.talk = view.talk(lambda message, buffers: self.heard.append((message, buffers)))

    def say(self, **message):
        self.talk.receive({"view": "p", **message})
        self.view.wait()
        return self

    def types(self):
        return [m["type"] for m, _ in self.heard]

    def all(self, kind):
        return [(m, b) for m, b in self.heard if m["type"] == kind]

    def last(self, kind):
        """The newest message of a kind."""
        return self.all(kind)[-1][0]

    def picture(self):
        """Header and block of the newest picture."""
        header, (block,) = self.all("picture")[-1]
        return header, block


def run_cell(code, **names):
    """What a cell leaves behind; pictures are left out, and models of a test come in by name."""
    lines = [line for line in code.splitlines() if not (line.endswith(".bn.plot()") or line.startswith("from "))]
    space = dict(names)
    exec(compile("\n".join(lines), "cell", "exec"), space)
    return space


def twice_named(view):
    """Names that two models of a view's figures have: a page finds neither."""
    names = [model.name for model in view.figures().references() if model.name]
    return sorted({name for name in names if names.count(name) > 1})
