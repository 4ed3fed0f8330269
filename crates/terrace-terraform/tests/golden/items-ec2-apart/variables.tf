variable "release_app" {
  description = "The release of app that is in force: 64 digits, or nothing if there is none yet."
  type        = string
}

variable "release_web" {
  description = "The release of web that is in force: 64 digits, or nothing if there is none yet."
  type        = string
}
