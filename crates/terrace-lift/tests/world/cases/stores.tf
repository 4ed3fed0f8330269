# Whatever AWS puts into subnets: databases, caches, files, functions, a proxy.
resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_subnet" "data" {
  count             = 2
  vpc_id            = aws_vpc.main.id
  cidr_block        = cidrsubnet("10.0.0.0/16", 8, count.index)
  availability_zone = "eu-west-1${count.index == 0 ? "a" : "b"}"
}

resource "aws_db_subnet_group" "data" {
  name       = "data"
  subnet_ids = aws_subnet.data[*].id
}

resource "aws_elasticache_subnet_group" "data" {
  name       = "data"
  subnet_ids = aws_subnet.data[*].id
}

resource "aws_security_group" "function" {
  vpc_id = aws_vpc.main.id
  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["10.0.0.0/16"]
  }
}

resource "aws_security_group" "data" {
  vpc_id = aws_vpc.main.id
  ingress {
    from_port       = 0
    to_port         = 65535
    protocol        = "tcp"
    security_groups = [aws_security_group.function.id]
  }
  ingress {
    from_port = 3306
    to_port   = 3306
    protocol  = "tcp"
    self      = true
  }
  egress {
    from_port = 3306
    to_port   = 3306
    protocol  = "tcp"
    self      = true
  }
}

resource "aws_rds_cluster" "main" {
  cluster_identifier     = "main"
  engine                 = "aurora-mysql"
  db_subnet_group_name   = aws_db_subnet_group.data.name
  vpc_security_group_ids = [aws_security_group.data.id]
}

resource "aws_rds_cluster_instance" "main" {
  count              = 2
  cluster_identifier = aws_rds_cluster.main.id
  engine             = aws_rds_cluster.main.engine
  instance_class     = "db.t4g.medium"
}

resource "aws_db_proxy" "main" {
  name                   = "main"
  engine_family          = "MYSQL"
  vpc_subnet_ids         = aws_subnet.data[*].id
  vpc_security_group_ids = [aws_security_group.data.id]
}

resource "aws_db_proxy_target" "main" {
  db_proxy_name         = aws_db_proxy.main.name
  target_group_name     = "default"
  db_cluster_identifier = aws_rds_cluster.main.id
}

resource "aws_elasticache_replication_group" "cache" {
  replication_group_id = "cache"
  subnet_group_name    = aws_elasticache_subnet_group.data.name
  security_group_ids   = [aws_security_group.data.id]
}

resource "aws_elasticache_cluster" "memcached" {
  cluster_id         = "memcached"
  engine             = "memcached"
  subnet_group_name  = "data"
  security_group_ids = [aws_security_group.data.id]
}

resource "aws_efs_mount_target" "files" {
  count           = 2
  subnet_id       = aws_subnet.data[count.index].id
  security_groups = [aws_security_group.data.id]
}

resource "aws_lambda_function" "inside" {
  function_name = "inside"
  vpc_config {
    subnet_ids         = aws_subnet.data[*].id
    security_group_ids = [aws_security_group.function.id]
  }
}

resource "aws_lambda_function" "outside" {
  function_name = "outside"
}

