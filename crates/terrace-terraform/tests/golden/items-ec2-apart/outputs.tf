output "alarms_topic_arn" {
  description = "Where alarms are sent: subscribe to it."
  value       = aws_sns_topic.main.arn
}

output "app_image" {
  description = "The image that app starts from."
  value       = data.aws_ami.app.id
}

output "app_image_pipeline" {
  description = "What builds the image of app again."
  value       = aws_imagebuilder_image_pipeline.app.arn
}

output "app_launch_template" {
  description = "What the machines of app start from."
  value       = aws_launch_template.app.id
}

output "app_log_group" {
  description = "Where app writes its log."
  value       = aws_cloudwatch_log_group.app.name
}

output "app_scaling_group" {
  description = "The group of the machines of app."
  value       = aws_autoscaling_group.app.name
}

output "app_security_groups" {
  description = "The security groups of app, and of its migrations."
  value       = [aws_security_group.app.id]
}

output "app_subnets" {
  description = "The subnets of app, and of its migrations."
  value       = [aws_subnet.app_a.id, aws_subnet.app_b.id]
}

output "artifacts_bucket" {
  description = "The bucket that releases lie in."
  value       = "terrace-${data.aws_caller_identity.current.account_id}-us-east-1"
}

output "database_host" {
  description = "Where the database listens; reached from the services alone."
  value       = aws_db_instance.main.address
}

output "database_id" {
  description = "The database's identifier in RDS."
  value       = "items-data"
}

output "database_kind" {
  description = "What it is there: an instance or a cluster."
  value       = "instance"
}

output "database_name" {
  description = "The database's name."
  value       = "items"
}

output "database_port" {
  description = "The database's port."
  value       = "5432"
}

output "database_secret_arn" {
  description = "The secret with the database's user and password, which RDS keeps and rotates."
  value       = aws_db_instance.main.master_user_secret[0].secret_arn
}

output "key_arn" {
  description = "The key that encrypts what is kept."
  value       = aws_kms_key.main.arn
}

output "load_balancer_arn" {
  description = "The load balancer that requests from outside come to."
  value       = aws_lb.public.arn
}

output "load_balancer_host" {
  description = "Its name."
  value       = aws_lb.public.dns_name
}

output "url" {
  description = "Where the page is."
  value       = "http://${aws_lb.public.dns_name}"
}

output "vpc_id" {
  description = "The network."
  value       = aws_vpc.main.id
}

output "web_image" {
  description = "The image that web starts from."
  value       = data.aws_ami.web.id
}

output "web_image_pipeline" {
  description = "What builds the image of web again."
  value       = aws_imagebuilder_image_pipeline.web.arn
}

output "web_launch_template" {
  description = "What the machines of web start from."
  value       = aws_launch_template.web.id
}

output "web_log_group" {
  description = "Where web writes its log."
  value       = aws_cloudwatch_log_group.web.name
}

output "web_scaling_group" {
  description = "The group of the machines of web."
  value       = aws_autoscaling_group.web.name
}

output "web_security_groups" {
  description = "The security groups of web, and of its migrations."
  value       = [aws_security_group.web.id]
}

output "web_subnets" {
  description = "The subnets of web, and of its migrations."
  value       = [aws_subnet.web_a.id, aws_subnet.web_b.id]
}
