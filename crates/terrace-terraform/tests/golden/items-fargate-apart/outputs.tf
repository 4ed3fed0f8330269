output "alarms_topic_arn" {
  description = "Where alarms are sent: subscribe to it."
  value       = aws_sns_topic.main.arn
}

output "app_log_group" {
  description = "Where app writes its log."
  value       = aws_cloudwatch_log_group.app.name
}

output "app_repository_url" {
  description = "Where images of app are pushed."
  value       = "${data.aws_caller_identity.current.account_id}.dkr.ecr.us-east-1.amazonaws.com/items-app"
}

output "app_security_groups" {
  description = "The security groups of app, and of its migrations."
  value       = [aws_security_group.app.id]
}

output "app_service" {
  description = "What keeps tasks of app running."
  value       = aws_ecs_service.app.name
}

output "app_subnets" {
  description = "The subnets of app, and of its migrations."
  value       = [aws_subnet.app_a.id, aws_subnet.app_b.id]
}

output "app_task_family" {
  description = "What the task definitions of app are revisions of."
  value       = "items-app"
}

output "cluster" {
  description = "The cluster that services run in."
  value       = aws_ecs_cluster.main.name
}

output "database_host" {
  description = "Where the database listens; reached from the services alone."
  value       = aws_rds_cluster.main.endpoint
}

output "database_id" {
  description = "The database's identifier in RDS."
  value       = "items-data"
}

output "database_kind" {
  description = "What it is there: an instance or a cluster."
  value       = "cluster"
}

output "database_name" {
  description = "The database's name."
  value       = "items"
}

output "database_port" {
  description = "The database's port."
  value       = "3306"
}

output "database_reader_host" {
  description = "Where reads can go that may lag a little."
  value       = aws_rds_cluster.main.reader_endpoint
}

output "database_secret_arn" {
  description = "The secret with the database's user and password, which RDS keeps and rotates."
  value       = aws_rds_cluster.main.master_user_secret[0].secret_arn
}

output "distribution_id" {
  description = "The distribution; releases of the page invalidate it."
  value       = aws_cloudfront_distribution.main.id
}

output "key_arn" {
  description = "The key that encrypts what is kept."
  value       = aws_kms_key.main.arn
}

output "load_balancer_arn" {
  description = "The load balancer that requests from outside come to."
  value       = aws_lb.main.arn
}

output "load_balancer_host" {
  description = "Its name."
  value       = aws_lb.main.dns_name
}

output "page_bucket" {
  description = "The bucket that releases of the page go to."
  value       = aws_s3_bucket.page.id
}

output "url" {
  description = "Where the page is."
  value       = "https://${aws_cloudfront_distribution.main.domain_name}"
}

output "vpc_id" {
  description = "The network."
  value       = aws_vpc.main.id
}
