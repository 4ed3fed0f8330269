#@ public-database, unencrypted-storage, data-tls, data-backups, data-deletion, data-zones
variable "multi_az" {
  type = bool
}

variable "encrypted" {
  default = "true"
}

resource "aws_db_instance" "good" {
  engine                  = "postgres"
  engine_version          = "16.3"
  instance_class          = "db.t4g.micro"
  storage_encrypted       = var.encrypted
  multi_az                = var.multi_az
  backup_retention_period = "14"
  deletion_protection     = true
}

resource "aws_db_instance" "replica" {
  replicate_source_db = aws_db_instance.good.identifier
  instance_class      = "db.t4g.micro"
}

resource "aws_db_instance" "old" {
  engine               = "mysql"
  engine_version       = "5.7"
  instance_class       = "db.t3.micro"
  publicly_accessible  = true
  parameter_group_name = "default.mysql5.7"
  skip_final_snapshot  = true
}

resource "aws_rds_cluster" "aurora" {
  engine              = "aurora-postgresql"
  engine_version      = "16.4"
  storage_encrypted   = true
  deletion_protection = true
}

resource "aws_rds_cluster_instance" "aurora" {
  count              = 2
  cluster_identifier = aws_rds_cluster.aurora.id
  engine             = aws_rds_cluster.aurora.engine
  instance_class     = "db.r6g.large"
}

resource "aws_elasticache_replication_group" "cache" {
  replication_group_id       = "cache"
  description                = "cache"
  transit_encryption_enabled = true
}
#~ high public-database aws_db_instance.old publicly_accessible: `aws_db_instance.old` asks for a public address
#~ high unencrypted-storage aws_db_instance.old storage_encrypted: the storage of `aws_db_instance.old` is not encrypted
#~ high unencrypted-storage aws_elasticache_replication_group.cache at_rest_encryption_enabled: the storage of `aws_elasticache_replication_group.cache` is not encrypted
#~ medium data-backups aws_db_instance.old backup_retention_period: `aws_db_instance.old` keeps no automatic backups
#~ medium data-deletion aws_db_instance.old deletion_protection: `aws_db_instance.old` can be deleted without being unlocked before
#~ medium data-tls aws_db_instance.old parameter_group_name: `aws_db_instance.old` takes connections without TLS
#~ medium data-tls aws_rds_cluster.aurora db_cluster_parameter_group_name: `aws_rds_cluster.aurora` takes connections without TLS
#~ medium data-zones aws_db_instance.old multi_az: `aws_db_instance.old` has no standby in another zone
#~ low data-backups aws_rds_cluster.aurora backup_retention_period: `aws_rds_cluster.aurora` keeps its backups for one day
#~ low data-deletion aws_db_instance.old skip_final_snapshot: `aws_db_instance.old` leaves no snapshot behind when it is deleted
#~ low data-zones aws_elasticache_replication_group.cache multi_az_enabled: the cache `aws_elasticache_replication_group.cache` does not go on in another zone
#~ medium data-zones aws_db_instance.good multi_az: it may be that `aws_db_instance.good` has no standby in another zone (depends on var.multi_az)
