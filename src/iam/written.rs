//! Policies as JSON, as a CloudFormation template, and as Terraform's HCL.

use serde_json::{Map, Value, json};

use super::needs::Place;
use super::trust::{Taker, trust};
use super::{Job, Policy, Statement};

/// A role to be written: what it may do, and who assumes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// Whose it is.
    pub job: Job,
    /// What it may do.
    pub policy: Policy,
    /// Who may assume it; `None`: only the policy is wanted.
    pub trust: Option<Policy>,
}

impl Role {
    /// The role of a job; if nobody may assume it, only its policy.
    pub fn of(job: Job, policy: Policy, taker: Option<&Taker>, place: &Place) -> Self {
        let trust = taker.and_then(|taker| trust(job, taker, place));
        Self { job, policy, trust }
    }
}

/// A policy as AWS reads it.
pub fn json(policy: &Policy) -> Value {
    let statements: Vec<Value> = policy.iter().map(statement).collect();
    json!({"Version": "2012-10-17", "Statement": statements})
}

fn statement(statement: &Statement) -> Value {
    let mut written = Map::new();
    written.insert("Sid".to_owned(), statement.sid.into());
    written.insert("Effect".to_owned(), "Allow".into());
    if let Some((kind, name)) = &statement.principal {
        written.insert("Principal".to_owned(), json!({*kind: name}));
    }
    written.insert("Action".to_owned(), json!(statement.actions));
    if !statement.resources.is_empty() {
        written.insert("Resource".to_owned(), json!(statement.resources));
    }
    if !statement.conditions.is_empty() {
        let mut conditions = Map::new();
        for (operator, key, values) in &statement.conditions {
            let tests = conditions.entry((*operator).to_owned()).or_insert_with(|| json!({}));
            tests[key.as_str()] = match values.as_slice() {
                [only] => json!(only),
                several => json!(several),
            };
        }
        written.insert("Condition".to_owned(), Value::Object(conditions));
    }
    Value::Object(written)
}

/// `MainLine` of `main-line`.
fn logical(job: Job) -> String {
    job.as_str().split('-').map(|word| word[..1].to_uppercase() + &word[1..]).collect()
}

/// A template with a managed policy for each job, and its role if somebody may assume it.
pub fn cloudformation(roles: &[Role]) -> Value {
    let (mut resources, mut outputs) = (Map::new(), Map::new());
    let mut output = |name: String, value: Value| outputs.insert(name, json!({"Value": value}));
    for Role { job, policy, trust } in roles {
        let name = logical(*job);
        let properties = json!({
            "Description": format!("prompt-assay: what {} may do.", job.as_str()),
            "PolicyDocument": substituted(json(policy)),
        });
        let managed = format!("{name}Policy");
        resources
            .insert(managed.clone(), json!({"Type": "AWS::IAM::ManagedPolicy", "Properties": properties}));
        output(format!("{managed}Arn"), json!({"Ref": managed}));
        if let Some(trust) = trust {
            let properties = json!({
                "AssumeRolePolicyDocument": substituted(json(trust)),
                "ManagedPolicyArns": [{"Ref": managed}],
            });
            let role = format!("{name}Role");
            resources.insert(role.clone(), json!({"Type": "AWS::IAM::Role", "Properties": properties}));
            output(format!("{role}Arn"), json!({"Fn::GetAtt": [role, "Arn"]}));
        }
    }
    json!({
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "The least policies that a configuration of prompt-assay needs.",
        "Resources": resources,
        "Outputs": outputs,
    })
}

/// Texts that name the template's own account, as CloudFormation fills them in.
fn substituted(value: Value) -> Value {
    match value {
        Value::String(text) if text.contains("${") => json!({"Fn::Sub": text}),
        Value::Array(items) => items.into_iter().map(substituted).collect(),
        Value::Object(fields) => {
            fields.into_iter().map(|(key, value)| (key, substituted(value))).collect::<Map<_, _>>().into()
        }
        other => other,
    }
}

/// Terraform's resources: a policy for each job, and its role if somebody may assume it. `needs_account`: texts name the
/// account by the data source.
pub fn hcl(roles: &[Role], needs_account: bool) -> String {
    let mut parts = Vec::new();
    if needs_account {
        parts.push("data \"aws_caller_identity\" \"current\" {}\n".to_owned());
    }
    for Role { job, policy, trust } in roles {
        let (job, name) = (job.as_str(), job.as_str().replace('-', "_"));
        parts.push(format!(
            "resource \"aws_iam_policy\" \"{name}\" {{\n  name_prefix = \"prompt-assay-{job}-\"\n  description = \
             \"prompt-assay: what {job} may do.\"\n  policy = jsonencode({})\n}}\n",
            within(&json(policy))
        ));
        if let Some(trust) = trust {
            parts.push(format!(
                "resource \"aws_iam_role\" \"{name}\" {{\n  name_prefix = \"prompt-assay-{job}-\"\n  \
                 assume_role_policy = jsonencode({})\n}}\n",
                within(&json(trust))
            ));
            parts.push(format!(
                "resource \"aws_iam_role_policy_attachment\" \"{name}\" {{\n  role       = \
                 aws_iam_role.{name}.name\n  policy_arn = aws_iam_policy.{name}.arn\n}}\n"
            ));
        }
    }
    parts.join("\n")
}

/// JSON is HCL; only the lines move in.
fn within(value: &Value) -> String {
    let text = serde_json::to_string_pretty(value).expect("a policy is JSON");
    text.replace('\n', "\n  ")
}
