# Roles that jobs of one repository on GitHub Actions take without a stored key.

resource "aws_iam_openid_connect_provider" "github" {
  count          = var.github == null ? 0 : (var.github.provider_arn == null ? 1 : 0)
  url            = "https://token.actions.githubusercontent.com"
  client_id_list = ["sts.amazonaws.com"]
  lifecycle {
    prevent_destroy = true
  }
}

locals {
  issuer = "token.actions.githubusercontent.com"
  github_provider = var.github == null ? null : coalesce(
    var.github.provider_arn, one(aws_iam_openid_connect_provider.github[*].arn)
  )
  # By role: whose tokens take it. The star stands for the queue's own branches, such as pr-7-1a2b3c, which GitHub
  # alone makes. Forks get no token; an environment's rules decide who starts its jobs and from which branch.
  subjects = var.github == null ? {} : {
    pull-request = ["repo:${var.github.repository}:pull_request"]
    main-line = [
      "repo:${var.github.repository}:ref:refs/heads/${var.github.default_branch}",
      "repo:${var.github.repository}:ref:refs/heads/gh-readonly-queue/${var.github.default_branch}/*",
    ]
    release = ["repo:${var.github.repository}:environment:${var.github.environment}"]
    drift   = ["repo:${var.github.repository}:ref:refs/heads/${var.github.default_branch}"]
  }
  hours = { pull-request = 1, main-line = 6, release = 4, drift = 1 }
}

data "aws_iam_policy_document" "github" {
  for_each = local.subjects
  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]
    principals {
      type        = "Federated"
      identifiers = [local.github_provider]
    }
    condition {
      test     = "StringEquals"
      variable = "${local.issuer}:aud"
      values   = ["sts.amazonaws.com"]
    }
    condition {
      test     = each.key == "main-line" ? "StringLike" : "StringEquals"
      variable = "${local.issuer}:sub"
      values   = each.value
    }
  }
}

resource "aws_iam_role" "github" {
  for_each             = local.subjects
  name_prefix          = "${var.name}-${each.key}-"
  description          = "prompt-assay on GitHub Actions: ${each.key}."
  assume_role_policy   = data.aws_iam_policy_document.github[each.key].json
  max_session_duration = local.hours[each.key] * 3600
}

resource "aws_iam_role_policy_attachment" "github" {
  for_each   = { for pair in flatten([for role in keys(local.subjects) : [for policy in local.attached[role] : { role = role, policy = policy }]]) : "${pair.role} ${pair.policy}" => pair }
  role       = aws_iam_role.github[each.value.role].name
  policy_arn = local.policy[each.value.policy]
}
