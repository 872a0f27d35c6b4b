output "bucket" {
  description = "For `shared_store` and `release.environments.NAME.s3`."
  value       = aws_s3_bucket.this.id
}

output "key_id" {
  description = "For `release.environments.NAME.key`; null without a key."
  value       = one(aws_kms_key.this[*].key_id)
}

output "strategy_id" {
  description = "For `release.environments.NAME.appconfig.strategy`; null without AppConfig."
  value       = one(aws_appconfig_deployment_strategy.this[*].id)
}

output "policy_arns" {
  description = "By kind of job; attach `runtime` to the role of your application."
  value       = local.policy
}

output "github_role_arns" {
  description = "`role-to-assume` of the jobs: pull-request, main-line, release, drift."
  value       = { for name, role in aws_iam_role.github : name => role.arn }
}

output "pipeline" {
  description = "Name of the pipeline; null without one."
  value       = one(aws_codepipeline.this[*].name)
}
