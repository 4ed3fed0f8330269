//! An account in moto, made by another hand (`account.py`), read back by the program, in an environment in which
//! nothing but loopback can be reached.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may stop where it is wrong")]

mod denying;

use std::process::{Command, Output, Stdio};

use insta::assert_snapshot;
use serde_json::Value;
use terrace_stand_in::{Emulator, skipped};

/// A command that can reach an emulator, and nothing else.
fn confined(program: &str, address: &str) -> Command {
    let mut command = Command::new(program);
    for (name, value) in [
        ("AWS_ENDPOINT_URL", address),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_REGION", "eu-west-1"),
        ("AWS_DEFAULT_REGION", "eu-west-1"),
        ("AWS_EC2_METADATA_DISABLED", "true"),
        ("AWS_CONFIG_FILE", "/dev/null"),
        ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"),
        ("NO_PROXY", "127.0.0.1"),
    ] {
        command.env(name, value);
    }
    command.env_remove("AWS_PROFILE").stdin(Stdio::null());
    command
}

/// What the program prints, run without some of its settings.
fn read(address: &str, words: &[&str], without: &[&str]) -> Output {
    let mut command = confined(env!("CARGO_BIN_EXE_terrace-live"), address);
    for name in without {
        command.env_remove(name);
    }
    command.args(words).output().unwrap()
}

/// An account as it was printed.
struct Account(Vec<Value>);

impl Account {
    fn read(address: &str, words: &[&str]) -> Self {
        let output = read(address, words, &[]);
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
        let (items, unread): (Vec<Value>, Vec<Value>) = text
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .partition(|line: &Value| line["unread"].is_null());
        // Nothing was refused but what moto does not know.
        for one in unread {
            assert!(one["unread"].as_str().unwrap().starts_with("cloudfront:"), "{one}");
        }
        Self(items)
    }

    fn all(&self, kind: &str) -> Vec<&Value> {
        self.0.iter().filter(|item| item["type"] == kind).collect()
    }

    /// Items of some types with their arguments, under the names that people gave and without what AWS made up.
    fn shown(&self, kinds: &[&str]) -> String {
        let mut lines = Vec::new();
        for item in self.0.iter().filter(|item| kinds.contains(&item["type"].as_str().unwrap())) {
            let mut line = format!("{} {}", item["type"].as_str().unwrap(), called(item));
            for (name, value) in item["arguments"].as_object().unwrap() {
                if !MADE_UP.contains(&name.as_str()) {
                    line.push_str(&format!("\n  {name} = {value}"));
                }
            }
            lines.push(self.renamed(line));
        }
        lines.retain(|line| line.contains("shop"));
        lines.sort();
        lines.join("\n")
    }

    fn renamed(&self, line: String) -> String {
        self.0.iter().fold(line, |line, item| {
            let (id, name) = (item["name"].as_str().unwrap(), called(item));
            if id.len() > 8 && id != name { line.replace(id, &name) } else { line }
        })
    }
}

/// What people call an item: its `Name` tag, its name, or nothing that they could know.
fn called(item: &Value) -> String {
    let (arguments, id) = (&item["arguments"], item["name"].as_str().unwrap());
    let tag = arguments["tags"]["Name"].as_str().map(str::to_owned);
    let made_up = id
        .rsplit_once('-')
        .is_some_and(|(_, hex)| hex.len() > 7 && hex.bytes().all(|b| b.is_ascii_hexdigit()));
    tag.unwrap_or_else(|| if made_up { "it".to_owned() } else { id.to_owned() })
}

/// What AWS made up for itself, and differs each time.
const MADE_UP: &[&str] = &[
    "id",
    "arn",
    "dns_name",
    "private_ip",
    "public_ip",
    "private_ips",
    "root_block_device",
    "network_interface_id",
    "unique_id",
    "resource_id",
    "address",
    "url",
    "tags",
    "tag",
];

