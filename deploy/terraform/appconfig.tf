# AppConfig, where it is wanted: half of the readers, then all, ten minutes each in which the alarm may roll it back.

resource "aws_appconfig_application" "this" {
  count       = var.appconfig == null ? 0 : 1
  name        = var.appconfig.application
  description = "Prompts that prompt-assay releases."
}

resource "aws_appconfig_environment" "this" {
  count          = var.appconfig == null ? 0 : 1
  application_id = aws_appconfig_application.this[0].id
  name           = var.appconfig.environment
  dynamic "monitor" {
    for_each = var.appconfig.alarm_arn == null ? [] : [var.appconfig.alarm_arn]
    content {
      alarm_arn      = monitor.value
      alarm_role_arn = aws_iam_role.alarm[0].arn
    }
  }
}

resource "aws_appconfig_deployment_strategy" "this" {
  count                          = var.appconfig == null ? 0 : 1
  name                           = "${var.appconfig.application}-prompts"
  deployment_duration_in_minutes = 10
  growth_factor                  = 50
  growth_type                    = "LINEAR"
  final_bake_time_in_minutes     = 10
  replicate_to                   = "NONE"
}

resource "aws_appconfig_configuration_profile" "this" {
  for_each       = var.appconfig == null ? [] : toset(var.appconfig.profiles)
  application_id = aws_appconfig_application.this[0].id
  name           = each.value
  location_uri   = "hosted"
  type           = "AWS.Freeform"
  validator {
    type    = "LAMBDA"
    content = aws_lambda_function.validator[0].arn
  }
}

resource "aws_iam_role" "alarm" {
  count              = try(var.appconfig.alarm_arn, null) == null ? 0 : 1
  name_prefix        = "${var.name}-alarm-"
  assume_role_policy = data.aws_iam_policy_document.assumed["appconfig"].json
}

resource "aws_iam_role_policy" "alarm" {
  # checkov:skip=CKV_AWS_355:AWS grants it for all alarms or none.
  count = try(var.appconfig.alarm_arn, null) == null ? 0 : 1
  role  = aws_iam_role.alarm[0].id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "cloudwatch:DescribeAlarms", Resource = "*" }]
  })
}

# The last check before a deployment, no matter who starts it: `prompt-assay` does not write such contents.
resource "aws_lambda_function" "validator" {
  # checkov:skip=CKV_AWS_50:It answers AppConfig in milliseconds; its log says why it refused.
  # checkov:skip=CKV_AWS_115:AppConfig calls it once a deployment; a reserved concurrency would take it from others.
  # checkov:skip=CKV_AWS_116:AppConfig waits for its answer; there is no event to keep when it fails.
  # checkov:skip=CKV_AWS_117:It looks at the text it is given and connects to nothing.
  # checkov:skip=CKV_AWS_272:The code is a file of this module.
  count            = var.appconfig == null ? 0 : 1
  function_name    = "${var.name}-validator"
  description      = "Refuses a configuration that is no prompt."
  runtime          = "python3.13"
  handler          = "validator.handler"
  timeout          = 10
  role             = aws_iam_role.validator[0].arn
  filename         = data.archive_file.validator[0].output_path
  source_code_hash = data.archive_file.validator[0].output_base64sha256
}

data "archive_file" "validator" {
  count       = var.appconfig == null ? 0 : 1
  type        = "zip"
  source_file = "${path.module}/validator.py"
  output_path = "${path.root}/.terraform/${var.name}-validator.zip"
}

resource "aws_iam_role" "validator" {
  count              = var.appconfig == null ? 0 : 1
  name_prefix        = "${var.name}-validator-"
  assume_role_policy = data.aws_iam_policy_document.assumed["lambda"].json
}

resource "aws_iam_role_policy_attachment" "validator" {
  count      = var.appconfig == null ? 0 : 1
  role       = aws_iam_role.validator[0].name
  policy_arn = "arn:${local.partition}:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
}

resource "aws_lambda_permission" "validator" {
  count          = var.appconfig == null ? 0 : 1
  function_name  = aws_lambda_function.validator[0].function_name
  action         = "lambda:InvokeFunction"
  principal      = "appconfig.amazonaws.com"
  source_account = local.account
}
