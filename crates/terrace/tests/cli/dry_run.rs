//! `terrace up --dry-run`: the plan, and nothing else.

use crate::folder::Folder;

const MANIFEST: &str = r#"name   = "shop"
shape  = "fargate"
region = "us-east-1"

[web]
root  = "site"
dist  = "public"

[app]
root   = "api"
run    = "node server.js"
port   = 8000
paths  = ["/api/*"]
health = "/health"

[app.secrets]
KEY = { generate = 32 }

[data]
engine  = "mysql"
version = "8.0"

[environments.prod]
app.count.min = 3
"#;

#[test]
fn the_plan_is_printed_and_nothing_is_made() {
    let folder = Folder::with(&[("terrace.toml", MANIFEST)]);
    insta::assert_snapshot!(folder.shows("up --dry-run"), @"
    exit code: 0
    ----- stdout
    shop, in shape fargate, on this machine

    starts, in this order
      data           MySQL 8.0
                       listens   127.0.0.1, a free port
                       healthy   when a query is answered
      app            2 replicas
                       runs      in api: node server.js
                       listens   127.0.0.1, a free port each
                       after     data
                       healthy   when GET /health answers 200 to 399
                       finds     DATABASE_URL=<the database's URL>
                                 DB_HOST=<the database's host>
                                 DB_NAME=<the database's name>
                                 DB_PASSWORD=<the database's password>
                                 DB_PORT=<the database's port>
                                 DB_USER=<the database's user>
                                 HOST=127.0.0.1
                                 KEY=<secret, 32 random bytes>
                                 PORT=<the replica's port>
      load-balancer  internal load balancer
                       listens   127.0.0.1, a free port
                       after     app
                       healthy   when its control socket answers
                       routes    /api/*         to app
      bucket         bucket
                       listens   127.0.0.1, a free port
                       healthy   when its control socket answers
                       routes    /*             to files of site/public, index.html for pages
      cdn            content delivery network
                       listens   127.0.0.1, for your browser
                       after     load-balancer, bucket
                       healthy   when its control socket answers
                       routes    /api/*         to load-balancer
                                 /*             to bucket
    ");
    assert!(!folder.project().join(".terrace").exists());
}

#[test]
fn an_environment_changes_the_plan_and_a_wrong_one_is_refused() {
    let folder = Folder::with(&[("terrace.toml", MANIFEST)]);
    let plan: serde_json::Value =
        serde_json::from_str(&folder.run("up --dry-run --json --env prod").stdout).unwrap();
    assert!(plan.to_string().contains("3 replicas"), "{plan}");
    insta::assert_snapshot!(folder.shows("up --dry-run --env prd"), @"
    exit code: 2
    ----- stderr
    error[manifest::unknown-environment]: no environment `prd`
     |
     = help: did you mean `prod`?
     = help: there is `prod`

    1 error
    ");
}

#[test]
fn an_app_that_only_has_an_image_is_pointed_at() {
    let folder = Folder::with(&[(
        "terrace.toml",
        &MANIFEST.replace("run    = \"node server.js\"", "image = \"Dockerfile\""),
    )]);
    insta::assert_snapshot!(folder.shows("up --dry-run"), @r#"
    exit code: 2
    ----- stderr
    error[machine::no-command]: `app` has an `image` and no `run`: `terrace up` starts it without a container and needs the command
      --> terrace.toml:11:9
       |
    11 | image = "Dockerfile"
       |         ^^^^^^^^^^^^ runs only in a container
       |
       = help: add `run` with the command of its Dockerfile to `[app]`

    1 error
    "#);
}
