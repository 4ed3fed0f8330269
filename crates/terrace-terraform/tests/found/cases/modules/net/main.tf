variable "cidr" {}
variable "parts" { type = map(number) }

resource "aws_vpc" "this" {
  cidr_block = var.cidr
}

resource "aws_subnet" "this" {
  for_each   = var.parts
  vpc_id     = aws_vpc.this.id
  cidr_block = cidrsubnet(aws_vpc.this.cidr_block, 8, each.value)
}

output "vpc_id" { value = aws_vpc.this.id }
output "subnets" { value = { for name, one in aws_subnet.this : name => one.id } }
