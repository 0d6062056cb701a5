"""A service that listens at once, says when it is ready, and whose first request then pays nothing."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import Body, FastAPI, Response

from importguard import warmup

MANIFEST = Path(__file__).with_name("warmup_manifest.json")


def _require_warmed(name: str):
    return warmup.require_warmed(name)


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
    """The server accepts connections while the warmup runs behind it."""
    running = warmup.Warmup(MANIFEST)
    warmup.install(running)
    running.start()
    yield
    running.close()


app = FastAPI(lifespan=lifespan)


@app.get("/ready")
def ready(response: Response) -> dict[str, object]:
    """For the load balancer: 503 until every module is ready, and always when one failed."""
    (running,) = warmup.warmups()
    status = running.status()
    if not status.done or status.failed:
        response.status_code = 503
    return {"completed": status.completed, "pending": status.pending, "failed": status.failed}


@app.post("/render")
def render(response: Response, text: str = Body(embed=True)) -> dict[str, str]:
    """Markdown as text; 503 with the reason while the renderer is not ready."""
    try:
        return {"text": _require_warmed("renderer").render(text)}
    except (warmup.NotWarmedError, warmup.WarmupFailedError) as error:
        response.status_code = 503
        return {"error": str(error)}
