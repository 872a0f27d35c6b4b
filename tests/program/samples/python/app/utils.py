"""Helpers of the service. You are welcome to move them to a better place than this module."""
import textwrap

# SYSTEM_PROMPT = "You are the assistant of a shop, and you answer in plain text."
SYSTEM_PROMPT = """You are a support agent of the shop.
Answer as JSON: {"intent": "...", "reply": "..."}."""

SUMMARY_PROMPT = (
    "Summarize the ticket in {language}: "
    "{ticket}"
)


def ask(user, ticket):
    prompt = f"Classify the ticket of {user.name} with {len(ticket)} letters: {ticket!r}"
    return call(prompt, "SELECT * FROM prompts WHERE a = 1")
