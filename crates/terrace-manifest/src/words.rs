//! The words of the manifest for the topology's choices.

use terrace_topology::{Architecture, Assets, Egress, Engine, Entrance, Shape, WebServer};

use crate::describe::Choice;

/// A type whose values are written as words.
pub(crate) trait Word: Copy + 'static {
    /// All words.
    const CHOICES: &'static [Choice];

    /// The value that a word stands for.
    fn from_word(word: &str) -> Option<Self>;

    /// The word of a value.
    fn word(self) -> &'static str;
}

macro_rules! words {
    ($($type:ty { $($value:ident = $word:literal, $about:literal, [$($alias:literal),*];)+ })+) => {$(
        impl Word for $type {
            const CHOICES: &'static [Choice] =
                &[$(Choice { word: $word, about: $about, aliases: &[$($alias),*] }),+];

            fn from_word(word: &str) -> Option<Self> {
                match word {
                    $($word => Some(Self::$value),)+
                    _ => None,
                }
            }

            fn word(self) -> &'static str {
                match self {
                    $(Self::$value => $word,)+
                }
            }
        }
    )+};
}

words! {
    Shape {
        Machines = "ec2", "virtual machines behind load balancers",
            ["machines", "vm", "vms", "instances", "ec-2", "aws-ec2"];
        Containers = "fargate", "containers; the page in a private bucket behind CloudFront",
            ["ecs", "containers", "container", "docker", "aws-fargate", "load balanced web service"];
    }
    Entrance {
        LoadBalancer = "alb", "an Application Load Balancer",
            ["elb", "lb", "loadbalancer", "load-balancer", "application-load-balancer"];
        Cdn = "cloudfront", "CloudFront, a content delivery network",
            ["cdn", "cloud-front", "cf"];
    }
    WebServer {
        Terrace = "terrace", "Terrace's own server", ["edge", "terrace-edge", "default"];
        Nginx = "nginx", "nginx", ["ngnix", "engine-x"];
    }
    Engine {
        Postgres = "postgres", "PostgreSQL",
            ["postgresql", "pg", "pgsql", "psql", "aurora-postgresql", "postgre"];
        Mysql = "mysql", "MySQL; on this machine MariaDB may stand in for it",
            ["mariadb", "maria", "my-sql", "aurora-mysql", "aurora"];
    }
    Architecture {
        X86_64 = "x86_64", "64-bit x86: Intel and AMD",
            ["x86-64", "x86", "amd64", "x64", "intel", "amd", "linux/amd64", "linux/x86_64", "i386"];
        Arm64 = "arm64", "64-bit Arm: AWS Graviton",
            ["arm", "aarch64", "graviton", "linux/arm64", "armv8"];
    }
    Assets {
        Machines = "web", "the machines of the web tier",
            ["machines", "server", "ec2", "nginx", "local"];
        Cdn = "cdn", "CloudFront, out of a bucket",
            ["cloudfront", "s3", "bucket", "cloud-front"];
    }
    Egress {
        None = "none", "no way out", ["no", "off", "false", "closed", "isolated", "private"];
        Translated = "nat", "outward connections through a NAT gateway",
            ["yes", "on", "true", "all", "internet", "public", "open", "gateway"];
    }
}