resource "aws_db_instance" "untold" {
  engine                 = "postgres"
  db_subnet_group_name   = "made-elsewhere"
  publicly_accessible    = "true"
  vpc_security_group_ids = [aws_security_group.data.id]
}
#~ network aws_vpc.main: 10.0.0.0/16
#~ subnet aws_subnet.data[0]: 10.0.0.0/24 in aws_vpc.main, zone eu-west-1a, main table of aws_vpc.main
#~ subnet aws_subnet.data[1]: 10.0.1.0/24 in aws_vpc.main, zone eu-west-1b, main table of aws_vpc.main
#~ subnet made-elsewhere: 10.0.2.0/24 in aws_vpc.main, the route table of made-elsewhere
#~ table main table of aws_vpc.main
#~   10.0.0.0/16 local
#~ table the route table of made-elsewhere
#~   10.0.0.0/16 local
#~   0.0.0.0/0 elsewhere [perhaps: made-elsewhere]
#~   ::/0 elsewhere [perhaps: made-elsewhere]
#~ group aws_security_group.data
#~   in tcp aws_security_group.function
#~   in tcp 3306 aws_security_group.data
#~   out tcp 3306 aws_security_group.data
#~ group aws_security_group.function
#~   out all traffic 10.0.0.0/16
#~ site aws_db_instance.untold: database, listens on tcp 5432
#~   made-elsewhere 10.0.2.4-10.0.2.254 with aws_security_group.data, public
#~ site aws_rds_cluster.main (also aws_rds_cluster_instance.main[0], aws_rds_cluster_instance.main[1]): database, listens on tcp 3306
#~   aws_subnet.data[0] 10.0.0.4-10.0.0.254 with aws_security_group.data
#~   aws_subnet.data[1] 10.0.1.4-10.0.1.254 with aws_security_group.data
#~ site aws_elasticache_cluster.memcached: cache, listens on tcp 11211
#~   aws_subnet.data[0] 10.0.0.4-10.0.0.254 with aws_security_group.data
#~   aws_subnet.data[1] 10.0.1.4-10.0.1.254 with aws_security_group.data
#~ site aws_elasticache_replication_group.cache: cache, listens on tcp 6379
#~   aws_subnet.data[0] 10.0.0.4-10.0.0.254 with aws_security_group.data
#~   aws_subnet.data[1] 10.0.1.4-10.0.1.254 with aws_security_group.data
#~ site aws_efs_mount_target.files[0]: database, listens on tcp 2049
#~   aws_subnet.data[0] 10.0.0.4-10.0.0.254 with aws_security_group.data
#~ site aws_efs_mount_target.files[1]: database, listens on tcp 2049
#~   aws_subnet.data[1] 10.0.1.4-10.0.1.254 with aws_security_group.data
#~ site aws_lambda_function.inside: function, listens on nothing
#~   aws_subnet.data[0] 10.0.0.4-10.0.0.254 with aws_security_group.function
#~   aws_subnet.data[1] 10.0.1.4-10.0.1.254 with aws_security_group.function
#~ site aws_db_proxy.main: database proxy
#~   aws_subnet.data[0] 10.0.0.4-10.0.0.254 with aws_security_group.data
#~   aws_subnet.data[1] 10.0.1.4-10.0.1.254 with aws_security_group.data
#~ balancer aws_db_proxy.main, zones are not told
#~   tcp 3306
#~     to aws_db_proxy.main
#~ targets aws_db_proxy.main
#~   aws_rds_cluster.main on tcp 3306
#~ assumed: the network ACL of made-elsewhere lets everything pass, as AWS makes it
#~
#~ aws_db_instance.untold -> aws_db_instance.untold: tcp 3306
#~ aws_db_instance.untold -> aws_db_proxy.main: tcp 3306
#~ aws_db_instance.untold -> aws_efs_mount_target.files[0]: tcp 3306
#~ aws_db_instance.untold -> aws_efs_mount_target.files[1]: tcp 3306
#~ aws_db_instance.untold -> aws_elasticache_cluster.memcached: tcp 3306
#~ aws_db_instance.untold -> aws_elasticache_replication_group.cache: tcp 3306
#~ aws_db_instance.untold -> aws_rds_cluster.main: tcp 3306
#~ aws_db_proxy.main -> aws_rds_cluster.main: tcp 3306
#~ aws_efs_mount_target.files[0] -> aws_db_instance.untold: tcp 3306
#~ aws_efs_mount_target.files[0] -> aws_db_proxy.main: tcp 3306
#~ aws_efs_mount_target.files[0] -> aws_efs_mount_target.files[0]: tcp 3306
#~ aws_efs_mount_target.files[0] -> aws_efs_mount_target.files[1]: tcp 3306
#~ aws_efs_mount_target.files[0] -> aws_elasticache_cluster.memcached: tcp 3306
#~ aws_efs_mount_target.files[0] -> aws_elasticache_replication_group.cache: tcp 3306
#~ aws_efs_mount_target.files[0] -> aws_rds_cluster.main: tcp 3306
#~ aws_efs_mount_target.files[1] -> aws_db_instance.untold: tcp 3306
#~ aws_efs_mount_target.files[1] -> aws_db_proxy.main: tcp 3306
#~ aws_efs_mount_target.files[1] -> aws_efs_mount_target.files[0]: tcp 3306
#~ aws_efs_mount_target.files[1] -> aws_efs_mount_target.files[1]: tcp 3306
#~ aws_efs_mount_target.files[1] -> aws_elasticache_cluster.memcached: tcp 3306
#~ aws_efs_mount_target.files[1] -> aws_elasticache_replication_group.cache: tcp 3306
#~ aws_efs_mount_target.files[1] -> aws_rds_cluster.main: tcp 3306
#~ aws_elasticache_cluster.memcached -> aws_db_instance.untold: tcp 3306
#~ aws_elasticache_cluster.memcached -> aws_db_proxy.main: tcp 3306
#~ aws_elasticache_cluster.memcached -> aws_efs_mount_target.files[0]: tcp 3306
#~ aws_elasticache_cluster.memcached -> aws_efs_mount_target.files[1]: tcp 3306
#~ aws_elasticache_cluster.memcached -> aws_elasticache_cluster.memcached: tcp 3306
#~ aws_elasticache_cluster.memcached -> aws_elasticache_replication_group.cache: tcp 3306
#~ aws_elasticache_cluster.memcached -> aws_rds_cluster.main: tcp 3306
#~ aws_elasticache_replication_group.cache -> aws_db_instance.untold: tcp 3306
#~ aws_elasticache_replication_group.cache -> aws_db_proxy.main: tcp 3306
#~ aws_elasticache_replication_group.cache -> aws_efs_mount_target.files[0]: tcp 3306
#~ aws_elasticache_replication_group.cache -> aws_efs_mount_target.files[1]: tcp 3306
#~ aws_elasticache_replication_group.cache -> aws_elasticache_cluster.memcached: tcp 3306
#~ aws_elasticache_replication_group.cache -> aws_elasticache_replication_group.cache: tcp 3306
#~ aws_elasticache_replication_group.cache -> aws_rds_cluster.main: tcp 3306
#~ aws_lambda_function.inside -> aws_db_instance.untold: tcp
#~ aws_lambda_function.inside -> aws_db_proxy.main: tcp 3306
#~ aws_lambda_function.inside -> aws_efs_mount_target.files[0]: tcp
#~ aws_lambda_function.inside -> aws_efs_mount_target.files[1]: tcp
#~ aws_lambda_function.inside -> aws_elasticache_cluster.memcached: tcp
#~ aws_lambda_function.inside -> aws_elasticache_replication_group.cache: tcp
#~ aws_lambda_function.inside -> aws_rds_cluster.main: tcp
#~ aws_rds_cluster.main -> aws_db_instance.untold: tcp 3306
#~ aws_rds_cluster.main -> aws_db_proxy.main: tcp 3306
#~ aws_rds_cluster.main -> aws_efs_mount_target.files[0]: tcp 3306
#~ aws_rds_cluster.main -> aws_efs_mount_target.files[1]: tcp 3306
#~ aws_rds_cluster.main -> aws_elasticache_cluster.memcached: tcp 3306
#~ aws_rds_cluster.main -> aws_elasticache_replication_group.cache: tcp 3306
#~ aws_rds_cluster.main -> aws_rds_cluster.main: tcp 3306
