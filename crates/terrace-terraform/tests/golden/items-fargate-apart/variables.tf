variable "image_app" {
  description = "The image of app that is in force: `sha256:` and 64 digits."
  type        = string
}
