//! The manifest of the design and those of the examples mean what they say.

use terrace_topology::{Entrance, Shape};

const DESIGN: &str = r#"
name   = "items"
shape  = "ec2"                 # or "fargate"
region = "us-east-1"
zones  = 2                     # 2 or 3
# edge   = "alb"               # or "cloudfront"; alb is ec2's default, cloudfront is fargate's
# domain = "items.example.com" # HTTPS on your own name

[web]
root  = "frontend"
build = "npm ci && npm run build"
dist  = "dist"                 # unknown paths serve index.html unless spa = false
# server = "terrace"           # ec2: or "nginx"

[app]
root   = "backend"
build  = "cargo build --release"
run    = "target/release/items-api"   # or image = "Dockerfile"
port   = 8000
paths  = ["/api/*"]
health = "/health"
count  = { min = 2, max = 6, cpu = 60 }
# concurrency = 64             # requests in flight per replica before others wait; 15 for a default SQLAlchemy pool

[app.variables]
LOG_LEVEL = "info"

[app.secrets]
SESSION_KEY = { generate = 32 }            # made once, never shown
MAIL_KEY    = { secret = "items/mail" }    # one that exists

[data]
engine  = "postgres"           # or "mysql"
version = "16"
standby = true

[egress]
app = "none"                   # or "nat"; the data tier never has any

[environments.prod]
zones = 3
app.count.min = 3
"#;

#[test]
fn the_design_s_manifest_is_sound_and_means_what_it_says() {
    let plain = terrace_manifest::parse(DESIGN, None);
    assert_eq!(plain.diagnostics.iter().collect::<Vec<_>>(), Vec::<&terrace_diag::Diagnostic>::new());
    let topology = plain.topology.unwrap();
    assert_eq!((topology.shape, topology.entrance), (Shape::Machines, Entrance::LoadBalancer));
    assert_eq!(topology.services.values().next().unwrap().capacity.min(), 2);

    let prod = terrace_manifest::parse(DESIGN, Some("prod"));
    assert!(prod.diagnostics.is_empty());
    let topology = prod.topology.unwrap();
    assert_eq!((topology.zones.count(), topology.services.values().next().unwrap().capacity.min()), (3, 3));
    assert_eq!(topology.environment.unwrap().as_str(), "prod");
}
