//! A client that sends bytes as they are and reads responses strictly.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};

use super::PATIENCE;

/// Anything that bytes go through both ways.
pub(crate) trait Stream: Read + Write + Send {}

impl<S: Read + Write + Send> Stream for S {}

/// A connection to an edge.
pub(crate) struct Connection {
    stream: Box<dyn Stream>,
    read: Vec<u8>,
}

/// A response as it came.
#[derive(Clone, Debug, Default)]
pub(crate) struct Response {
    pub(crate) status: u16,
    /// By lower-case name; several fields of a name are joined by `, `.
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
}

impl Response {
    /// The body as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// A field, or nothing.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }
}

impl Connection {
    /// Connects.
    pub(crate) fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect_timeout(&address, PATIENCE).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        Self::over(stream)
    }

    /// Speaks over a stream that is already connected.
    pub(crate) fn over(stream: impl Stream + 'static) -> Self {
        Self { stream: Box::new(stream), read: Vec::new() }
    }

    /// Sends bytes. That the other end has closed already is for the reader to find out.
    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) {
        let _ = self.stream.write_all(bytes.as_ref()).and_then(|()| self.stream.flush());
    }

    /// Sends a request and reads its response.
    pub(crate) fn ask(&mut self, request: &str) -> Response {
        self.send(request);
        self.response(request.starts_with("HEAD ")).unwrap()
    }

    /// `GET` of a path.
    pub(crate) fn get(&mut self, path: &str) -> Response {
        self.ask(&format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n"))
    }

    fn more(&mut self) -> io::Result<()> {
        let mut part = [0_u8; 64 * 1024];
        let length = self.stream.read(&mut part)?;
        if length == 0 {
            return Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                format!("closed after {:?}", String::from_utf8_lossy(&self.read)),
            ));
        }
        self.read.extend_from_slice(&part[..length]);
        Ok(())
    }

    fn take(&mut self, length: usize) -> io::Result<Vec<u8>> {
        while self.read.len() < length {
            self.more()?;
        }
        Ok(self.read.drain(..length).collect())
    }

    fn line(&mut self) -> io::Result<String> {
        loop {
            if let Some(at) = self.read.windows(2).position(|pair| pair == b"\r\n") {
                let line = self.take(at + 2)?;
                return Ok(String::from_utf8(line[..at].to_vec()).unwrap());
            }
            self.more()?;
        }
    }

    /// Reads a response; `headless` when the request was `HEAD`.
    pub(crate) fn response(&mut self, headless: bool) -> io::Result<Response> {
        let start = self.line()?;
        assert!(start.starts_with("HTTP/1."), "no response: {start:?}");
        let status = start.split(' ').nth(1).unwrap().parse().unwrap();
        let mut response = Response { status, ..Response::default() };
        loop {
            let line = self.line()?;
            if line.is_empty() {
                break;
            }
            let (name, value) = line.split_once(':').unwrap();
            response
                .headers
                .entry(name.to_ascii_lowercase())
                .and_modify(|all| *all = format!("{all}, {}", value.trim()))
                .or_insert_with(|| value.trim().to_owned());
        }
        if headless || status < 200 || status == 204 || status == 304 {
            return Ok(response);
        }
        if response.header("transfer-encoding") == "chunked" {
            loop {
                let size = usize::from_str_radix(&self.line()?, 16).unwrap();
                let mut chunk = self.take(size + 2)?;
                chunk.truncate(size);
                response.body.extend(chunk);
                if size == 0 {
                    return Ok(response);
                }
            }
        }
        let length = response.header("content-length").parse().unwrap();
        response.body = self.take(length)?;
        Ok(response)
    }

    /// Whether the head of a response is there.
    pub(crate) fn has_begun(&mut self) -> bool {
        self.more().unwrap();
        self.read.windows(4).any(|end| end == b"\r\n\r\n")
    }

    /// Whether the other end closes without a further byte.
    pub(crate) fn is_closed(&mut self) -> bool {
        let mut part = [0_u8; 16];
        match self.stream.read(&mut part) {
            Ok(length) => length == 0 && self.read.is_empty(),
            Err(error) => error.kind() == io::ErrorKind::ConnectionReset,
        }
    }

    /// Everything until the other end closes.
    pub(crate) fn rest(&mut self) -> Vec<u8> {
        while self.more().is_ok() {}
        std::mem::take(&mut self.read)
    }
}
