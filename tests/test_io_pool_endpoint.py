def test_the_endpoint_shows_the_pool(headless):
    status = headless.get("/api/io_pool_status")
    assert status["workers"] == 4
    assert status["running"] >= 1  # the server itself
    assert all(name.startswith("controller-io") for name in status["threads"])
