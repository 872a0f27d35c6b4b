"""Refuses a configuration that is no prompt: the last look before a deployment of AppConfig."""

import base64
import json


def handler(event, context):
    text = base64.b64decode(event["content"]).decode("utf-8")
    if not text.strip():
        raise ValueError("the prompt is empty")
    if text.startswith('{"prompt":'):
        json.loads(text)
