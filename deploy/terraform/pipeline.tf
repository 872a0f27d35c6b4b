# CodePipeline and CodeBuild: what is merged is evaluated with the full model, approved by a person if wanted, and
# released. Beside it a daily look at drift and, if wanted, builds of pull requests.

locals {
  has_pipeline = var.pipeline != null
  has_drift    = try(var.pipeline.drift_schedule, null) != null
  has_builds   = try(var.pipeline.pull_request_buildspec, null) != null
  store_key    = compact([try(var.pipeline.store_key_secret_arn, null)])
  token        = compact([try(var.pipeline.github_token_secret, null)])
  shared_store = "s3://${aws_s3_bucket.this.id}/${var.shared_store_prefix}"

  # By build project: what differs between them.
  builds = !local.has_pipeline ? {} : merge({
    evaluate = {
      role        = "main-line", minutes = 120, at_once = 1, source = null, secrets = local.store_key
      description = "Evaluates what is merged with the full model, and gates it."
      buildspec   = "${var.pipeline.buildspecs}/buildspec.eval.yml"
      variables = {
        PROMPT_ASSAY_SHARED_STORE = local.shared_store
        PROMPT_ASSAY_MAX_COST     = var.pipeline.max_cost
        REPORTS                   = "s3://${aws_s3_bucket.artifacts[0].id}/reports"
      }
      secret = { for arn in local.store_key : "PROMPT_ASSAY_STORE_KEY" => arn }
    }
    release = {
      role        = "release", minutes = 240, at_once = 1, source = null, secrets = local.store_key
      description = "Releases what passed."
      buildspec   = "${var.pipeline.buildspecs}/buildspec.release.yml"
      variables   = { PROMPT_ASSAY_RELEASE = var.pipeline.release_environment }
      secret      = { for arn in local.store_key : "PROMPT_ASSAY_STORE_KEY" => arn }
    }
    }, local.has_drift ? {
    drift = {
      role        = "drift", minutes = 30, at_once = 1, source = var.pipeline.default_branch, secrets = []
      description = "Compares what is live with the default branch; fails where they differ."
      buildspec   = "${var.pipeline.buildspecs}/buildspec.drift.yml"
      variables   = { PROMPT_ASSAY_ENV = var.pipeline.release_environment }
      secret      = {}
    }
    } : {}, local.has_builds ? {
    pull-requests = {
      role        = "pull-request", minutes = 60, at_once = null, source = "", secrets = local.token
      description = "Evaluates what a pull request changes with the cheap model, and gates it."
      buildspec   = var.pipeline.pull_request_buildspec
      variables   = { PROMPT_ASSAY_SHARED_STORE = local.shared_store, PROMPT_ASSAY_MAX_COST = var.pipeline.max_cost }
      secret      = { for arn in local.token : "PROMPT_ASSAY_GITHUB_TOKEN" => arn }
    }
  } : {})
  of_pipeline = { for name, build in local.builds : name => build if build.source == null }
}

resource "aws_s3_bucket" "artifacts" {
  # checkov:skip=CKV_AWS_18:It holds what the pipeline's own executions leave for a month; CodePipeline's history names them.
  # checkov:skip=CKV_AWS_144:An execution can be started again.
  # checkov:skip=CKV_AWS_145:S3 encrypts it; no other account reads it.
  # checkov:skip=CKV2_AWS_62:CodePipeline alone waits for its objects.
  count         = local.has_pipeline ? 1 : 0
  bucket_prefix = "${var.name}-artifacts-"
}

resource "aws_s3_bucket_versioning" "artifacts" {
  count  = local.has_pipeline ? 1 : 0
  bucket = aws_s3_bucket.artifacts[0].id
  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_public_access_block" "artifacts" {
  count                   = local.has_pipeline ? 1 : 0
  bucket                  = aws_s3_bucket.artifacts[0].id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_lifecycle_configuration" "artifacts" {
  count  = local.has_pipeline ? 1 : 0
  bucket = aws_s3_bucket.artifacts[0].id
  rule {
    id     = "a-month"
    status = "Enabled"
    filter {}
    expiration {
      days = 30
    }
    noncurrent_version_expiration {
      noncurrent_days = 1
    }
    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }
  }
}

resource "aws_s3_bucket_policy" "artifacts" {
  count  = local.has_pipeline ? 1 : 0
  bucket = aws_s3_bucket.artifacts[0].id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "NothingWithoutTls"
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource  = [aws_s3_bucket.artifacts[0].arn, "${aws_s3_bucket.artifacts[0].arn}/*"]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
  })
}

