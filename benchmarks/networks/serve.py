"""A contender's side of `benchmarks/networks.py`: build once, then run whenever asked, and say how long it took.

    python benchmarks/networks/serve.py in_loop COBA 4000 1000

Every contender is a process of its own, because interpreters, libraries and compiler settings differ.  Its first line
says what was built, in seconds a phase; then every line on its standard input is one run from a new random start, and
every line of its output tells the seconds of the run and what the network did.
"""

import importlib
import json
import os
import sys
from importlib import metadata

from common import activity


def main() -> None:
    contender, network, n, T = sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
    replies = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # what libraries print must not get between the replies

    def reply(**told) -> None:
        print(json.dumps(told), file=replies, flush=True)

    try:
        module = importlib.import_module(contender)
        built = module.build(network, n, T)
    except ImportError as error:
        reply(skipped=str(error))
        return
    versions = {name: metadata.version(name) for name in module.DISTRIBUTIONS}
    reply(phases=dict(built.phases), note=built.note, versions=versions)
    for _ in sys.stdin:
        run = built.run()
        reply(seconds=run.seconds, **activity(run, n, T))


if __name__ == "__main__":
    main()
