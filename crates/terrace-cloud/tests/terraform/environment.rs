//! What Terraform gets of the environment, and that no key gets further.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use terrace_account::Keys;
use terrace_cloud::terraform::{
    Backend, Folder, FolderError, InBucket, Surroundings, Terraform, Text, Wanted,
};

use crate::ground::{Ground, PACE, main_tf, program, real};

const SECRET: &str = "planted-secret-5Kq";
const TOKEN: &str = "planted-token-9Zx";

fn keys() -> Keys {
    Keys::new("AKIAPLANTED", SECRET, Some(TOKEN))
}

/// An environment that somebody may have.
fn inherited() -> Vec<(OsString, OsString)> {
    let own = [("PATH", std::env::var("PATH").unwrap()), ("HOME", "/nobody".to_owned())];
    let meddling = [
        ("TF_CLI_ARGS", "-no-such-flag"),
        ("TF_CLI_ARGS_plan", "-destroy"),
        ("TF_WORKSPACE", "other"),
        ("TF_DATA_DIR", "/nowhere"),
        ("TF_VAR_zones", "9"),
        ("TF_LOG_PATH", "/tmp/everybody-reads-this"),
        ("TF_CLI_CONFIG_FILE", "/no/such/file"),
        ("TF_REATTACH_PROVIDERS", "{}"),
        ("AWS_PROFILE", "someone-else"),
        ("AWS_ROLE_ARN", "arn:aws:iam::1:role/other"),
        ("AWS_ACCESS_KEY_ID", "AKIAOTHER"),
        ("AWS_REGION", "eu-west-9"),
        ("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:1"),
    ];
    let useful = [
        ("TF_TOKEN_registry_example_org", "t"),
        ("HTTPS_PROXY", "http://127.0.0.1:9"),
        ("AWS_CA_BUNDLE", "/ca"),
    ];
    let rest = meddling.into_iter().chain(useful).map(|(name, value)| (name, value.to_owned()));
    own.into_iter().chain(rest).map(|(name, value)| (name.into(), value.into())).collect()
}

#[tokio::test]
async fn terraform_gets_the_accounts_keys_and_nothing_that_steers_it() {
    let ground = Ground::new();
    let seen = ground.path("seen");
    let script = format!("env | sort >'{}'\ncase $command in init) mkdir .terraform;; esac", seen.display());
    let program = program(&ground.fake(&script)).await;
    let folder = ground.work();
    let surroundings = Surroundings::of(inherited())
        .with(&keys(), "us-east-1", None)
        .keeping_providers(&ground.path("providers"));
    assert!(!format!("{surroundings:?}").contains("planted"), "{surroundings:?}");
    let (files, backend, variables) = (main_tf(""), ground.state(), BTreeMap::new());
    let text = Text { files: &files, backend: &backend, variables: &variables };
    let run = Terraform::new(&program, &folder, &text, surroundings).unwrap().at(PACE);
    run.plan(&Wanted::default(), |_| ()).await.unwrap();
    let seen = fs::read_to_string(seen).unwrap().replace(ground.path("").to_str().unwrap(), "/");
    let seen: Vec<&str> = seen
        .lines()
        .filter(|line| ["AWS", "TF", "HTTPS", "CHECK"].iter().any(|begin| line.starts_with(begin)))
        .collect();
    insta::assert_snapshot!(seen.join("\n"), @"
    AWS_ACCESS_KEY_ID=AKIAPLANTED
    AWS_CA_BUNDLE=/ca
    AWS_CONFIG_FILE=/dev/null
    AWS_DEFAULT_REGION=us-east-1
    AWS_EC2_METADATA_DISABLED=true
    AWS_REGION=us-east-1
    AWS_SECRET_ACCESS_KEY=planted-secret-5Kq
    AWS_SESSION_TOKEN=planted-token-9Zx
    AWS_SHARED_CREDENTIALS_FILE=/dev/null
    CHECKPOINT_DISABLE=1
    HTTPS_PROXY=http://127.0.0.1:9
    TF_INPUT=0
    TF_IN_AUTOMATION=1
    TF_PLUGIN_CACHE_DIR=/providers
    TF_TOKEN_registry_example_org=t
    ");
    // Whoever lists processes sees no key.
    assert!(ground.calls().iter().all(|call| !call.contains("planted")), "{:?}", ground.calls());
}

#[tokio::test]
async fn no_key_is_written_anywhere() {
    let Some(program) = real("no key in any file").await else { return };
    let ground = Ground::new();
    let folder = ground.work();
    let surroundings = Surroundings::of(inherited().into_iter().chain([("TF_LOG".into(), "trace".into())]))
        .with(&keys(), "us-east-1", Some("http://127.0.0.1:1"));
    let files = main_tf("resource \"terraform_data\" \"a\" {\n  input = \"one\"\n}\n");
    let (backend, variables) = (ground.state(), BTreeMap::new());
    let text = Text { files: &files, backend: &backend, variables: &variables };
    let run = Terraform::new(&program, &folder, &text, surroundings).unwrap().at(PACE);
    let plan = run.plan(&Wanted::default(), |_| ()).await.unwrap();
    run.apply(plan, |_| ()).await.unwrap();
    let mut found = Vec::new();
    let mut open = vec![ground.path("")];
    let mut names = Vec::new();
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
                continue;
            }
            let text = String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned();
            names.push(path.file_name().unwrap().to_string_lossy().into_owned());
            if text.contains(SECRET) || text.contains(TOKEN) {
                found.push(path);
            }
        }
    }
    assert!(found.is_empty(), "{found:?}");
    // It was looked for where Terraform writes: the state, the plan, the lines, the log.
    for name in ["state.json", "plan.bin", "terraform.jsonl", "terraform.log"] {
        assert!(names.iter().any(|there| there == name), "{name} is not among {names:?}");
    }
    let log = folder.path().join("terraform.log");
    assert!(fs::metadata(&log).unwrap().len() > 0, "the log was asked for");
    assert!(!Path::new("/tmp/everybody-reads-this").exists());
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(folder.path()), mode(&log)), (0o700, 0o600));
}