# --- the builds

resource "aws_cloudwatch_log_group" "build" {
  # checkov:skip=CKV_AWS_158:CloudWatch Logs encrypts it; the log holds no prompt and no answer unless a case is shown broken.
  # checkov:skip=CKV_AWS_338:The report, the evidence and the records in the store are what lasts.
  for_each          = local.builds
  name              = "/aws/codebuild/${var.name}-${each.key}"
  retention_in_days = 90
}

resource "aws_iam_role" "build" {
  for_each           = local.builds
  name_prefix        = "${var.name}-${each.key}-build-"
  assume_role_policy = data.aws_iam_policy_document.assumed["codebuild"].json
}

resource "aws_iam_role_policy_attachment" "build" {
  for_each   = { for pair in flatten([for name, build in local.builds : [for policy in local.attached[build.role] : { name = name, policy = policy }]]) : "${pair.name} ${pair.policy}" => pair }
  role       = aws_iam_role.build[each.value.name].name
  policy_arn = local.policy[each.value.policy]
}

resource "aws_iam_role_policy" "build" {
  for_each = local.builds
  name     = "build"
  role     = aws_iam_role.build[each.key].id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [
        {
          Sid      = "WriteItsLog"
          Effect   = "Allow"
          Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
          Resource = ["${aws_cloudwatch_log_group.build[each.key].arn}:*"]
        },
        {
          Sid    = "CloneTheRepository"
          Effect = "Allow"
          Action = [
            "codeconnections:UseConnection", "codeconnections:GetConnection", "codeconnections:GetConnectionToken",
            "codestar-connections:UseConnection", "codestar-connections:GetConnection",
            "codestar-connections:GetConnectionToken",
          ]
          Resource = [var.pipeline.connection_arn]
        },
      ],
      each.value.source != null ? [] : [{
        Sid      = "HandOn"
        Effect   = "Allow"
        Action   = ["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"]
        Resource = ["${aws_s3_bucket.artifacts[0].arn}/*"]
      }],
      !contains(["evaluate", "pull-requests"], each.key) ? [] : [{
        Sid    = "LeaveAReport"
        Effect = "Allow"
        Action = [
          "codebuild:CreateReportGroup", "codebuild:CreateReport", "codebuild:UpdateReport",
          "codebuild:BatchPutTestCases",
        ]
        Resource = ["arn:${local.partition}:codebuild:${local.region}:${local.account}:report-group/${var.name}-${each.key}-prompts"]
      }],
      each.key != "pull-requests" ? [] : [{
        Sid      = "ReadTheBuildspec"
        Effect   = "Allow"
        Action   = ["s3:GetObject", "s3:GetObjectVersion"]
        Resource = [each.value.buildspec]
      }],
      [for arn in each.value.secrets : {
        Sid      = "ReadTheSecret"
        Effect   = "Allow"
        Action   = ["secretsmanager:GetSecretValue"]
        Resource = [arn]
      }],
    )
  })
}

resource "aws_codebuild_report_group" "evaluate" {
  count          = local.has_pipeline ? 1 : 0
  name           = "${var.name}-evaluate-prompts"
  type           = "TEST"
  delete_reports = true
  export_config {
    type = "NO_EXPORT"
  }
}

resource "aws_codebuild_project" "build" {
  # checkov:skip=CKV_AWS_316:Privileged for one command: to take the binary out of the image, which has a digest. Merged commits build here, and pull requests by a buildspec that is none of their files.
  for_each               = local.builds
  name                   = "${var.name}-${each.key}"
  description            = each.value.description
  service_role           = aws_iam_role.build[each.key].arn
  encryption_key         = "arn:${local.partition}:kms:${local.region}:${local.account}:alias/aws/s3"
  build_timeout          = each.value.minutes
  concurrent_build_limit = each.value.at_once
  source_version         = each.value.source == "" ? null : each.value.source
  artifacts {
    type = each.value.source == null ? "CODEPIPELINE" : "NO_ARTIFACTS"
  }
  source {
    type                = each.value.source == null ? "CODEPIPELINE" : "GITHUB"
    location            = each.value.source == null ? null : "https://github.com/${var.pipeline.repository}.git"
    buildspec           = each.value.buildspec
    report_build_status = each.key == "pull-requests" ? true : null
    dynamic "auth" {
      for_each = each.value.source == null ? [] : [var.pipeline.connection_arn]
      content {
        type     = "CODECONNECTIONS"
        resource = auth.value
      }
    }
  }
  logs_config {
    cloudwatch_logs {
      group_name = aws_cloudwatch_log_group.build[each.key].name
    }
  }
  environment {
    type            = "LINUX_CONTAINER"
    compute_type    = "BUILD_GENERAL1_SMALL"
    image           = "aws/codebuild/amazonlinux-x86_64-standard:5.0"
    privileged_mode = true
    dynamic "environment_variable" {
      for_each = merge(each.value.variables, { PROMPT_ASSAY_IMAGE = var.pipeline.image })
      content {
        name  = environment_variable.key
        value = environment_variable.value
      }
    }
    dynamic "environment_variable" {
      for_each = each.value.secret
      content {
        name  = environment_variable.key
        type  = "SECRETS_MANAGER"
        value = environment_variable.value
      }
    }
  }
}

