variable "image_app" {
  description = "The image of app that is in force: `sha256:` and 64 digits."
  type        = string
}

variable "settings_app" {
  description = "The plain settings of app that are in force: a JSON object of texts."
  type        = string
}
