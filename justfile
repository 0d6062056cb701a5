# Habits. Everything here is a plain `uv run` away.

check:
    uv run importguard check

# Under a minute, without a window: what most mistakes break.
fast:
    uv run ruff format --check .
    uv run ruff check .
    uv run mypy
    uv run importguard check
    uv run importguard manifest --check
    uv run pytest -q -n auto tests/test_architecture.py tests/test_dead_code.py tests/test_doors.py tests/test_english.py tests/test_value.py tests/test_chat.py tests/discussion tests/models tests/request tests/storage tests/turn tools/importguard/tests/test_architecture.py tools/importguard/tests/rules tools/importguard/tests/test_startup.py

# The test files of what differs from main, by the index that `scripts/tests_of.py` prints.
changed *arguments:
    xvfb-run -a uv run python scripts/tests_of.py --since main --run {{arguments}}

fix:
    uv run ruff format . && uv run ruff check --fix .

types:
    uv run mypy

rooms:
    uv run pytest -q --noconftest tests/test_architecture.py

picture:
    uv run python scripts/draw_rooms.py

test *arguments:
    xvfb-run -a uv run pytest {{arguments}}

all:
    .ci/run
