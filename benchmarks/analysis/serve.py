"""A contender's side of `benchmarks/analysis.py`: do a task whenever asked, and say how long it took and what was found.

    python benchmarks/analysis/serve.py ours

Every line on its standard input names a task and a turn; every line of its output tells the seconds of the task.
"""

import importlib
import json
import os
import sys
from time import perf_counter


def main() -> None:
    replies = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # what libraries print must not get between the replies

    def reply(**told) -> None:
        print(json.dumps(told), file=replies, flush=True)

    begun = perf_counter()
    try:
        contender = importlib.import_module(sys.argv[1])
    except ImportError as error:
        reply(skipped=str(error))
        return
    reply(versions=contender.versions(), ready=perf_counter() - begun)
    for line in sys.stdin:
        task, k = json.loads(line)
        if task not in contender.TASKS:
            reply(skipped="has no such task")
            continue
        run, read = contender.TASKS[task]
        before = contender.traced() if hasattr(contender, "traced") else None
        try:
            begun = perf_counter()
            result = run(k)
            seconds = perf_counter() - begun
            found = read(result)
        except Exception as error:  # a peer that fails is told, and ends no benchmark
            reply(skipped=f"failed: {type(error).__name__}: {str(error)[:200]}")
            continue
        if before is not None:
            found["traced"] = contender.traced() - before
        reply(seconds=seconds, **found)


if __name__ == "__main__":
    main()
