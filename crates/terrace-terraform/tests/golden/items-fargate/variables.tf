variable "app_image_tag" {
  description = "The tag of the image of app that a new task definition names; releases make their own."
  type        = string
  default     = "initial"
}