#[test]
fn a_folder_is_filled_with_what_is_to_be_and_nothing_else() {
    let ground = Ground::new();
    let folder = ground.work();
    let place = InBucket::new("terrace-1-us-east-1", "states/shop/prod/terraform.tfstate", "us-east-1", None)
        .unwrap();
    let backend = Backend::S3(place);
    let files = BTreeMap::from([
        ("terraform.tf".parse().unwrap(), "provider \"aws\" {\n  region = \"eu-west-1\"\n}\nprovider \"aws\" {\n  alias  = \"us_east_1\"\n  region = \"us-east-1\"\n}\n".to_owned()),
        ("app.tf".parse().unwrap(), "# app\n".to_owned()),
    ]);
    let variables = BTreeMap::from([("release".to_owned(), serde_json::json!(7))]);
    let text = Text { files: &files, backend: &backend, variables: &variables };
    let shown = || {
        let all = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path());
        let mut all: Vec<_> = all.filter(|path| path.to_string_lossy().contains(".tf")).collect();
        all.sort();
        let show = |path: &std::path::PathBuf| {
            let mode = fs::metadata(path).unwrap().permissions().mode() & 0o777;
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            format!("{name} {mode:o}\n{}", fs::read_to_string(path).unwrap())
        };
        all.iter().map(show).collect::<Vec<_>>().join("\n")
    };
    fs::write(folder.path().join("web.tf"), "# of another day").unwrap();
    fs::write(folder.path().join("x.auto.tfvars"), "zones = 9").unwrap();
    folder.fill(&text, true).unwrap();
    insta::assert_snapshot!(shown(), @r#"
    app.tf 600
    # app

    terrace_backend.tf.json 600
    {
      "terraform": {
        "backend": {
          "s3": {
            "bucket": "terrace-1-us-east-1",
            "encrypt": true,
            "key": "states/shop/prod/terraform.tfstate",
            "region": "us-east-1",
            "use_lockfile": true
          }
        }
      }
    }

    terrace_emulator_override.tf.json 600
    {
      "provider": {
        "aws": [
          {
            "s3_use_path_style": true,
            "skip_metadata_api_check": true,
            "skip_region_validation": true
          },
          {
            "alias": "us_east_1",
            "s3_use_path_style": true,
            "skip_metadata_api_check": true,
            "skip_region_validation": true
          }
        ]
      }
    }

    terraform.tf 600
    provider "aws" {
      region = "eu-west-1"
    }
    provider "aws" {
      alias  = "us_east_1"
      region = "us-east-1"
    }

    terraform.tfvars.json 600
    {
      "release": 7
    }
    "#);
    // On AWS itself, the emulator's file is gone.
    folder.fill(&text, false).unwrap();
    assert!(!shown().contains("emulator"), "{}", shown());
}

