# Habits. Everything here is a plain `uv run` away.

check:
    uv run importguard check

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