# Pull requests of forks wait for a comment of somebody with write access: they would spend your money.
resource "aws_codebuild_webhook" "pull_requests" {
  count        = local.has_builds ? 1 : 0
  project_name = aws_codebuild_project.build["pull-requests"].name
  build_type   = "BUILD"
  filter_group {
    filter {
      type    = "EVENT"
      pattern = "PULL_REQUEST_CREATED, PULL_REQUEST_UPDATED, PULL_REQUEST_REOPENED"
    }
    filter {
      type    = "BASE_REF"
      pattern = "^refs/heads/${var.pipeline.default_branch}$"
    }
  }
  pull_request_build_policy {
    requires_comment_approval = "FORK_PULL_REQUESTS"
  }
}

# --- the pipeline

resource "aws_iam_role" "pipeline" {
  count              = local.has_pipeline ? 1 : 0
  name_prefix        = "${var.name}-pipeline-"
  assume_role_policy = data.aws_iam_policy_document.assumed["codepipeline"].json
}

resource "aws_iam_role_policy" "pipeline" {
  count = local.has_pipeline ? 1 : 0
  name  = "drive-the-stages"
  role  = aws_iam_role.pipeline[0].id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "HearOfCommits"
        Effect   = "Allow"
        Action   = ["codeconnections:UseConnection", "codestar-connections:UseConnection"]
        Resource = var.pipeline.connection_arn
      },
      {
        Sid      = "HandOn"
        Effect   = "Allow"
        Action   = ["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"]
        Resource = "${aws_s3_bucket.artifacts[0].arn}/*"
      },
      {
        Sid      = "KnowTheBucket"
        Effect   = "Allow"
        Action   = ["s3:GetBucketVersioning", "s3:GetBucketLocation"]
        Resource = aws_s3_bucket.artifacts[0].arn
      },
      {
        Sid      = "Build"
        Effect   = "Allow"
        Action   = ["codebuild:StartBuild", "codebuild:BatchGetBuilds"]
        Resource = [for name in keys(local.of_pipeline) : aws_codebuild_project.build[name].arn]
      },
      {
        Sid      = "AskForApproval"
        Effect   = "Allow"
        Action   = "sns:Publish"
        Resource = aws_sns_topic.this[0].arn
      },
    ]
  })
}

# A newer execution passes the one that waits before a stage. Nothing is lost by that: every prompt is compared with the
# newest content of its own that passed, not with the commit before.
resource "aws_codepipeline" "this" {
  # checkov:skip=CKV_AWS_219:The bucket encrypts what it holds; no other account reads it.
  count          = local.has_pipeline ? 1 : 0
  name           = var.name
  pipeline_type  = "V2"
  execution_mode = "SUPERSEDED"
  role_arn       = aws_iam_role.pipeline[0].arn
  artifact_store {
    type     = "S3"
    location = aws_s3_bucket.artifacts[0].id
  }
  trigger {
    provider_type = "CodeStarSourceConnection"
    git_configuration {
      source_action_name = "Commit"
      push {
        branches {
          includes = [var.pipeline.default_branch]
        }
      }
    }
  }
  stage {
    name = "Source"
    action {
      name             = "Commit"
      namespace        = "Commit"
      category         = "Source"
      owner            = "AWS"
      provider         = "CodeStarSourceConnection"
      version          = "1"
      output_artifacts = ["Source"]
      configuration = {
        ConnectionArn    = var.pipeline.connection_arn
        FullRepositoryId = var.pipeline.repository
        BranchName       = var.pipeline.default_branch
        # With its history: a release is made of a commit, and compared with earlier ones.
        OutputArtifactFormat = "CODEBUILD_CLONE_REF"
        DetectChanges        = "false"
      }
    }
  }
  stage {
    name = "Evaluate"
    action {
      name             = "Evaluate"
      namespace        = "Evaluated"
      category         = "Test"
      owner            = "AWS"
      provider         = "CodeBuild"
      version          = "1"
      input_artifacts  = ["Source"]
      output_artifacts = ["Evaluated"]
      configuration    = { ProjectName = aws_codebuild_project.build["evaluate"].name }
    }
  }
  dynamic "stage" {
    for_each = var.pipeline.with_approval ? [aws_s3_bucket.artifacts[0].id] : []
    content {
      name = "Approve"
      action {
        name     = "Approve"
        category = "Approval"
        owner    = "AWS"
        provider = "Manual"
        version  = "1"
        configuration = {
          CustomData         = "#{Evaluated.VERDICT} for #{Commit.CommitId}. The link leads to the report in S3: choose Open there."
          ExternalEntityLink = "https://${local.region}.console.aws.amazon.com/s3/object/${stage.value}?region=${local.region}&prefix=reports/#{Evaluated.BUILD}.html"
          NotificationArn    = aws_sns_topic.this[0].arn
        }
      }
    }
  }
  stage {
    name = "Release"
    action {
      name            = "Release"
      category        = "Build"
      owner           = "AWS"
      provider        = "CodeBuild"
      version         = "1"
      input_artifacts = ["Source", "Evaluated"]
      configuration   = { ProjectName = aws_codebuild_project.build["release"].name, PrimarySource = "Source" }
    }
  }
}

