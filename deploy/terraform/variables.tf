variable "name" {
  description = "What everything here is called after."
  type        = string
  default     = "prompt-assay"
  validation {
    condition     = length(var.name) <= 17 && can(regex("^[a-z][a-z0-9-]*$", var.name))
    error_message = "Give at most 17 lower-case letters, digits and hyphens, with a letter first: the names of roles begin with it."
  }
}

variable "parameter_path" {
  description = "Where `ssm` of the release environment points to, without `/{name}`."
  type        = string
  default     = "/prod/llm"
  validation {
    condition     = can(regex("^(/[A-Za-z0-9_.-]+)+$", var.parameter_path))
    error_message = "Give a path of SSM without a slash at its end, such as /prod/llm."
  }
}

variable "model_arns" {
  description = "Inference profiles, and the foundation models behind them in every region; `prompt-assay iam` prints them for your configuration."
  type        = list(string)
  validation {
    condition     = length(var.model_arns) > 0
    error_message = "Give at least one model."
  }
}

variable "shared_store_prefix" {
  description = "Prefix of `shared_store` in the bucket."
  type        = string
  default     = "prompt-assay"
}

variable "release_prefix" {
  description = "Prefix of `release.environments.NAME.s3` in the bucket, without the slash at its end."
  type        = string
  default     = "prompts"
}

variable "with_key" {
  description = "A key of your own for the bucket and for SecureString parameters, at AWS's monthly price of a key."
  type        = bool
  default     = false
}

variable "prompt_management" {
  description = "For `prompt_management` of the release environment: `none`, `keep-all` for `{}`, `delete-old` for `{keep: N}`."
  type        = string
  default     = "none"
  validation {
    condition     = contains(["none", "keep-all", "delete-old"], var.prompt_management)
    error_message = "Give none, keep-all or delete-old."
  }
}

variable "appconfig" {
  description = "The AppConfig application to make; null for none. `profiles` are the prompts; the alarm rolls a deployment back."
  type = object({
    application = string
    environment = optional(string, "prod")
    profiles    = list(string)
    alarm_arn   = optional(string)
  })
  default = null
}

variable "github" {
  description = "Roles for GitHub Actions; null for none. `repository` as GitHub writes it in the `sub` of its tokens: ORG/REPO, or ORG@ID/REPO@ID for repositories created, renamed or transferred since July 2026. `provider_arn` where the account has GitHub's provider."
  type = object({
    repository     = string
    default_branch = optional(string, "main")
    environment    = optional(string, "production")
    provider_arn   = optional(string)
  })
  default = null
  validation {
    condition     = var.github == null ? true : can(regex("^[A-Za-z0-9_.-]+(@[0-9]+)?/[A-Za-z0-9_.-]+(@[0-9]+)?$", var.github.repository))
    error_message = "Give ORG/REPO or ORG@ID/REPO@ID."
  }
}

variable "pipeline" {
  description = "CodePipeline and CodeBuild; null for none. `image` by digest, as action.yml of the release names it; `connection_arn` of a connection made and confirmed in the console."
  type = object({
    connection_arn         = string
    repository             = string
    default_branch         = optional(string, "main")
    buildspecs             = optional(string, "deploy")
    image                  = string
    release_environment    = optional(string, "prod")
    max_cost               = optional(number, 5)
    with_approval          = optional(bool, true)
    store_key_secret_arn   = optional(string)
    drift_schedule         = optional(string, "rate(1 day)")
    notification_email     = optional(string)
    pull_request_buildspec = optional(string)
    github_token_secret    = optional(string)
  })
  default = null
  validation {
    condition     = var.pipeline == null ? true : can(regex("@sha256:[0-9a-f]{64}$", var.pipeline.image))
    error_message = "Give the image with its digest, NAME@sha256:..."
  }
}
