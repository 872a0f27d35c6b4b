# Which service may take which role; only for this account's own resources.

data "aws_iam_policy_document" "assumed" {
  for_each = toset(["appconfig", "codebuild", "codepipeline", "events", "lambda"])
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["${each.value}.amazonaws.com"]
    }
    # Lambda does not say for whom it asks.
    dynamic "condition" {
      for_each = each.value == "lambda" ? [] : [local.account]
      content {
        test     = "StringEquals"
        variable = "aws:SourceAccount"
        values   = [condition.value]
      }
    }
  }
}
