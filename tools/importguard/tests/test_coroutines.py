"""Coroutines run where they are awaited, tasks at the loop's next turn."""

import pytest

PROGRAMS = {
    "awaited in another": (
        "import asyncio\nasync def name(): return 'two'\nasync def main():\n    import one\n"
        "    __import__(await name())\nif __name__ == '__main__': asyncio.run(main())",
        {"one", "two"},
    ),
    "not awaited": ("async def main(): import one\nmain().close()\nimport two", {"two"}),
    "gathered": (
        "import asyncio\nasync def get(n): return n\nasync def main():\n"
        "    for n in await asyncio.gather(get('one'), get('two')): __import__(n)\nasyncio.run(main())",
        {"one", "two"},
    ),
    "a task": (
        "import asyncio\nasync def work(): import one\nasync def main():\n    task = asyncio.create_task(work())\n"
        "    await asyncio.sleep(0)\n    task.add_done_callback(lambda t: __import__('two'))\n    await task\n"
        "    await asyncio.sleep(0)\nasyncio.run(main())",
        {"one", "two"},
    ),
    "a group of tasks": (
        "import asyncio\nasync def work(n): __import__(n)\nasync def main():\n"
        "    async with asyncio.TaskGroup() as group:\n        group.create_task(work('one'))\n"
        "        group.create_task(work('two'))\n    import three\nasyncio.run(main())",
        {"one", "two", "three"},
    ),
    "blocks and loops": (
        "import asyncio\nclass Pool:\n    async def __aenter__(self):\n        import one\n        return ['three']\n"
        "    async def __aexit__(self, *error): import two\nasync def pages():\n    yield 'four'\nasync def main():\n"
        "    async with Pool() as names: __import__(names[0])\n    async for page in pages(): __import__(page)\n"
        "asyncio.run(main())",
        {"one", "two", "three", "four"},
    ),
    "a loop of its own": (
        "import asyncio\nasync def main(): import one\nloop = asyncio.new_event_loop()\n"
        "loop.call_soon(__import__, 'two')\nloop.run_until_complete(main())\nloop.close()",
        {"one", "two"},
    ),
    "a runner": (
        "import asyncio\nasync def main(): import one\nwith asyncio.Runner() as runner: runner.run(main())",
        {"one"},
    ),
    "driven by hand": (
        "async def main(): import one\ntry: main().send(None)\nexcept StopIteration: import two",
        {"one", "two"},
    ),
    "an exception": (
        "import asyncio\nasync def work(): raise KeyError\nasync def main():\n"
        "    try: await work()\n    except KeyError: import one\n    else: import two\nasyncio.run(main())",
        {"one"},
    ),
}
TRIO = {
    "trio/__init__.py": "from ._core._run import run, open_nursery",
    "trio/_core/__init__.py": "",
    "trio/_core/_run.py": (
        "def run(function, *args):\n    try: function(*args).send(None)\n    except StopIteration: pass\n"
        "class open_nursery:\n    async def __aenter__(self): return self\n"
        "    async def __aexit__(self, *error): pass\n    def start_soon(self, function, *args): run(function, *args)"
    ),
}
ANYIO = {
    "anyio/__init__.py": "from ._core._eventloop import run",
    "anyio/_core/__init__.py": "",
    "anyio/_core/_eventloop.py": (
        "def run(function, *args, backend='asyncio'):\n    __import__('anyio._backends._' + backend)\n"
        "    try: function(*args).send(None)\n    except StopIteration: pass"
    ),
    "anyio/_backends/__init__.py": "",
    "anyio/_backends/_asyncio.py": "import two",
    "anyio/_backends/_trio.py": "import three",
}


@pytest.mark.parametrize(("code", "certain"), PROGRAMS.values(), ids=list(PROGRAMS))
def test_what_a_coroutine_loads_is_loaded_where_it_runs(starts_as, code, certain):
    starts_as(code, certain, set())


def test_trio_runs_a_function_and_what_its_nursery_starts(starts_as):
    code = (
        "import trio\nasync def child(): import two\nasync def main():\n    import one\n"
        "    async with trio.open_nursery() as nursery: nursery.start_soon(child)\ntrio.run(main)"
    )
    starts_as(code, {"one", "two"}, set(), TRIO)


@pytest.mark.parametrize(("backend", "module"), [("asyncio", "two"), ("trio", "three")])
def test_anyio_runs_a_function_on_the_backend_that_is_named(starts_as, backend, module):
    code = f"import anyio\nasync def main(n): __import__(n)\nanyio.run(main, 'one', backend='{backend}')"
    starts_as(code, {"one", module}, set(), ANYIO)


def test_a_task_that_may_not_have_been_made_is_possible(starts_as):
    code = (
        "import asyncio, time\nasync def work(): import one\nasync def main():\n"
        "    if time.time() % 2: asyncio.create_task(work())\n    import two\nasyncio.run(main())"
    )
    starts_as(code, {"two"}, {"one"})
