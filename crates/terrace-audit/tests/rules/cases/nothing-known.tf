#@ unencrypted-storage, metadata-v1, public-address, data-tls, plaintext-edge, shared-images, function-url-open
variable "count_of" {
  type = number
}

variable "anything" {
  type = any
}

resource "aws_db_instance" "maybe" {
  count             = var.count_of
  engine            = var.anything
  instance_class    = "db.t4g.micro"
  storage_encrypted = false
}

resource "aws_instance" "maybe" {
  ami                         = "ami-0abc"
  associate_public_ip_address = var.anything
  metadata_options {
    http_tokens = var.anything
  }
}

resource "aws_lambda_function_url" "maybe" {
  function_name      = "maybe"
  authorization_type = var.anything
}
#~ high function-url-open aws_lambda_function_url.maybe authorization_type: it may be that whoever knows the address of `aws_lambda_function_url.maybe` calls the function (depends on var.anything)
#~ high unencrypted-storage aws_db_instance.maybe[?] storage_encrypted: the storage of `aws_db_instance.maybe[?]` is not encrypted (depends on var.count_of)
#~ medium data-tls aws_db_instance.maybe[?] engine: it may be that `aws_db_instance.maybe[?]` takes connections without TLS (depends on var.anything, var.count_of)
#~ medium metadata-v1 aws_instance.maybe metadata_options: whether `aws_instance.maybe` asks for session tokens is not told (depends on var.anything)
#~ medium public-address aws_instance.maybe associate_public_ip_address: it may be that `aws_instance.maybe` asks for a public address (depends on var.anything)
#~ medium unencrypted-storage aws_instance.maybe root_block_device.encrypted: it may be that the root volume of `aws_instance.maybe` is not encrypted (depends on whether the image is encrypted)
