"""An agent on the terminal: three SDKs behind a text interface."""

import asyncio
import logging

import anthropic
import openai
import opentelemetry.sdk.trace
from google import genai
from textual.app import App

log = logging.getLogger(__name__)
PROVIDERS = {"anthropic": anthropic.AsyncAnthropic, "openai": openai.AsyncOpenAI, "google": genai.Client}


class Agent(App):
    """Starts nothing until it is run."""


def main():
    provider = opentelemetry.sdk.trace.TracerProvider()
    log.info("tracing with %s", provider)
    asyncio.run(Agent().run_async())