#[test]
fn a_state_in_an_emulators_bucket_is_looked_for_there() {
    let ground = Ground::new();
    let folder = ground.work();
    let place = InBucket::new(
        "terrace-1-us-east-1",
        "s/terraform.tfstate",
        "us-east-1",
        Some("http://127.0.0.1:5000"),
    );
    let backend = Backend::S3(place.unwrap());
    let (files, variables) = (main_tf(""), BTreeMap::new());
    folder.fill(&Text { files: &files, backend: &backend, variables: &variables }, true).unwrap();
    insta::assert_snapshot!(fs::read_to_string(folder.path().join("terrace_backend.tf.json")).unwrap(), @r#"
    {
      "terraform": {
        "backend": {
          "s3": {
            "bucket": "terrace-1-us-east-1",
            "encrypt": true,
            "endpoints": {
              "s3": "http://127.0.0.1:5000",
              "sts": "http://127.0.0.1:5000"
            },
            "key": "s/terraform.tfstate",
            "region": "us-east-1",
            "skip_metadata_api_check": true,
            "skip_region_validation": true,
            "use_lockfile": true,
            "use_path_style": true
          }
        }
      }
    }
    "#);
}

#[test]
fn places_that_cannot_be_are_refused() {
    let of = |bucket: &str, key: &str, region: &str| {
        InBucket::new(bucket, key, region, None).err().map(|why| why.to_string()).unwrap_or_default()
    };
    let all = [
        of("b", "key", "us-east-1"),
        of("Bucket", "key", "us-east-1"),
        of("bucket${x}", "key", "us-east-1"),
        of("bucket", "/key", "us-east-1"),
        of("bucket", "key/", "us-east-1"),
        of("bucket", "a\"b", "us-east-1"),
        of("bucket", "key", ""),
        of("bucket", "key", "us east"),
    ];
    insta::assert_snapshot!(all.join("\n"), @r#"
    a state cannot be kept at `b`: 3 to 63 of a-z, 0-9, `-` and `.` name a bucket
    a state cannot be kept at `Bucket`: 3 to 63 of a-z, 0-9, `-` and `.` name a bucket
    a state cannot be kept at `bucket${x}`: 3 to 63 of a-z, 0-9, `-` and `.` name a bucket
    a state cannot be kept at `/key`: letters, digits, `.`, `_`, `-` and `/` within make a key
    a state cannot be kept at `key/`: letters, digits, `.`, `_`, `-` and `/` within make a key
    a state cannot be kept at `a"b`: letters, digits, `.`, `_`, `-` and `/` within make a key
    a state cannot be kept at ``: a region is named like us-east-1
    a state cannot be kept at `us east`: a region is named like us-east-1
    "#);
}

#[test]
fn a_folder_of_somebody_elses_is_left_alone() {
    let ground = Ground::new();
    let own = ground.path("own");
    fs::create_dir(&own).unwrap();
    fs::write(own.join("main.tf"), "# mine").unwrap();
    assert!(matches!(Folder::open(&own).unwrap_err(), FolderError::NotOurs(_)));
    assert_eq!(fs::read_dir(&own).unwrap().count(), 1);
    // One of ours is ours again, and closed to others even if somebody opened it.
    drop(ground.work());
    fs::set_permissions(ground.path("work"), fs::Permissions::from_mode(0o755)).unwrap();
    let folder = ground.work();
    assert_eq!(fs::metadata(folder.path()).unwrap().permissions().mode() & 0o777, 0o700);
    assert!(matches!(Folder::open(folder.path()).unwrap_err(), FolderError::Busy { .. }));
}
