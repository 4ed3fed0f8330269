//! `terrace cost`: what a system costs, and beside what.

use crate::folder::Folder;

const MANIFEST: &str = r#"name   = "shop"
shape  = "ec2"
region = "us-east-1"
domain = "shop.example.com"
zone   = "example.com"

[web]
root = "frontend"

[app]
root = "backend"
run  = "target/release/shop"

[data]
engine = "postgres"

[environments.prod]
app.count.min = 3
"#;

fn project() -> Folder {
    Folder::with(&[("terrace.toml", MANIFEST)])
}

/// Without the sources: whether they are older than a year is up to the day.
fn above_the_sources(text: &str) -> &str {
    text.split_once("\nPrices, in US dollars").unwrap().0
}

#[test]
fn a_system_is_estimated_line_by_line() {
    let ran = project().run("cost --requests 2M --assume logs=5GB");
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    for line in ran.stdout.lines() {
        assert!(line.chars().count() <= 100, "{line}");
    }
    let sources = ran.stdout.split_once("\nPrices, in US dollars").unwrap().1;
    assert!(sources.contains("[1] 20"), "{sources}");
    insta::assert_snapshot!(above_the_sources(&ran.stdout), @"
    shop (ec2, us-east-1)
    about $227.66 a month at its smallest; $246.06 with everything grown to its largest

                                                         QUANTITY           EACH  A MONTH
    network                                                                        $87.83
      Interface endpoints, in 2 zones each                8,760 h        $0.01/h   $87.60   [1]
      Data from a database in another zone                12.5 GB       $0.01/GB    $0.13   [2]
      Data through interface endpoints                      10 GB       $0.01/GB    $0.10   [1]
    edge                                                                           $45.25
      Load balancers                                      1,460 h      $0.0225/h   $32.85   [3]
      Public IPv4 addresses of load balancers             1,460 h       $0.005/h    $7.30   [1]
      Data to visitors                                      50 GB       $0.09/GB    $4.50   [2]
      Capacity of load balancers                         75 LCU·h   $0.008/LCU·h    $0.60   [3]
    web                                                                            $16.83
      Machines of web, t3.micro                           1,460 h      $0.0104/h   $15.18   [4]
      Disks of web, 10 GB each                              20 GB       $0.08/GB    $1.60   [5]
      Builds of the image of web                              1 h      $0.0416/h    $0.04   [4]
    app                                                                            $32.09
      Machines of app, t3.small                           1,460 h      $0.0208/h   $30.37   [4]
      Disks of app, 10 GB each                              20 GB       $0.08/GB    $1.60   [5]
      Writes to the bucket of artifacts              0.01 million  $5.00/million    $0.05   [6]
      Builds of the image of app                              1 h      $0.0416/h    $0.04   [4]
      Bucket of artifacts                                    1 GB      $0.023/GB    $0.02   [6]
      Reads of the bucket of artifacts               0.01 million  $0.40/million    $0.00   [6]
    data                                                                           $27.96
      Database server db.t4g.micro, with a standby          730 h       $0.032/h   $23.36   [7]
      Database storage, with a standby                      20 GB       $0.23/GB    $4.60   [8]
    secrets                                                                         $1.71
      Keys                                                      1          $1.00    $1.00   [9]
      Secret of the database                                    1          $0.40    $0.40  [10]
      Uses of keys                                    0.1 million  $3.00/million    $0.30   [9]
      Readings of secrets                           0.001 million  $5.00/million    $0.01  [10]
    observability                                                                  $16.01
      Logs, written                                       11.5 GB       $0.50/GB    $5.75  [11]
      Metrics of app, 7 for each machine                       14          $0.30    $4.20  [11]
      Metrics of web, 7 for each machine                       14          $0.30    $4.20  [11]
      Metrics of alarms                                        16          $0.10    $1.60  [11]
      Enhanced Monitoring, written to its log            0.263 GB       $0.50/GB    $0.13  [11]
      Logs, kept                                         1.725 GB       $0.03/GB    $0.05  [11]
      Writes to the bucket of logs                   0.01 million  $5.00/million    $0.05   [6]
      Bucket of logs                                         1 GB      $0.023/GB    $0.02   [6]
      Reads of the bucket of logs                    0.01 million  $0.40/million    $0.00   [6]
    total                                                                         $227.66

    Egress
      `nat` would cost $7.85 more a month than `none`: 1 NAT gateway and 4 interface endpoints in
        place of 6 interface endpoints. It would open a way from app (port 443) to any address of the
        internet.

    Not priced, and not in the total
      Processors of the database beyond their share: only when they are busy for hours; no price was
        found (aws_db_instance.main)
      Snapshots of images: no price of snapshots was found (aws_imagebuilder_image.app,
        aws_imagebuilder_image.web)

    Assumed; `--assume NAME=AMOUNT` assumes something else
      requests      2,000,000 (set)  requests of visitors a month
      traffic       50 GB            sent to visitors a month
      api-share     50 %             of both are the API's, the rest is the page
      data          10 GB            in the database
      data-change   2 %              of the data change a day, which backups keep
      logs          5 GB (set)       written a month by each log of a tier; those of AWS a tenth
      outward       10 GB            a month between services and AWS or the internet
      bucket        1 GB             kept in each bucket
      bucket-calls  10,000           objects written a month in each bucket, and as many read
      builds        2                builds of each machine image a month, half an hour each
      key-calls     100,000          uses of each key a month
      secret-calls  1,000            readings of each secret a month
    ");
}

#[test]
fn a_large_system_fits_the_terminal_too() {
    let ran = project().run("cost --requests 90000M --traffic 9000TB --assume outward=5000TB --detail");
    for line in ran.stdout.lines() {
        assert!(line.chars().count() <= 100, "{line}");
    }
    assert!(ran.stdout.contains("9,000,000 GB"), "{}", ran.stdout);
}

#[test]
fn the_same_for_programs() {
    let ran = project().run("cost --env prod --json --compare fargate");
    let report: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    for system in [&report, &report["compared_with"]] {
        let lines = system["lines"].as_array().unwrap();
        let sum: f64 = lines.iter().map(|line| line["amount"].as_f64().unwrap()).sum();
        assert!((sum - system["total"].as_f64().unwrap()).abs() < 0.000_1, "{sum}");
        assert!(lines.iter().all(|line| line["source_date"].as_str().unwrap().len() == 10));
    }
    assert_eq!(report["environment"], "prod");
    assert_eq!(report["compared_with"]["shape"], "fargate");
    assert_eq!(report["egress"]["other"], "nat");
    assert!(report["not_priced"][0]["reason"].is_string());
}

#[test]
fn two_environments_stand_side_by_side() {
    let ran = project().run("cost --compare prod");
    let (table, _) = ran.stdout.split_once("\nNot priced").unwrap();
    insta::assert_snapshot!(table, @"
    shop (no environment beside prod)
    prod would cost $89.35 more a month than no environment.

                   NO ENVIRONMENT     PROD  DIFFERENCE
    network                $87.83   $87.83           -
    edge                   $45.25   $45.25           -
    web                    $16.83   $16.83           -
    app                    $32.09   $48.07     +$15.98
    data                   $27.96   $98.77     +$70.81
    secrets                 $1.71    $1.71           -
    observability          $11.37   $13.92      +$2.55
    total                 $223.02  $312.37     +$89.35
    at full size          $241.42  $330.77     +$89.35
    ");
}

#[test]
fn the_other_shape_stands_beside_or_it_is_said_why_not() {
    let folder = project();
    let ran = folder.run("cost --compare shape");
    assert!(ran.stdout.starts_with("shop (ec2 beside fargate)\nfargate would cost $"), "{}", ran.stdout);
    folder.write(
        "terrace.toml",
        &MANIFEST
            .replace("\"ec2\"", "\"fargate\"")
            .replace("run  = \"target/release/shop\"", "image = \"Dockerfile\""),
    );
    insta::assert_snapshot!(folder.shows("cost --compare ec2"), @r#"
    exit code: 2
    ----- stderr
    error: terrace.toml cannot have shape `ec2` as it is
      because: `app.image` alone does not run in shape `ec2`
    help: write `run`, the command that the Dockerfile ends with, or `shape = "fargate"`
    "#);
    insta::assert_snapshot!(folder.shows("cost --compare fargate"), @"
    exit code: 2
    ----- stderr
    error: the manifest's own shape is `fargate`
    help: `--compare shape` is the other one
    ");
    insta::assert_snapshot!(folder.shows("cost --compare staging"), @"
    exit code: 2
    ----- stderr
    error: nothing to compare with is called `staging`
    help: `shape` is the other shape, `ec2` and `fargate` are shapes
    help: environments are `prod`
    ");
}

#[test]
fn a_region_without_prices_is_said_and_another_s_are_taken_when_asked() {
    let folder = project();
    folder.write("terrace.toml", &MANIFEST.replace("us-east-1", "sa-east-1"));
    insta::assert_snapshot!(folder.shows("cost"), @"
    exit code: 1
    ----- stderr
    error: there are no prices for sa-east-1
    help: there are some for us-east-1, us-west-2, eu-west-1, eu-central-1
    help: `--as-if us-east-1` takes the prices of that region
    ");
    let ran = folder.run("cost --as-if us-east-1");
    assert_eq!(ran.code, 0);
    assert!(ran.stdout.contains("THE PRICES ARE THOSE OF us-east-1, NOT OF sa-east-1."), "{}", ran.stdout);
    assert_eq!(folder.run("cost --as-if mars").code, 2);
}

#[test]
fn what_cannot_be_assumed_is_refused() {
    let folder = project();
    for wrong in ["--assume log=5GB", "--assume logs", "--assume api-share=101%", "--requests many"] {
        let ran = folder.run(&format!("cost {wrong}"));
        assert_eq!(ran.code, 2, "{wrong}");
        assert!(ran.stdout.is_empty(), "{wrong}");
    }
    let ran = folder.run("cost --assume log=5GB");
    assert!(ran.stderr.contains("did you mean `logs`?"), "{}", ran.stderr);
}
