//! Images of Dockerfiles.

use super::*;
use crate::machine::Tools;
use crate::product::builder::Builder;

const APP: &str = "image = \"Dockerfile\"";
const DOCKERFILE: &str = "FROM scratch\nCOPY api /bin/api\nENV COLOUR=blue\nWORKDIR /srv\nENTRYPOINT [\"/bin/api\"]\nCMD [\"--quiet\"]\n";

/// podman that keeps everything in one folder and asks for no rights that this machine may not give.
fn podman(ground: &Ground) -> Option<String> {
    if Command::new("podman").arg("--version").output().is_err() {
        skipped("there is no `podman`");
        return None;
    }
    let store = ground.path("store").display().to_string();
    let wrapper = ground.program(
        "tools/podman",
        &format!(
            "#!/bin/sh\nexport BUILDAH_ISOLATION=chroot\nexec podman --root {store}/root --runroot {store}/run --tmpdir {store}/tmp \
             --storage-driver vfs --cgroup-manager=cgroupfs --events-backend=none \"$@\"\n"
        ),
    );
    let answers = Command::new(&wrapper).arg("info").output().unwrap();
    if !answers.status.success() {
        skipped(&format!("podman does not work here: {}", String::from_utf8_lossy(&answers.stderr)));
        return None;
    }
    Some(wrapper.display().to_string())
}

/// A stand-in for docker: it answers as the real one and saves this image.
fn docker(ground: &Ground, image: &Image) -> String {
    let index = terrace_image::Index::new(vec![image.clone()]).unwrap();
    for (name, bytes) in terrace_image::layout("latest", &index).unwrap() {
        let file = ground.path("saved").join(name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, bytes).unwrap();
    }
    let script = format!(
        "#!/bin/sh\ncase $1 in\nversion) echo 27.0 ;;\nbuild)\n  echo \"$@\" >> {log}\n  while [ $1 != --iidfile ]; do shift; done\n  \
         echo sha256:abc > $2 ;;\nsave) tar -cf $3 -C {saved} . ;;\nesac\n",
        log = ground.path("log").display(),
        saved = ground.path("saved").display()
    );
    ground.program("tools/docker", &script).display().to_string()
}

fn with(ground: Ground, builder: &str) -> Ground {
    let flags = BuildFlags::of(Some(ground.path("parts")), Some(ground.path("rds-ca.pem")), Some(builder));
    Ground { flags, ..ground }
}

fn base() -> Image {
    let program = terrace_image::Executable::new(static_program(), processor().1).unwrap();
    Recipe::new(terrace_image::ImagePath::new("/bin/api").unwrap(), program)
        .arguments(["--quiet"])
        .variable("COLOUR", "blue")
        .unwrap()
        .image()
        .unwrap()
}

#[tokio::test]
async fn podman_builds_one_and_terrace_boot_starts_it() {
    let ground = Ground::new("fargate", APP, &[("api/Dockerfile", DOCKERFILE)]);
    let Some(podman) = podman(&ground) else { return };
    std::fs::write(ground.path("api/api"), static_program()).unwrap();
    let ground = with(ground, &podman);
    let first = ground.image().await;
    let config = config(&first);
    assert_eq!(
        config["config"]["Entrypoint"],
        serde_json::json!(["/usr/local/bin/terrace-boot", "--watch", "--"])
    );
    assert_eq!(config["config"]["Cmd"], serde_json::json!(["/bin/api", "--quiet"]));
    assert_eq!(config["config"]["WorkingDir"], "/srv");
    assert!(config["config"]["Env"].as_array().unwrap().contains(&"COLOUR=blue".into()));
    assert_eq!(config["architecture"], processor().1.as_str());
    // Its builder keeps what has not changed, and so does the digest.
    assert_eq!(ground.image().await.manifest().digest(), first.manifest().digest());
    ground.write("api/Dockerfile", "FROM scratch\nCOPY nothing /\n");
    let said = ground.failure().await;
    assert!(said.contains("error: `app` could not be built") && said.contains("it said:"), "{said}");
}

#[tokio::test]
async fn docker_builds_for_the_systems_processor() {
    let ground = Ground::new("fargate", APP, &[("api/Dockerfile", DOCKERFILE)]);
    let docker = docker(&ground, &base());
    let ground = with(ground, &docker);
    let image = ground.image().await;
    assert_eq!(config(&image)["config"]["Cmd"], serde_json::json!(["/bin/api", "--quiet"]));
    assert!(image.layers().len() > base().layers().len());
    let asked = std::fs::read_to_string(ground.path("log")).unwrap();
    assert!(asked.starts_with(&format!("build --platform linux/{} --file ", processor().1)), "{asked}");
}

