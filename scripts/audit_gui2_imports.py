"""What `import src.gui_2` loads, by top-level package: modules and estimated milliseconds."""

import sys
from collections import Counter
from pathlib import Path

from importguard import Kind, analyse, find_project


def main() -> int:
    """Prints one line a package, the costliest first."""
    project = find_project(Path(__file__).parent.parent)
    graph = analyse(project.start_of(Kind.IMPORT, "src.gui_2")).graph
    modules: Counter[str] = Counter()
    cost: Counter[str] = Counter()
    for name in graph.eager:
        top = name.partition(".")[0]
        modules[top] += 1
        cost[top] += graph.cost_us([name])
    for top, cost_us in cost.most_common(20):
        print(f"{cost_us / 1000:8.1f} ms  {modules[top]:4d}  {top}")
    print(f"{sum(cost.values()) / 1000:8.1f} ms  {sum(modules.values()):4d}  in all (estimated)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
