"""A web service as it is started by hand."""

from accuracy_web.service import create_service


def main():
    import uvicorn

    uvicorn.run(create_service())


if __name__ == "__main__":
    main()
