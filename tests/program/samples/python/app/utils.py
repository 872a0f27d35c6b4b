"""Helpers of the service. You are reading a docstring, which is not a prompt for anybody at all."""
import textwrap

# SYSTEM_PROMPT = "You are a comment, and comments are not read as prompts of any kind."
SYSTEM_PROMPT = """You are a support agent of the shop.
Answer as JSON: {"intent": "...", "reply": "..."}."""

SUMMARY_PROMPT = (
    "Summarize the ticket in {language}: "
    "{ticket}"
)


def ask(user, ticket):
    prompt = f"Classify the ticket of {user.name} with {len(ticket)} letters: {ticket!r}"
    return call(prompt, "SELECT * FROM prompts WHERE a = 1")
