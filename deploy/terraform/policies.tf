# What each kind of job may do; the same statements as in store.yaml.

locals {
  parameters  = "arn:${local.partition}:ssm:${local.region}:${local.account}:parameter${var.parameter_path}/*"
  contents    = "${aws_s3_bucket.this.arn}/${var.release_prefix}/*"
  answers     = "${aws_s3_bucket.this.arn}/${var.shared_store_prefix}/main/*"
  keys        = var.with_key ? [aws_kms_key.this[0].arn] : []
  application = var.appconfig == null ? [] : ["arn:${local.partition}:appconfig:${local.region}:${local.account}:application/${aws_appconfig_application.this[0].id}"]

  prompts     = var.prompt_management == "none" ? [] : ["arn:${local.partition}:bedrock:${local.region}:${local.account}:prompt/*"]
  old_prompts = var.prompt_management == "delete-old" ? ["arn:${local.partition}:bedrock:${local.region}:${local.account}:prompt/*:*"] : []

  # By kind of job: statements of action and resource. Pull requests see nothing that is live, and write nothing; a
  # release calls no model, and deletes nothing but old versions in Prompt Management if wanted.
  statements = {
    evaluation = concat([
      { sid = "AskModels", actions = ["bedrock:InvokeModel", "bedrock:CountTokens", "bedrock:GetInferenceProfile"], resources = var.model_arns },
      # To name what the region offers instead of an unknown one; AWS grants it for all or none.
      { sid = "ListProfiles", actions = ["bedrock:ListInferenceProfiles"], resources = ["*"] },
      { sid = "ReadStoredAnswers", actions = ["s3:GetObject"], resources = [local.answers] },
      { sid = "TellMissingFromDenied", actions = ["s3:ListBucket"], resources = [aws_s3_bucket.this.arn] },
    ], [for key in local.keys : { sid = "Decrypt", actions = ["kms:Decrypt"], resources = [key] }])

    main-line = concat([
      { sid = "KeepStoredAnswers", actions = ["s3:PutObject"], resources = [local.answers] },
      { sid = "ReadWhatIsLive", actions = ["ssm:GetParameterHistory"], resources = [local.parameters] },
    ], [for key in local.keys : { sid = "Encrypt", actions = ["kms:GenerateDataKey"], resources = [key] }])

    release = concat([
      {
        sid = "WriteParameters"
        actions = [
          "ssm:PutParameter", "ssm:GetParameter", "ssm:GetParameterHistory", "ssm:LabelParameterVersion",
          "ssm:AddTagsToResource",
        ]
        resources = [local.parameters]
      },
      { sid = "WriteLongContents", actions = ["s3:PutObject", "s3:GetObject", "s3:GetObjectVersion"], resources = [local.contents] },
      { sid = "TellMissingFromDenied", actions = ["s3:ListBucket"], resources = [aws_s3_bucket.this.arn] },
      ], [for key in local.keys : { sid = "UseTheKey", actions = ["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey"], resources = [key] }],
      # AWS gives a prompt its id, and names are found in the list.
      [for prompts in local.prompts : { sid = "FindPrompts", actions = ["bedrock:ListPrompts", "bedrock:CreatePrompt"], resources = ["*"] }],
      [for prompts in local.prompts : { sid = "WritePrompts", actions = ["bedrock:GetPrompt", "bedrock:UpdatePrompt", "bedrock:CreatePromptVersion"], resources = [prompts] }],
      # A version, never a prompt.
    [for versions in local.old_prompts : { sid = "DeleteOldVersions", actions = ["bedrock:DeletePrompt"], resources = [versions] }])

    drift = concat([
      # AWS grants it for all parameters or none.
      { sid = "ListNames", actions = ["ssm:DescribeParameters"], resources = ["*"] },
      { sid = "ReadWhatIsLive", actions = ["ssm:GetParameterHistory"], resources = [local.parameters] },
      { sid = "ReadLongContents", actions = ["s3:GetObject", "s3:GetObjectVersion"], resources = [local.contents] },
      { sid = "TellMissingFromDenied", actions = ["s3:ListBucket"], resources = [aws_s3_bucket.this.arn] },
      ], [for key in local.keys : { sid = "Decrypt", actions = ["kms:Decrypt"], resources = [key] }],
    [for prompts in local.prompts : { sid = "ReadPrompts", actions = ["bedrock:GetPrompt"], resources = [prompts] }])

    runtime = concat([
      { sid = "ReadParameters", actions = ["ssm:GetParameter", "ssm:GetParameters"], resources = [local.parameters] },
      { sid = "ReadLongContents", actions = ["s3:GetObject", "s3:GetObjectVersion"], resources = [local.contents] },
      ], [for key in local.keys : { sid = "Decrypt", actions = ["kms:Decrypt"], resources = [key] }],
      # Beside the permission to ask the model.
      [for prompts in local.prompts : { sid = "CallPrompts", actions = ["bedrock:RenderPrompt"], resources = [prompts] }],
      [for application in local.application : {
        sid       = "ReadConfigurations"
        actions   = ["appconfig:StartConfigurationSession", "appconfig:GetLatestConfiguration"]
        resources = ["${application}/environment/${aws_appconfig_environment.this[0].environment_id}/configuration/*"]
    }])
  }

  # Where there is an AppConfig application: the same two halves, to look and to deploy.
  of_appconfig = var.appconfig == null ? {} : {
    appconfig-read = [
      # Names are looked up, and AWS grants the lists for all or none.
      { sid = "FindByName", actions = ["appconfig:ListApplications", "appconfig:ListDeploymentStrategies"], resources = ["*"] },
      {
        sid = "ReadWhatIsLive"
        actions = [
          "appconfig:ListEnvironments", "appconfig:ListConfigurationProfiles", "appconfig:ListHostedConfigurationVersions",
          "appconfig:GetHostedConfigurationVersion", "appconfig:ListDeployments", "appconfig:GetDeployment",
        ]
        resources = flatten([for application in local.application : [application, "${application}/*"]])
      },
    ]
    appconfig-release = [
      {
        sid     = "Deploy"
        actions = ["appconfig:CreateHostedConfigurationVersion", "appconfig:StartDeployment"]
        resources = concat(
          flatten([for application in local.application : [application, "${application}/*"]]),
          [aws_appconfig_deployment_strategy.this[0].arn],
        )
      },
    ]
  }
}

resource "aws_iam_policy" "this" {
  for_each    = merge(local.statements, local.of_appconfig)
  name_prefix = "${var.name}-${each.key}-"
  description = "prompt-assay: what ${each.key} may do."
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [for statement in each.value : {
      Sid      = statement.sid
      Effect   = "Allow"
      Action   = statement.actions
      Resource = statement.resources
    }]
  })
}

locals {
  policy        = { for name, policy in aws_iam_policy.this : name => policy.arn }
  looks_appconf = var.appconfig == null ? [] : ["appconfig-read"]
  # By role: the policies it has.
  attached = {
    pull-request = ["evaluation"]
    main-line    = concat(["evaluation", "main-line"], local.looks_appconf)
    release      = concat(["release"], local.looks_appconf, var.appconfig == null ? [] : ["appconfig-release"])
    drift        = concat(["drift"], local.looks_appconf)
  }
}
