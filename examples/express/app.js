/**
 * A service that answers with the live prompt. `PROMPTS` is the pattern of the release's environment, such as
 * `/prod/llm/{name}`, and `MODEL_ID` the model for prompts that name none.
 */

import { BedrockRuntimeClient, ConverseCommand } from "@aws-sdk/client-bedrock-runtime";
import express from "express";
import { Prompts, Ssm } from "prompt-assay-client";

/** @param {import("prompt-assay-client").Prompts} [prompts] once per process */
export function app(prompts = new Prompts(new Ssm(process.env.PROMPTS))) {
  const bedrock = new BedrockRuntimeClient();
  const service = express();
  service.use(express.json());

  service.post("/answer", async ({ body: { name, question } }, response) => {
    const prompt = await prompts.get("support");
    const request = prompt.render({ name }).converse(question, { model: process.env.MODEL_ID });
    const answer = await bedrock.send(new ConverseCommand(request));
    const { version, fingerprint, stale } = prompt;
    response.json({ answer: answer.output.message.content[0].text, prompt: { version, fingerprint, stale } });
  });

  // Ready when the prompt is there; a stale one will do.
  service.get("/ready", async (_, response) => {
    await prompts.prefetch(["support"]);
    response.json({ ready: true });
  });

  return service;
}
