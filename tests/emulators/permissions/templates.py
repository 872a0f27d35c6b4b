"""Says what the policies of the templates allow: those of store.yaml as a stack makes them, and those of the module for
Terraform as its text says them."""

import json
import re
import sys
import time

import boto3

deploy = sys.argv[1]
formation, iam = boto3.client("cloudformation"), boto3.client("iam")
parameters = {"ModelArns": "arn:aws:bedrock:us-east-1::foundation-model/a.b", "WithKey": "true", "AppConfigApplication": "shop", "PromptManagement": "delete-old"}
with open(f"{deploy}/store.yaml") as file:
    formation.create_stack(
        StackName="store",
        TemplateBody=file.read(),
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
        Capabilities=["CAPABILITY_IAM"],
    )
while formation.describe_stacks(StackName="store")["Stacks"][0]["StackStatus"].endswith("_IN_PROGRESS"):
    time.sleep(0.05)
allowed = {"cloudformation": {}, "terraform": {}}
for resource in formation.list_stack_resources(StackName="store")["StackResourceSummaries"]:
    if resource["ResourceType"] == "AWS::IAM::ManagedPolicy":
        arn = resource["PhysicalResourceId"]
        document = iam.get_policy_version(PolicyArn=arn, VersionId="v1")["PolicyVersion"]["Document"]
        actions = [statement["Action"] for statement in document["Statement"]]
        actions = {action for some in actions for action in ([some] if isinstance(some, str) else some)}
        name = re.sub(r"(?<!^)(?=[A-Z])", "-", resource["LogicalResourceId"].removesuffix("Policy")).lower()
        allowed["cloudformation"][name.replace("app-config", "appconfig")] = sorted(actions)
with open(f"{deploy}/terraform/policies.tf") as file:
    text = file.read()
for section in re.split(r"(?m)^    (?=[a-z-]+ = (?:concat\()?\[)", text)[1:]:
    name = section.split(" ", 1)[0]
    allowed["terraform"][name] = sorted(set(re.findall(r'"((?:bedrock|s3|kms|ssm|appconfig):[A-Za-z]+)"', section)))
print(json.dumps(allowed))