# --- who hears of it

resource "aws_sns_topic" "this" {
  # checkov:skip=CKV_AWS_26:EventBridge cannot publish under AWS's own key, and a message holds names and states alone.
  count       = local.has_pipeline ? 1 : 0
  name_prefix = "${var.name}-"
}

resource "aws_sns_topic_subscription" "this" {
  count     = try(var.pipeline.notification_email, null) == null ? 0 : 1
  topic_arn = aws_sns_topic.this[0].arn
  protocol  = "email"
  endpoint  = var.pipeline.notification_email
}

resource "aws_sns_topic_policy" "this" {
  count = local.has_pipeline ? 1 : 0
  arn   = aws_sns_topic.this[0].arn
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "Events"
      Effect    = "Allow"
      Principal = { Service = "events.amazonaws.com" }
      Action    = "sns:Publish"
      Resource  = aws_sns_topic.this[0].arn
      Condition = { StringEquals = { "aws:SourceAccount" = local.account } }
    }]
  })
}

resource "aws_cloudwatch_event_rule" "failed" {
  count       = local.has_pipeline ? 1 : 0
  name_prefix = "${var.name}-failed-"
  description = "An execution that failed, or a look at drift that found some."
  event_pattern = jsonencode({
    "$or" = [
      {
        source        = ["aws.codepipeline"]
        "detail-type" = ["CodePipeline Pipeline Execution State Change"]
        detail        = { pipeline = [aws_codepipeline.this[0].name], state = ["FAILED"] }
      },
      {
        source        = ["aws.codebuild"]
        "detail-type" = ["CodeBuild Build State Change"]
        detail        = { "project-name" = ["${var.name}-drift"], "build-status" = ["FAILED", "FAULT", "TIMED_OUT"] }
      },
    ]
  })
}

resource "aws_cloudwatch_event_target" "failed" {
  count = local.has_pipeline ? 1 : 0
  rule  = aws_cloudwatch_event_rule.failed[0].name
  arn   = aws_sns_topic.this[0].arn
}

# --- drift

resource "aws_iam_role" "schedule" {
  count              = local.has_drift ? 1 : 0
  name_prefix        = "${var.name}-schedule-"
  assume_role_policy = data.aws_iam_policy_document.assumed["events"].json
}

resource "aws_iam_role_policy" "schedule" {
  count = local.has_drift ? 1 : 0
  name  = "start-it"
  role  = aws_iam_role.schedule[0].id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "codebuild:StartBuild", Resource = aws_codebuild_project.build["drift"].arn }]
  })
}

resource "aws_cloudwatch_event_rule" "drift" {
  count               = local.has_drift ? 1 : 0
  name_prefix         = "${var.name}-drift-"
  description         = "The look at drift."
  schedule_expression = var.pipeline.drift_schedule
}

resource "aws_cloudwatch_event_target" "drift" {
  count    = local.has_drift ? 1 : 0
  rule     = aws_cloudwatch_event_rule.drift[0].name
  arn      = aws_codebuild_project.build["drift"].arn
  role_arn = aws_iam_role.schedule[0].arn
}
