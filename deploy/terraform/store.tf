# The bucket, and the key where one is wanted.

resource "aws_kms_key" "this" {
  count               = var.with_key ? 1 : 0
  description         = "Released prompts that no parameter holds, and SecureString parameters."
  enable_key_rotation = true
  policy              = data.aws_iam_policy_document.key.json
  lifecycle {
    prevent_destroy = true
  }
}

data "aws_iam_policy_document" "key" {
  # checkov:skip=CKV_AWS_109:A key's policy names no other resource than the key.
  # checkov:skip=CKV_AWS_111:A key's policy names no other resource than the key.
  # checkov:skip=CKV_AWS_356:A key's policy names no other resource than the key.
  statement {
    sid       = "WhoMayIsSaidByIam"
    actions   = ["kms:*"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = ["arn:${local.partition}:iam::${local.account}:root"]
    }
  }
}

resource "aws_s3_bucket" "this" {
  # checkov:skip=CKV_AWS_18:Access logs would need a second bucket; CloudTrail data events tell the same, and are the account's decision.
  # checkov:skip=CKV_AWS_145:`with_key` chooses a key; without one S3 encrypts it.
  # checkov:skip=CKV_AWS_144:A lost content is written again by `prompt-assay drift --heal`; stored answers are bought again.
  # checkov:skip=CKV2_AWS_62:Nobody waits for its objects.
  bucket_prefix = "${var.name}-"
  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_s3_bucket_versioning" "this" {
  bucket = aws_s3_bucket.this.id
  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_ownership_controls" "this" {
  bucket = aws_s3_bucket.this.id
  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_public_access_block" "this" {
  bucket                  = aws_s3_bucket.this.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  bucket = aws_s3_bucket.this.id
  rule {
    bucket_key_enabled = true
    apply_server_side_encryption_by_default {
      sse_algorithm     = var.with_key ? "aws:kms" : "AES256"
      kms_master_key_id = var.with_key ? aws_kms_key.this[0].arn : null
    }
  }
}

# Released contents have no rule: a parameter's history points to them.
resource "aws_s3_bucket_lifecycle_configuration" "this" {
  bucket = aws_s3_bucket.this.id
  rule {
    id     = "stored-answers-are-bought-again"
    status = "Enabled"
    filter {
      prefix = "${var.shared_store_prefix}/"
    }
    expiration {
      days = 180
    }
    noncurrent_version_expiration {
      noncurrent_days = 1
    }
  }
  rule {
    id     = "batch-files-were-read"
    status = "Enabled"
    filter {
      prefix = "prompt-assay-batch/"
    }
    expiration {
      days = 7
    }
    noncurrent_version_expiration {
      noncurrent_days = 1
    }
  }
  rule {
    id     = "uploads-that-ended-halfway"
    status = "Enabled"
    filter {}
    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }
  }
}

data "aws_iam_policy_document" "bucket" {
  statement {
    sid       = "NothingWithoutTls"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [aws_s3_bucket.this.arn, "${aws_s3_bucket.this.arn}/*"]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

resource "aws_s3_bucket_policy" "this" {
  bucket = aws_s3_bucket.this.id
  policy = data.aws_iam_policy_document.bucket.json
}
