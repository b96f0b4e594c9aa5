"""Who offers models: what a binding of each says, as docs/operations/providers.md tells and
tests/llm/test_matrix.py tries."""

from dataclasses import dataclass

from agent.core.language import N_


@dataclass(frozen=True)
class Offer:
    """A provider: the model that reads interviews and drafts, the one that scores calls, one that hears recordings if
    it has any, and the variable that usually holds the key. For a server of one's own the models are its own."""

    name: str
    reads: str = ""
    scores: str = ""
    key_env: str = ""
    api_base: str = ""
    note: str = ""
    hears: str = ""


OFFERS = {
    "openai": Offer("OpenAI", "openai/gpt-4.1", "openai/gpt-4.1-mini", "OPENAI_API_KEY", hears="openai/whisper-1"),
    "anthropic": Offer("Anthropic", "anthropic/claude-sonnet-4-5", "anthropic/claude-haiku-4-5", "ANTHROPIC_API_KEY"),
    "google": Offer("Google", "gemini/gemini-2.5-pro", "gemini/gemini-2.5-flash", "GEMINI_API_KEY"),
    "mistral": Offer("Mistral", "mistral/mistral-large-latest", "mistral/mistral-large-latest", "MISTRAL_API_KEY"),
    "openrouter": Offer(
        "OpenRouter", "openrouter/openai/gpt-4.1", "openrouter/openai/gpt-4.1-mini", "OPENROUTER_API_KEY"
    ),
    "groq": Offer(
        "Groq",
        "groq/llama-3.3-70b-versatile",
        "groq/llama-3.3-70b-versatile",
        "GROQ_API_KEY",
        hears="groq/whisper-large-v3",
    ),
    "xai": Offer("xAI", "xai/grok-4", "xai/grok-4", "XAI_API_KEY"),
    "deepseek": Offer("DeepSeek", "deepseek/deepseek-chat", "deepseek/deepseek-chat", "DEEPSEEK_API_KEY"),
    "server": Offer(
        N_("A server of your own"),
        api_base="http://127.0.0.1:8000/v1",
        note=N_(
            "vLLM, Ollama, LM Studio, llama.cpp and every other that speaks OpenAI's protocol. "
            "The model is openai/ and its name there."
        ),
    ),
}
