//! Images on their way to the registry that Debian has.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};

use terrace_registry::{Credentials, Endpoint};

use super::*;
use crate::product::push;

struct Debian {
    address: String,
    child: Child,
    _folder: tempfile::TempDir,
}

impl Debian {
    fn start() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("config.yml");
        let data = folder.path().join("data");
        let config = format!(
            "version: 0.1\nlog: {{level: info}}\nstorage: {{filesystem: {{rootdirectory: {}}}}}\nhttp: {{addr: '127.0.0.1:0'}}\n",
            data.display()
        );
        std::fs::write(&file, config).unwrap();
        let mut command = Command::new("docker-registry");
        command.arg("serve").arg(&file).stdout(Stdio::null()).stderr(Stdio::piped());
        let Ok(mut child) = command.spawn() else {
            skipped("Debian's docker-registry is not installed");
            return None;
        };
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let address = lines
            .by_ref()
            .map_while(Result::ok)
            .find_map(|line| line.split_once("listening on ").map(|(_, rest)| rest.to_owned()))
            .and_then(|rest| rest.split(['"', ' ', ',']).next().map(str::to_owned))
            .unwrap();
        // It stops when nobody reads what it has to say.
        std::thread::spawn(move || lines.for_each(drop));
        Some(Self { address, child, _folder: folder })
    }
}

impl Drop for Debian {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn what_the_registry_lacks_is_sent_and_told_and_nothing_the_second_time() {
    let Some(debian) = Debian::start() else { return };
    let program = terrace_image::Executable::new(static_program(), processor().1).unwrap();
    let image = Recipe::new(terrace_image::ImagePath::new("/bin/api").unwrap(), program).image().unwrap();
    let size: u64 = image.blobs().map(terrace_image::Blob::size).sum();
    let mut digests = Vec::new();
    for wanted in [size, 0] {
        let events = Mutex::new(Vec::new());
        let endpoint = Endpoint::new(&debian.address).unwrap();
        let told = |event| events.lock().unwrap().push(event);
        let pushed = push::to(endpoint, Credentials::Anonymous, "shop-app", &image, &told).await;
        let digest = pushed.unwrap_or_else(|failure| panic!("{}", words(&failure)));
        assert_eq!(digest.to_string(), image.manifest().digest().to_string());
        let events = events.into_inner().unwrap();
        let last =
            Event::Pushed { repository: "shop-app".to_owned(), digest: digest.to_string(), sent: wanted };
        assert_eq!(events.last(), Some(&last));
        let most = events.iter().filter_map(|event| match event {
            Event::Pushing { sent, size: of, .. } => {
                assert_eq!(*of, size);
                Some(*sent)
            }
            _ => None,
        });
        assert_eq!(most.max().unwrap_or_default(), wanted);
        digests.push(digest);
    }
    assert_eq!(digests.first(), digests.last());
}

#[tokio::test]
async fn a_repository_that_is_none_is_said() {
    let program = terrace_image::Executable::new(static_program(), processor().1).unwrap();
    let image = Recipe::new(terrace_image::ImagePath::new("/bin/api").unwrap(), program).image().unwrap();
    let endpoint = Endpoint::new("127.0.0.1:9").unwrap();
    let pushed = push::to(endpoint, Credentials::Anonymous, "Shop App", &image, &drop).await;
    insta::assert_snapshot!(words(&pushed.unwrap_err()), @r#"
    error: the image could not be brought to Shop App
      because: `Shop App` is no repository: expected small letters, digits and single `.`, `_`, `-` or `/` between them, such as `shop/items-api`
    help: type the same again; only what is missing is sent
    "#);
}
