"""A window without a display, for tests and benchmarks."""

from collections.abc import Callable

from imgui_bundle import hello_imgui, imgui


def use_null_backend(params: hello_imgui.RunnerParams, set_up: Callable[[], object] = tuple) -> None:
    """Runs *params* on imgui's null backends, nothing read from or left on disk; *set_up* is its setup_imgui_config.

    Idling stays as it is: a loop that never pauses leaves the interpreter no time for the warmup's thread."""
    params.ini_disable = True
    params.platform_backend_type = hello_imgui.PlatformBackendType.null
    params.renderer_backend_type = hello_imgui.RendererBackendType.null

    # Both are needed: fonts upload nowhere, and the context outlives a run that had no real backend.
    def claim_textures() -> None:
        set_up()
        imgui.get_io().backend_flags |= imgui.BackendFlags_.renderer_has_textures

    params.callbacks.setup_imgui_config = claim_textures
    params.callbacks.before_exit_post_cleanup = imgui.destroy_context
