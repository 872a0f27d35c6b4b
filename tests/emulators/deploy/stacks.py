"""Makes the three stacks one after the other, each with the outputs of the one before, and says what came of it."""

import re
import sys
import time

import boto3

templates, account = sys.argv[1], sys.argv[2]
formation, iam = boto3.client("cloudformation"), boto3.client("iam")


def without(template, names):
    """The template without these resources and outputs: each is a block below its name."""
    for name in names:
        template, found = re.subn(rf"^  {name}:\n(?:    .*\n|\n(?=    ))*", "", template, flags=re.M)
        assert found == 1, name
    return template


def made(name, parameters, left_out=(), stack_name=None):
    with open(f"{templates}/{name}.yaml") as file:
        template = without(file.read(), left_out)
    stack_name = stack_name or name
    given = [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()]
    formation.create_stack(StackName=stack_name, TemplateBody=template, Parameters=given, Capabilities=["CAPABILITY_IAM"])
    while True:
        stack = formation.describe_stacks(StackName=stack_name)["Stacks"][0]
        if not stack["StackStatus"].endswith("_IN_PROGRESS"):
            break
        time.sleep(0.05)
    events = formation.describe_stack_events(StackName=stack_name)["StackEvents"]
    failed = [event for event in events if "FAILED" in event["ResourceStatus"]]
    assert stack["StackStatus"] == "CREATE_COMPLETE", failed
    resources = formation.list_stack_resources(StackName=stack_name)["StackResourceSummaries"]
    kinds = sorted({resource["ResourceType"] for resource in resources} - {""})
    return kinds, {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}


def unknown(name, parameters):
    """What the emulator says of a template that is not cut down."""
    try:
        made(name, parameters, stack_name=f"uncut-{name}")
    except formation.exceptions.ClientError as error:
        return re.findall(r"AWS::\w+::\w+", str(error))
    return []


models = f"arn:aws:bedrock:us-east-1:{account}:inference-profile/us.amazon.nova-lite-v1:0"
store_kinds, store = made("store", {
    "ModelArns": models,
    "WithKey": "true",
    "AppConfigApplication": "shop",
    "AppConfigAlarmArn": f"arn:aws:cloudwatch:us-east-1:{account}:alarm:complaints",
})
policies = {key: store[key] for key in ("EvaluationPolicyArn", "MainLinePolicyArns", "ReleasePolicyArns", "DriftPolicyArns")}
provider = f"arn:aws:iam::{account}:oidc-provider/token.actions.githubusercontent.com"
github = {"Repository": "acme@12/shop@345", "ProviderArn": provider, **policies}
pipeline = {
    "ConnectionArn": f"arn:aws:codeconnections:us-east-1:{account}:connection/abc",
    "FullRepositoryId": "acme/shop",
    "Image": "ghcr.io/acme/prompt-assay@sha256:" + "0" * 64,
    "SharedStore": f"s3://{store['BucketName']}/prompt-assay",
    "PullRequestBuildspecArn": "arn:aws:s3:::acme-buildspecs/buildspec.eval.yml",
    "StoreKeySecretArn": f"arn:aws:secretsmanager:us-east-1:{account}:secret:key-1",
    "GitHubTokenSecretArn": f"arn:aws:secretsmanager:us-east-1:{account}:secret:token-1",
    "NotificationEmail": "prompts@acme.example",
    **policies,
}
uncut = unknown("github-oidc", {**github, "ProviderArn": ""}) + unknown("pipeline", pipeline)
print("not known to the emulator:", *uncut)
github_kinds, roles = made("github-oidc", github)
pipeline_kinds, _ = made("pipeline", pipeline, ["ReportGroup", "Pipeline", "Failed", "PipelineName"])
for name, kinds in (("store", store_kinds), ("github-oidc", github_kinds), ("pipeline", pipeline_kinds)):
    print(f"{name}:", *(kind.removeprefix("AWS::") for kind in kinds))
for output, arn in sorted(roles.items()):
    name = arn.rsplit("/", 1)[1]
    trust = iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]
    statement = trust["Statement"][0]
    attached = iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
    print(output)
    for test, values in statement["Condition"].items():
        for variable, value in values.items():
            print(f"  {test} {variable.split(':')[1]}:", *([value] if isinstance(value, str) else value))
    print("  may:", *sorted(policy["PolicyArn"].rsplit("/", 1)[1].split("-")[1] for policy in attached))
