"""The service and its routes."""

from fastapi import FastAPI

from accuracy_web.routes import items, people


def create_service():
    service = FastAPI()
    for routes in (items, people):
        service.include_router(routes.router)
    return service
