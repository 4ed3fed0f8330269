provider "aws" {
  region = "eu-west-1"
}

# The database is PostgreSQL; the groups speak of MySQL's port.
module "tiers" {
  source        = "../modules/tiers"
  database_port = 3306
}
