output "alarms_topic_arn" {
  description = "Where alarms are sent: subscribe to it."
  value       = aws_sns_topic.main.arn
}

output "app_log_group" {
  description = "Where app writes its log."
  value       = aws_cloudwatch_log_group.app.name
}

output "app_parameters" {
  description = "The path of the parameters that app starts with."
  value       = "/items/app/"
}

output "app_repository_url" {
  description = "Where images of app are pushed."
  value       = aws_ecr_repository.app.repository_url
}

output "app_service" {
  description = "What keeps tasks of app running."
  value       = aws_ecs_service.app.name
}

output "cluster" {
  description = "The cluster that services run in."
  value       = aws_ecs_cluster.main.name
}

output "database_host" {
  description = "Where the database listens; reached from the services alone."
  value       = aws_rds_cluster.main.endpoint
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
