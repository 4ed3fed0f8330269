//! An AWS on loopback: each call is read as a service and an action, and answered by whoever plays it.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use terrace_account::{Account, Keys, Patience};

/// A call as IAM calls it, where it was signed for, and its body.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) call: String,
    pub(crate) region: String,
    pub(crate) body: String,
    /// Method, path and query.
    pub(crate) line: String,
}

/// Status, date in HTTP's form (empty for none), body.
pub(crate) type Answer = (u16, String, String);

/// Answers until it is let go.
pub(crate) struct Server {
    listener: Arc<TcpListener>,
}

impl Server {
    pub(crate) fn start(mut play: impl FnMut(&Asked) -> Answer + Send + 'static) -> Self {
        let listener = Arc::new(TcpListener::bind("127.0.0.1:0").unwrap());
        let heard = listener.clone();
        std::thread::spawn(move || {
            for mut stream in heard.incoming().map_while(Result::ok) {
                let Some(asked) = read(&stream) else { return };
                let (status, date, body) = play(&asked);
                let date = if date.is_empty() { date } else { format!("date: {date}\r\n") };
                let head = format!("HTTP/1.1 {status} Told\r\n{date}content-length: {}\r\n", body.len());
                drop(stream.write_all(format!("{head}connection: close\r\n\r\n{body}").as_bytes()));
            }
        });
        Self { listener }
    }

    pub(crate) fn account(&self) -> Account {
        let address = format!("http://{}", self.listener.local_addr().unwrap());
        let patience = Patience { pause: Duration::from_millis(1), ..Patience::default() };
        Account::given("eu-west-1", &address, Keys::new("AKIDEXAMPLE", "very-secret", None)).with(patience)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A connection without a request ends the thread, and its listener with it.
        drop(TcpStream::connect(self.listener.local_addr().unwrap()));
    }
}

/// A request; none if there is none.
fn read(stream: &TcpStream) -> Option<Asked> {
    let mut reader = BufReader::new(stream);
    let (mut scope, mut action, mut length, mut first) = (Vec::new(), None, 0, None);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let line = line.trim_end().to_owned();
        if line.is_empty() {
            break;
        }
        first.get_or_insert_with(|| line.clone());
        let (name, value) = line.split_once(": ").unwrap_or((line.as_str(), ""));
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse().unwrap(),
            "x-amz-target" => action = value.rsplit('.').next().map(str::to_owned),
            // `Credential=AKID/20261121/eu-west-1/ecs/aws4_request`
            "authorization" => scope = value.split('/').map(str::to_owned).collect(),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let body = String::from_utf8(body).unwrap();
    let action = action.or_else(|| Some(body.split_once("Action=")?.1.split('&').next()?.to_owned()));
    let of = |at: usize| scope.get(at).cloned().unwrap_or_default();
    Some(Asked {
        call: format!("{}:{}", of(3), action.unwrap_or_default()),
        region: of(2),
        body,
        line: first.unwrap_or_default(),
    })
}
