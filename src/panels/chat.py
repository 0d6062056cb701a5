"""The chat: provider and model, the messages, the prompt."""

from __future__ import annotations

from imgui_bundle import hello_imgui, imgui

from src import ai_client, markdown_helper, theme_2
from src.app_controller import AppController, AppState
from src.chat import Message


class ChatPanel:
    """What is typed and not yet sent."""

    def __init__(self) -> None:
        self.prompt = ""
        self._shown = 0
        self._documents: dict[str, markdown_helper.Document] = {}

    def draw(self, controller: AppController) -> None:
        """One frame."""
        state = controller.snapshot()
        self._draw_picker(controller, state)
        imgui.separator()
        prompt_height = hello_imgui.em_size(6.0)
        if imgui.begin_child("messages", imgui.ImVec2(0, -prompt_height)):
            self._draw_messages(state)
        imgui.end_child()
        self._draw_prompt(controller, state)

    def _draw_picker(self, controller: AppController, state: AppState) -> None:
        provider = ai_client.find_provider(state.provider)
        imgui.set_next_item_width(hello_imgui.em_size(12))
        if imgui.begin_combo("Provider", provider.title):
            for one in ai_client.PROVIDERS:
                title = one.title if ai_client.is_ready(one.name) else f"{one.title}  (warming up)"
                if imgui.selectable(title, one.name == state.provider)[0]:
                    controller.choose_provider(one.name)
            imgui.end_combo()
        imgui.same_line(0, hello_imgui.em_size(1.5))
        imgui.set_next_item_width(hello_imgui.em_size(14))
        if imgui.begin_combo("Model", state.model):
            for model in provider.models:
                if imgui.selectable(model, model == state.model)[0]:
                    controller.choose_provider(provider.name, model)
            imgui.end_combo()

    def _draw_messages(self, state: AppState) -> None:
        messages = state.conversation.messages
        if not messages and state.reply is None:
            imgui.text_colored(
                theme_2.colours().muted, "Ask something. Ctrl+Enter sends, Ctrl+Shift+P lists the commands."
            )
        for position, message in enumerate(messages):
            self._draw_message(str(position), message)
        if state.waiting:
            imgui.text_colored(
                theme_2.colours().busy, "Waiting for the provider to warm up; the message goes out by itself."
            )
        if state.reply is not None:
            partial = Message.of("assistant", state.reply.text or "...", state.reply.provider, state.reply.model)
            self._draw_message("reply", partial)
        if state.error:
            imgui.push_style_color(imgui.Col_.text, theme_2.colours().failed)
            imgui.text_wrapped(state.error)
            imgui.pop_style_color()
        size = len(messages) * 1_000_000 + (len(state.reply.text) if state.reply else 0)
        if size != self._shown:
            self._shown = size
            imgui.set_scroll_here_y(1.0)

    def _draw_message(self, identifier: str, message: Message) -> None:
        if message.role == "user":
            imgui.text_colored(theme_2.colours().muted, "You")
        else:
            imgui.text_colored(
                theme_2.colours().accent, f"{ai_client.find_provider(message.provider).title}, {message.model}"
            )
        self._documents.setdefault(identifier, markdown_helper.Document(identifier)).draw(message.text)
        imgui.dummy(hello_imgui.em_to_vec2(0, 0.4))

    def _draw_prompt(self, controller: AppController, state: AppState) -> None:
        button = hello_imgui.em_to_vec2(5, 0)
        size = imgui.ImVec2(-button.x - imgui.get_style().item_spacing.x, hello_imgui.em_size(5.0))
        sent = imgui.is_key_chord_pressed(imgui.Key.mod_ctrl.value | imgui.Key.enter.value)
        _, self.prompt = imgui.input_text_multiline("##Prompt", self.prompt, size)
        imgui.same_line()
        if state.reply is not None:
            if imgui.button("Stop", button) or imgui.is_key_pressed(imgui.Key.escape):
                controller.stop()
        else:
            imgui.begin_disabled(not self.prompt.strip() or state.waiting)
            clicked = imgui.button("Send", button)
            imgui.end_disabled()
            if (clicked or sent) and controller.send(self.prompt.strip()):
                self.prompt = ""
