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

output "app_parameters" {
  description = "The path of the parameters that app starts with."
  value       = "/shop/prod/app/"
}

output "app_scaling_group" {
  description = "The group of the machines of app."
  value       = aws_autoscaling_group.app.name
}

output "artifacts_bucket" {
  description = "The bucket that releases lie in."
  value       = aws_s3_bucket.artifacts.id
}

output "assets_bucket" {
  description = "The bucket that releases of the page go to."
  value       = aws_s3_bucket.assets.id
}

output "database_host" {
  description = "Where the database listens; reached from the services alone."
  value       = aws_db_instance.main.address
}

output "database_name" {
  description = "The database's name."
  value       = "shop"
}

output "database_port" {
  description = "The database's port."
  value       = "5432"
}

output "database_secret_arn" {
  description = "The secret with the database's user and password, which RDS keeps and rotates."
  value       = aws_db_instance.main.master_user_secret[0].secret_arn
}

output "distribution_id" {
  description = "The distribution; releases of the page invalidate it."
  value       = aws_cloudfront_distribution.main.id
}

output "key_arn" {
  description = "The key that encrypts what is kept."
  value       = aws_kms_key.main.arn
}

output "url" {
  description = "Where the page is."
  value       = "https://shop.example.com"
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
