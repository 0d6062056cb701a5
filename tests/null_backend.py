"""A window without a display, for tests and benchmarks."""

from imgui_bundle import hello_imgui, imgui


def use_null_backend(params: hello_imgui.RunnerParams) -> None:
    """Runs *params* on imgui's null backends, with nothing read from or left on disk.

    Idling stays as it is: a loop that never pauses leaves the interpreter no time for the warmup's thread."""
    params.ini_disable = True
    params.platform_backend_type = hello_imgui.PlatformBackendType.null
    params.renderer_backend_type = hello_imgui.RendererBackendType.null
    # Both are needed: fonts upload nowhere, and the context outlives a run that had no real backend.
    params.callbacks.setup_imgui_config = _claim_textures
    params.callbacks.before_exit_post_cleanup = imgui.destroy_context


def _claim_textures() -> None:
    imgui.get_io().backend_flags |= imgui.BackendFlags_.renderer_has_textures
