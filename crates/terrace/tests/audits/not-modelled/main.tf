provider "aws" {
  region = "eu-west-1"
}

module "tiers" {
  source = "../modules/tiers"
}

# Leads from the internet to whatever its endpoints are, past public addresses and routes.
resource "aws_globalaccelerator_accelerator" "side" {
  name = "side"
}

# Nobody here knows what such a thing opens.
resource "aws_gamelift_container_fleet" "games" {
  instance_type = "c5.large"

  vpc {
    subnet_ids = ["subnet-0123456789abcdef0"]
  }
}