#[tokio::test]
async fn an_image_that_starts_with_terrace_boot_stays_as_it_is() {
    let start = terrace_image::Start {
        entrypoint: vec!["/usr/local/bin/terrace-boot".to_owned(), "--".to_owned()],
        arguments: vec!["/bin/api".to_owned()],
    };
    let boot = Tree::default()
        .with(terrace_image::ImagePath::new("/usr/local/bin/terrace-boot").unwrap(), Node::program("own"))
        .unwrap();
    let own = base().over("own", &boot, &start).unwrap();
    let ground = Ground::new("fargate", APP, &[("api/Dockerfile", DOCKERFILE)]);
    let docker = docker(&ground, &own);
    let ground = with(ground, &docker);
    assert_eq!(ground.image().await.manifest(), own.manifest());
}

#[tokio::test]
async fn a_dockerfile_beside_an_app_that_needs_one_is_taken() {
    let ground = Ground::new(
        "fargate",
        "run = \"node server.js\"",
        &[("api/Dockerfile", DOCKERFILE), ("api/package.json", "{}")],
    );
    let docker = docker(&ground, &base());
    let ground = with(ground, &docker);
    let manifest = std::fs::read_to_string(ground.path("terrace.toml")).unwrap();
    ground.write("terrace.toml", &(manifest + "migrate = \"npx prisma migrate deploy && echo done\"\n"));
    let product = ground.build().await.unwrap_or_else(|failure| panic!("{}", words(&failure)));
    assert_eq!(product.migrate.unwrap(), ["/bin/sh", "-c", "npx prisma migrate deploy && echo done"]);
}

#[tokio::test]
async fn what_stands_in_the_way_of_a_dockerfile_is_said() {
    let mut all = String::new();
    let ground = Ground::new("fargate", APP, &[("api/x", "")]);
    all.push_str(&ground.failure().await);
    let ground = Ground::new("fargate", APP, &[("api/Dockerfile", DOCKERFILE), ("api/.terrace/x", "")]);
    all.push_str(&ground.failure().await);
    let silent =
        ground.program("tools/docker", "#!/bin/sh\necho 'Cannot connect to the Docker daemon' >&2\nexit 1\n");
    ground.write("api/.dockerignore", "target\n.terrace/\n");
    let ground = with(ground, &silent.display().to_string());
    all.push_str(&ground.failure().await);
    let ground = with(ground, "kaniko");
    all.push_str(&ground.failure().await);
    all.push_str(&words(&Builder::find(None, &Tools::none()).await.unwrap_err()));
    all.push_str(&words(&Builder::find(Some("buildah"), &Tools::none()).await.unwrap_err()));
    insta::assert_snapshot!(all, @r#"
    error: there is no api/Dockerfile
    help: `image` of `[app]` names the Dockerfile, from `root`
    error: `.terrace` lies in the folder that the Dockerfile is built from, and its builder would be sent it
      because: it holds this machine's databases and secrets, and `COPY . .` would put them into the image
    help: `echo .terrace >> api/.dockerignore`, then type the same again
    error: a Dockerfile is to be built, and nothing that could do it works
      because: `docker` is there and does not work: Cannot connect to the Docker daemon
    help: start it: Docker's daemon with `systemctl start docker` or Docker Desktop, podman on macOS with `podman machine start`
    error: `kaniko` builds no Dockerfiles
    help: `docker`, `podman` or `buildah` do
    error: a Dockerfile is to be built, and this machine has no docker, podman or buildah
    help: install one: `apt install podman` or `dnf install podman` on Linux, Docker Desktop or `brew install podman` on macOS
    error: a Dockerfile is to be built, and this machine has no buildah
    help: install one: `apt install podman` or `dnf install podman` on Linux, Docker Desktop or `brew install podman` on macOS
    "#);
}

#[tokio::test]
async fn an_image_that_starts_nothing_is_refused() {
    let nothing = base().over("nothing", &Tree::default(), &terrace_image::Start::default()).unwrap();
    let ground = Ground::new("fargate", APP, &[("api/Dockerfile", DOCKERFILE)]);
    let docker = docker(&ground, &nothing);
    let ground = with(ground, &docker);
    insta::assert_snapshot!(ground.failure().await, @r#"
    error: the Dockerfile's image starts nothing
    help: end the Dockerfile with what it starts: `CMD ["node", "server.js"]`
    "#);
}
