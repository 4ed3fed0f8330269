# In `prod` the way to the machine is open; nobody said which workspace it is.
resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_internet_gateway" "main" {
  count  = terraform.workspace == "prod" ? 1 : 0
  vpc_id = aws_vpc.main.id
}