#[test]
fn an_account_is_read_as_it_was_made() {
    let Some(emulator) = Emulator::start(&[("MOTO_IAM_LOAD_MANAGED_POLICIES", "true")]) else { return };
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/account.py");
    let Ok(made) = confined("python3", emulator.address()).arg(script).output() else {
        return skipped("there is no python3");
    };
    let text = String::from_utf8_lossy(&made.stderr);
    if text.contains("No module named 'boto3'") {
        return skipped("there is no boto3");
    }
    assert!(made.status.success(), "{text}");
    let all = Account::read(emulator.address(), &[]);
    assert_eq!(all.0, Account::read(emulator.address(), &[]).0, "the same account is told the same way");
    let whole = format!("{:?}", all.0);
    assert!(!whole.contains("hunter2"), "no value of a secret or a parameter is read");

    assert_snapshot!(all.shown(&["aws_route_table", "aws_route_table_association", "aws_internet_gateway", "aws_nat_gateway", "aws_vpc_endpoint", "aws_eip", "aws_network_acl", "aws_security_group"]), @r#"
    aws_eip shop-nat
      domain = "vpc"
    aws_internet_gateway shop
      vpc_id = "${shop.id}"
    aws_nat_gateway shop
      allocation_id = "${shop-nat.id}"
      subnet_id = "${public-a.id}"
      vpc_id = "${shop.id}"
    aws_network_acl shop-data
      ingress = [{"action":"allow","cidr_block":"10.1.0.0/16","from_port":5432,"protocol":"6","rule_no":100,"to_port":5432}]
      vpc_id = "${shop.id}"
    aws_route_table it
      vpc_id = "${shop.id}"
    aws_route_table shop-private
      route = [{"cidr_block":"0.0.0.0/0","nat_gateway_id":"${shop.id}"}]
      vpc_id = "${shop.id}"
    aws_route_table shop-public
      route = [{"cidr_block":"0.0.0.0/0","gateway_id":"${shop.id}"}]
      vpc_id = "${shop.id}"
    aws_route_table_association it
      route_table_id = "${shop-private.id}"
      subnet_id = "${private-a.id}"
    aws_route_table_association it
      route_table_id = "${shop-private.id}"
      subnet_id = "${private-b.id}"
    aws_route_table_association it
      route_table_id = "${shop-public.id}"
      subnet_id = "${public-a.id}"
    aws_route_table_association it
      route_table_id = "${shop-public.id}"
      subnet_id = "${public-b.id}"
    aws_security_group shop-app
      description = "shop-app"
      egress = [{"cidr_blocks":["0.0.0.0/0"],"from_port":0,"protocol":"-1","to_port":0}]
      ingress = [{"from_port":8080,"protocol":"tcp","security_groups":["${shop-edge.id}"],"to_port":8080},{"from_port":0,"protocol":"-1","self":true,"to_port":0}]
      name = "shop-app"
      vpc_id = "${shop.id}"
    aws_security_group shop-data
      description = "shop-data"
      egress = [{"cidr_blocks":["0.0.0.0/0"],"from_port":0,"protocol":"-1","to_port":0}]
      ingress = [{"from_port":5432,"protocol":"tcp","security_groups":["${shop-app.id}"],"to_port":5432}]
      name = "shop-data"
      vpc_id = "${shop.id}"
    aws_security_group shop-edge
      description = "shop-edge"
      egress = [{"cidr_blocks":["0.0.0.0/0"],"from_port":0,"protocol":"-1","to_port":0}]
      ingress = [{"cidr_blocks":["0.0.0.0/0"],"description":"everyone","from_port":443,"ipv6_cidr_blocks":["::/0"],"protocol":"tcp","to_port":443}]
      name = "shop-edge"
      vpc_id = "${shop.id}"
    aws_vpc_endpoint shop-s3
      policy = {"Statement":[{"Action":"*","Effect":"Allow","Principal":"*","Resource":"*"}],"Version":"2012-10-17"}
      private_dns_enabled = true
      route_table_ids = ["${shop-private.id}"]
      service_name = "com.amazonaws.eu-west-1.s3"
      vpc_id = "${shop.id}"
    "#);
    assert_snapshot!(all.shown(&["aws_instance", "aws_launch_template", "aws_autoscaling_group", "aws_lb", "aws_lb_listener", "aws_lb_listener_rule", "aws_lb_target_group"]), @r##"
    aws_autoscaling_group shop-app
      desired_capacity = 0
      health_check_type = "EC2"
      launch_template = [{"id":"${it.id}","version":"$Latest"}]
      max_size = 3
      min_size = 0
      name = "shop-app"
      target_group_arns = ["${shop-app.arn}"]
      vpc_zone_identifier = ["${private-a.id}","${private-b.id}"]
    aws_instance shop-app-1
      ami = "ami-12345678"
      associate_public_ip_address = false
      iam_instance_profile = "${shop-app.name}"
      instance_type = "t3.micro"
      metadata_options = [{"http_endpoint":"enabled","http_protocol_ipv6":"disabled","http_put_response_hop_limit":1,"http_tokens":"optional"}]
      source_dest_check = true
      subnet_id = "${private-a.id}"
      user_data = "#!/bin/sh\necho started\n"
      vpc_security_group_ids = ["${shop-app.id}"]
    aws_launch_template it
      default_version = 1
      iam_instance_profile = [{"name":"${shop-app.name}"}]
      image_id = "ami-12345678"
      instance_type = "t3.micro"
      latest_version = 1
      metadata_options = [{"http_tokens":"required"}]
      name = "shop-app"
      user_data = {"base64":"#!/bin/sh\n"}
      vpc_security_group_ids = ["${shop-app.id}"]
    aws_lb shop
      enable_deletion_protection = false
      internal = false
      ip_address_type = "ipv4"
      load_balancer_type = "application"
      name = "shop"
      security_groups = ["${shop-edge.id}"]
      subnets = ["${public-a.id}","${public-b.id}"]
      vpc_id = "${shop.id}"
    aws_lb_listener shop:80
      default_action = [{"redirect":[{"port":"443","protocol":"HTTPS","status_code":"HTTP_301"}],"type":"redirect"}]
      load_balancer_arn = "${shop.arn}"
      port = 80
      protocol = "HTTP"
    aws_lb_listener_rule shop:80 rule 10
      action = [{"target_group_arn":"${shop-app.arn}","type":"forward"}]
      condition = [{"path_pattern":[{"values":["/api/*"]}]}]
      listener_arn = "${shop:80.arn}"
      priority = 10
    aws_lb_target_group shop-app
      health_check = [{"path":"/","port":"traffic-port","protocol":"HTTP"}]
      name = "shop-app"
      port = 8080
      protocol = "HTTP"
      target_type = "instance"
      vpc_id = "${shop.id}"
    "##);
    assert_snapshot!(all.shown(&["aws_iam_role", "aws_iam_role_policy", "aws_iam_role_policy_attachment", "aws_iam_instance_profile", "aws_iam_user", "aws_iam_user_policy_attachment", "aws_iam_group", "aws_iam_user_group_membership", "aws_iam_group_policy", "aws_secretsmanager_secret", "aws_secretsmanager_secret_policy", "aws_ssm_parameter"]), @r#"
    aws_iam_group shop-people
      name = "shop-people"
      path = "/"
    aws_iam_group_policy shop-people:all-secrets
      group = "${shop-people.name}"
      name = "all-secrets"
      policy = {"Statement":[{"Action":"secretsmanager:GetSecretValue","Effect":"Allow","Resource":"${shop/db.arn}"}],"Version":"2012-10-17"}
    aws_iam_instance_profile shop-app
      name = "shop-app"
      path = "/"
      role = "${shop-app.name}"
    aws_iam_role shop-app
      assume_role_policy = {"Statement":[{"Action":"sts:AssumeRole","Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"}}],"Version":"2012-10-17"}
      name = "shop-app"
      path = "/"
    aws_iam_role_policy shop-app:read-the-secret
      name = "read-the-secret"
      policy = {"Statement":[{"Action":"secretsmanager:GetSecretValue","Effect":"Allow","Resource":"${shop/db.arn}"}],"Version":"2012-10-17"}
      role = "${shop-app.name}"
    aws_iam_role_policy_attachment shop-app/arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore
      policy_arn = "${arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore.arn}"
      role = "${shop-app.name}"
    aws_iam_user shop-ann
      name = "shop-ann"
      path = "/"
    aws_iam_user_group_membership shop-ann
      groups = ["${shop-people.name}"]
      user = "${shop-ann.name}"
    aws_iam_user_policy_attachment shop-ann/arn:aws:iam::aws:policy/ReadOnlyAccess
      policy_arn = "${arn:aws:iam::aws:policy/ReadOnlyAccess.arn}"
      user = "${shop-ann.name}"
    aws_secretsmanager_secret shop/db
      name = "shop/db"
    aws_secretsmanager_secret_policy shop/db
      policy = {"Statement":[{"Action":"secretsmanager:DeleteSecret","Effect":"Deny","Principal":"*","Resource":"*"}],"Version":"2012-10-17"}
      secret_arn = "${shop/db.arn}"
    aws_ssm_parameter /shop/app/KEY
      key_id = "alias/aws/ssm"
      name = "/shop/app/KEY"
      type = "SecureString"
    "#);
    assert_snapshot!(all.shown(&["aws_db_instance", "aws_db_subnet_group", "aws_s3_bucket", "aws_s3_bucket_policy", "aws_s3_bucket_public_access_block", "aws_s3_bucket_versioning", "aws_sqs_queue", "aws_lambda_function", "aws_ecs_cluster", "aws_ecs_service", "aws_ecs_task_definition"]), @r#"
    aws_db_instance shop
      auto_minor_version_upgrade = true
      availability_zone = "eu-west-1a"
      backup_retention_period = 1
      ca_cert_identifier = "rds-ca-default"
      db_subnet_group_name = "${shop.name}"
      deletion_protection = false
      engine = "postgres"
      engine_version = "9.3.3"
      iam_database_authentication_enabled = false
      identifier = "shop"
      instance_class = "db.t3.micro"
      kms_key_id = "default_kms_key_id"
      multi_az = false
      parameter_group_name = "default.postgres9.3"
      port = 5432
      storage_encrypted = true
      vpc_security_group_ids = ["${shop-data.id}"]
    aws_db_subnet_group shop
      name = "shop"
      subnet_ids = ["${private-a.id}","${private-b.id}"]
      vpc_id = "${shop.id}"
    aws_ecs_cluster shop
      name = "shop"
    aws_ecs_service shop/shop-worker
      cluster = "${shop.arn}"
      desired_count = 1
      launch_type = "FARGATE"
      name = "shop-worker"
      network_configuration = [{"security_groups":["${shop-app.id}"],"subnets":["${private-a.id}","${private-b.id}"]}]
      task_definition = "${shop-worker:1.arn}"
    aws_ecs_task_definition shop-worker:1
      container_definitions = [{"cpu":0,"environment":[],"essential":true,"image":"shop/worker:1","mountPoints":[],"name":"worker","portMappings":[],"secrets":[{"name":"DB","valueFrom":"${shop/db.arn}"}],"volumesFrom":[]}]
      cpu = "256"
      family = "shop-worker"
      memory = "512"
      network_mode = "awsvpc"
      requires_compatibilities = ["FARGATE"]
      revision = 1
      task_role_arn = "${shop-app.arn}"
    aws_lambda_function shop-hook
      environment = [{"variables":{"TOKEN":{"unknown":["shop-hook: the variable TOKEN"]}}}]
      function_name = "shop-hook"
      role = "${shop-app.arn}"
      runtime = "python3.12"
      vpc_config = [{"security_group_ids":["${shop-app.id}"],"subnet_ids":["${private-a.id}","${private-b.id}"],"vpc_id":"vpc-123abc"}]
    aws_s3_bucket shop-page
      bucket = "shop-page"
      bucket_domain_name = "shop-page.s3.amazonaws.com"
      bucket_regional_domain_name = "shop-page.s3.eu-west-1.amazonaws.com"
    aws_s3_bucket_policy shop-page
      bucket = "${shop-page.id}"
      policy = {"Statement":[{"Action":"s3:GetObject","Effect":"Allow","Principal":"*","Resource":"arn:aws:s3:::shop-page/*"}],"Version":"2012-10-17"}
    aws_s3_bucket_public_access_block shop-page
      block_public_acls = true
      block_public_policy = false
      bucket = "${shop-page.id}"
      ignore_public_acls = false
      restrict_public_buckets = false
    aws_s3_bucket_versioning shop-page
      bucket = "${shop-page.id}"
      versioning_configuration = [{"status":"Enabled"}]
    aws_sqs_queue shop-jobs
      name = "shop-jobs"
      sqs_managed_sse_enabled = true
    "#);

    let vpc =
        all.all("aws_vpc").into_iter().find(|vpc| called(vpc) == "shop").unwrap()["name"].as_str().unwrap();
    let one = Account::read(emulator.address(), &[vpc]);
    assert_eq!(one.all("aws_vpc").len(), 1);
    assert!(one.all("aws_subnet").len() < all.all("aws_subnet").len());
    for subnet in one.all("aws_subnet") {
        assert_eq!(subnet["arguments"]["vpc_id"], format!("${{{vpc}.id}}"));
    }
    assert_eq!(one.all("aws_iam_role"), all.all("aws_iam_role"));
}

#[test]
fn what_cannot_be_asked_is_a_clear_error() {
    // A port that was free a moment ago, and that nobody listens on.
    let socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", socket.local_addr().unwrap());
    drop(socket);
    let told = |without: &[&str]| {
        let output = read(&address, &[], without);
        assert_eq!(output.status.code(), Some(1));
        String::from_utf8(output.stderr).unwrap().replace(&address, "http://HERE")
    };
    assert_snapshot!(told(&["AWS_REGION", "AWS_DEFAULT_REGION"]), @"no region is set: give one with --region, in AWS_REGION, or in the profile");
    assert_snapshot!(told(&["AWS_ACCESS_KEY_ID"]), @"no AWS credentials were found (no credentials found in chain): run `aws configure` or `aws sso login`, or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY");
    let unreachable = told(&[]);
    assert!(unreachable.starts_with("http://HERE cannot be reached ("), "{unreachable}");
}

#[test]
fn what_is_denied_is_listed_and_no_error() {
    let output = read(&denying::start(), &[], &[]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let (items, unread): (Vec<_>, Vec<_>) = lines.iter().partition(|line| line["unread"].is_null());
    assert_eq!(items.iter().map(|item| &item["name"]).collect::<Vec<_>>(), ["data.aws_caller_identity.this"]);
    assert!(unread.len() > 30, "{unread:?}");
    for one in unread {
        assert!(terrace_live::PERMISSIONS.contains(&one["unread"].as_str().unwrap()), "{one} is asked for");
        assert_eq!(one["why"], "was denied (AccessDenied); allow it to whoever reads, and read again");
    }
}

#[test]
fn every_call_is_in_the_policy() {
    let policy: Value = serde_json::from_str(&terrace_live::policy()).unwrap();
    let actions: Vec<&str> = policy["Statement"][0]["Action"]
        .as_array()
        .unwrap()
        .iter()
        .map(|action| action.as_str().unwrap())
        .collect();
    assert_eq!(actions, terrace_live::PERMISSIONS);
    let mut sorted = actions.clone();
    sorted.sort_unstable();
    sorted.dedup();
    assert_eq!(actions, sorted, "in order, each once");
    for action in actions {
        let (_, verb) = action.split_once(':').unwrap();
        assert!(
            ["Describe", "Get", "List"].iter().any(|begin| verb.starts_with(begin)),
            "{action} does not only read"
        );
    }
}
