"""A Lambda function that answers with the live prompt.

`PROMPTS` is the pattern of the release's environment, such as `/prod/llm/{name}`, and `MODEL_ID` the model for prompts
that name none. The role needs `ssm:GetParameters`, `s3:GetObject` where prompts are long, and `bedrock:InvokeModel`.
"""

import os

import boto3
from prompt_assay_client import Prompts, Ssm

# Outside of the handler: made once per environment, kept between invocations.
prompts = Prompts(Ssm(os.environ["PROMPTS"]))
bedrock = boto3.client("bedrock-runtime")


def handler(event, context):
    """Answers `{"name": ..., "question": ...}`."""
    prompt = prompts.get("support")
    request = prompt.render(name=event["name"]).converse(event["question"], model=os.environ["MODEL_ID"])
    answer = bedrock.converse(**request)
    return {
        "answer": answer["output"]["message"]["content"][0]["text"],
        # Which prompt gave it, for the log; `stale` when SSM has not answered for a while.
        "prompt": {"version": prompt.version, "fingerprint": prompt.fingerprint, "stale": prompt.stale},
    }
